"""Judging as the Bench offers it: rows in, merged grades, bounds, agreement and audit out; no model is touched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from app.judge.judged import Judged, Standing
from app.stored import Stored
from data import queries, storage
from data.progress import Progress, silent
from data.queries import QuerySet
from eval.contracts import ModelSpec
from eval.judging import agreement, arriving, audit, bounds, candidates, files, gaps, merging, pooling, reading, wanted
from eval.judging.agreement import Agreement
from eval.judging.arriving import Taken
from eval.judging.audit import Audit
from eval.judging.log import JudgmentLog
from eval.judging.merging import Pair
from eval.judging.pooling import Pool, Ranked
from eval.judging.rows import HUMAN, IMPORTED, Judgment, wording
from eval.judging.wanted import Wanted

DEPTH = 100  # how much of a ranking is kept at hand: pools and cuts are never deeper
REMEMBERED = 64  # rankings


class Judging(Stored):
    """The use cases of judgments; part of `app.bench.Bench`."""

    @cached_property
    def judgments(self) -> JudgmentLog:
        """The log of judgments, in the same database as the runs."""
        return JudgmentLog(self.home)

    @cached_property
    def _ranked(self) -> OrderedDict[str, Ranked]:
        return OrderedDict()

    def judge(self, given: Sequence[Judgment]) -> int:
        """Write judgments, all or none; returns how many were new. Those of a known event are there already.

        Where a judgment does not say for which words it was made, it is for the query's words as they are now.
        """
        texts = {name: self._texts(name) for name in {one.query_set for one in given if not one.wording}}
        meant = [one.wording or texts[one.query_set].get(one.query, "") for one in given]
        return self.judgments.append([replace(one, wording=to) for one, to in zip(given, meant, strict=True)])

    def _texts(self, query_set: str) -> dict[str, str]:
        """Query id → what a row keeps of its words; nothing for a query set that is not here."""
        try:
            return {query.id: wording(query.text) for query in self.query_set(query_set).queries}
        except LookupError:
            return {}

    def judged(self, query_set: str, rule: str = "majority") -> Judged:
        """What has been said about the query set, what came with it included."""
        asked = self.query_set(query_set)
        self.judgments.begin(asked, queries.since(self.home, query_set))
        rows = self.judgments.rows(query_set)
        return Judged(asked, rows[-1].sequence if rows else 0, merging.opinions(rows), rule)

    def withdraw(self, query_set: str, rater: str) -> Judgment | None:
        """Take back the rater's newest judgment that stands; returns it, None when there is none."""
        mine = [row for of_pair in self.judged(query_set).opinions.values() for row in of_pair.values()
                if row.rater == rater and row.source == HUMAN]  # fmt: skip
        if not mine:
            return None
        last = max(mine, key=lambda row: row.sequence)
        self.judge([Judgment(query_set, *last.pair, kind="withdrawn", rater=rater)])
        return last

    def ranked(self, runs: Sequence[str]) -> list[Ranked]:
        """The first `DEPTH` places of those runs; LookupError for an id that is not stored."""
        for run in runs:
            if run not in self._ranked:
                self._ranked[run] = Ranked.of(self.store.get(run), DEPTH)
                while len(self._ranked) > REMEMBERED:
                    self._ranked.popitem(last=False)
        return [self._ranked[run] for run in runs if run in self._ranked]

    def pool(self, query_set: str, runs: Sequence[str], depth: int, described: bool = False) -> Pool:
        """The first `depth` items of every query of the runs, and with `described` the candidates by description."""
        asked = self.query_set(query_set)
        ranked = [*self.ranked(runs), *(candidates.kept(self.home, asked) if described else [])]
        known = {query.id for query in asked.queries}
        return {pair: seen for pair, seen in pooling.pool(ranked, depth).items() if pair[0] in known}

    def standing(self, judged: Judged, runs: Sequence[str], k: int, metric: str = "P") -> Standing:
        """The runs' bounds on `metric`@k, gaps on P@k and the queue of labels, over queries with a relevant item.

        Queries that may get their first one by a missing label are in the bounds and in the queue.
        """
        ranked, labels = self.ranked(runs), judged.labels
        every = _asked(judged.query_set, ranked)
        asked, more = bounds.counted(labels, every), bounds.possible(ranked, labels, k, every)
        each = [bounds.bounds(one, labels, f"{metric}@{k}", asked, more) for one in ranked]
        return Standing(
            k,
            tuple(asked),
            tuple(more),
            tuple(sorted(each, key=lambda one: (-one.reported, -one.optimistic, one.model, one.run))),
            tuple(gaps.gaps(ranked, labels, k, asked, more)),
            tuple(wanted.queue(ranked, labels, k, asked, more=more)),
        )

    def waiting(
        self, judged: Judged, pool: Pool, rater: str, wanted: str = "unjudged", weighty: Sequence[Wanted] = ()
    ) -> list[Pair]:
        """What the rater is shown next: own order, model names unknown; those in `weighty` first, heaviest on top."""
        weights = {(one.query, one.item): one.weight for one in weighty}
        left = pooling.waiting(pool, judged.opinions, rater, wanted, judged.wordings)
        return pooling.shuffled(left, rater, weights)

    def agreement(self, query_set: str, imported: bool = False) -> Agreement:
        """How the raters of a query set agree."""
        return agreement.agreement(self.judged(query_set).opinions, imported)

    def audit(self, judged: Judged, runs: Sequence[str], k: int) -> Audit:
        """Where the judgments came from and whom of these runs that favours."""
        ranked = self.ranked(runs)
        return audit.audit(judged.opinions, ranked, k, _asked(judged.query_set, ranked), judged.rule)

    def adopt(self, query_set: str, rule: str = "majority") -> QuerySet:
        """Merge everything judged into a new version of the query set and make it the current one.

        Runs keep the judgments they were made with. ValueError when nothing has been graded.
        """
        self.judged(query_set)
        merged = merging.version(self.query_set(query_set), self.judgments.rows(query_set), rule)
        queries.save(self.home, merged)
        return merged

    def propose(
        self, query_set: str, by: str = "bm25", depth: int = candidates.DEPTH, progress: Progress = silent
    ) -> Ranked:
        """Find candidates by description and keep them for the pool: by "bm25" or "sbert:<folder in models/>".

        Unavailable when the package or the weights of a sentence model are missing.
        """
        asked = self.query_set(query_set)
        there = self.catalogue(asked.catalogue)
        spec = ModelSpec.parse(by)
        if spec.family == candidates.SENTENCES:
            found = candidates.by_sentences(spec.checkpoint, self.home, there, asked, depth, progress)
        elif spec.family == "bm25":
            found = candidates.lexical(self._shelf.searcher(by, there, progress=progress), asked, depth)
        else:
            raise LookupError(f"Candidates are found by bm25 or {candidates.SENTENCES}:<model>; {by!r} came")
        candidates.keep(self.home, asked, found)
        return found

    def export_judgments(self, query_set: str, form: str, rule: str = "majority", raw: bool = False) -> str:
        """Judgments as text: "trec" (merged by the rule), "csv" or "json" (every row); LookupError for another form."""
        judged, rows = self.judged(query_set, rule), self.judgments.rows(query_set)
        if form == "trec":
            return files.trec(judged.labels)
        if form == "csv":
            return files.csv(rows, judged.query_set, raw)
        if form == "json":
            return files.to_json(rows, judged.query_set, self.judgments.guidelines(query_set))
        raise LookupError(f"There is no form {form!r}; there are {', '.join(files.FORMS)}")

    def import_judgments(
        self, path: Path, query_set: str, rater: str = "", source: str = IMPORTED, saw: Sequence[str] = ()
    ) -> Taken:
        """Append the judgments of a file (see `eval.judging.reading.read`) that are not here; says what became of them.

        Its guidelines are taken where nobody has written any here.
        """
        judged = self.judged(query_set)
        if rater and source == IMPORTED:
            source = HUMAN
        given = reading.read(Path(path), judged.query_set, rater, source, saw)
        there = self.judgments.of_events(arriving.derived(given))
        new, known = arriving.taken(given, judged.opinions, there)
        self.judgments.append(new)
        return Taken(len(new), known, self._guided(query_set, reading.guidelines(path), rater))

    def _guided(self, query_set: str, words: str, rater: str) -> str:
        here = self.judgments.guidelines(query_set)
        if not words.strip() or words == here:
            return ""
        if here:
            return "kept"
        self.judgments.guide(query_set, words, rater)
        return "taken"

    def write_judgments(self, query_set: str, path: Path, form: str, rule: str = "majority", raw: bool = False) -> None:
        """`export_judgments` into a file, in one step."""
        storage.write_text(Path(path), self.export_judgments(query_set, form, rule, raw))


def _asked(query_set: QuerySet, ranked: Sequence[Ranked]) -> list[str]:
    """The queries that count; of pictures those that every ranking answered: filters leave others out."""
    every = [query.id for query in query_set.queries]
    return [q for q in every if all(q in one.items for one in ranked)] if query_set.of_pictures else every
