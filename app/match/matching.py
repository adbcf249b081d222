"""Matching as the Bench offers it: two shops or two catalogues; counts are kept, labels are logged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data import cleaning
from data.errors import Unavailable
from data.progress import Progress, silent
from eval import vector_files
from eval.contracts import ModelSpec
from eval.judging.log import JudgmentLog
from eval.judging.rows import Judgment, Seen
from eval.matching import blocks, kept, labels, pairs
from eval.matching.pairs import Pairs
from eval.tasks import matching
from eval.tasks.matching import Side

if TYPE_CHECKING:
    from eval.tasks.matching import Matches

KEYS = ("sku", "design", "article", "ean", "gtin", "barcode")  # columns that mean one article, where nobody names one
COLUMNS = ("left", "left_title", "right", "right_title", "cosine", "match", "said_by")


class Matching(Stored):
    """The use cases of matching; part of `app.bench.Bench`."""

    @cached_property
    def _said(self) -> JudgmentLog:
        """The log of judgments, in the same database as the runs."""
        return JudgmentLog(self.home)

    def side(self, catalogue: str, source: str = "", key: str | None = None, exclude: Sequence[str] = ()) -> Side:
        """A side of a matching without the groups `exclude`; `key` None takes the first column of `KEYS`, "" none.

        LookupError for a catalogue or column that is not here, ValueError for a shop that is not.
        """
        chosen = self.catalogue(catalogue)
        found = next((name for name in KEYS if name in chosen.table.columns), "") if key is None else key
        side = Side(chosen, source, found, self.excluded(catalogue, exclude))
        if not len(side.rows):
            raise ValueError(f"Catalogue {catalogue} is empty, so there is nothing to match")
        return side

    def match(
        self, spec: str, left: Side, right: Side, seed: int = 0, keep: int = blocks.KEPT, progress: Progress = silent
    ) -> Matches:
        """Match two sides with a model; what was matched before on the same content is read again.

        LookupError for a model without vectors, else as `eval.tasks.matching.evaluate`; may raise Cancelled. The
        labels that people gave are in it.
        """
        from eval import vectors

        matching.overlap(left, right)
        encoder = self._shelf.encoder(str(ModelSpec.parse(spec)))
        seen = [vectors.vectors(side.catalogue, encoder, self.home, progress) for side in (left, right)]
        key = matching.key(left, right, (seen[0], seen[1]), seed, keep)
        found = kept.load(self.home, key)
        if found is None:
            found = matching.evaluate(left, right, (seen[0], seen[1]), spec, seed, keep, progress)
            kept.save(self.home, key, found)
        return self.labelled(found, left, right)

    def match_all(
        self, specs: Sequence[str], left: Side, right: Side, seed: int = 0, progress: Progress = silent
    ) -> dict[str, Any]:
        """Match with each model; `{"made": [spec …], "failed": {spec: why}}`. ValueError when none could be."""
        matching.overlap(left, right)
        made: list[str] = []
        failed: dict[str, str] = {}
        for spec in specs:
            try:
                self.match(spec, left, right, seed, progress=progress)
                made.append(spec)
            except (Unavailable, LookupError, ValueError) as problem:
                failed[spec] = str(problem)
        if failed and not made:
            raise ValueError("; ".join(f"{spec}: {why}" for spec, why in failed.items()))
        return {"made": made, "failed": failed}

    def matched(self, left: Side, right: Side, seed: int = 0) -> dict[str, Matches]:
        """Spec → the newest matching kept of these sides as they are now, labels included; touches no model."""
        newest: dict[str, Matches] = {}
        for place in kept.every(self.home):
            changed = place.stat().st_mtime_ns
            said = _about(place, changed)
            fits = said["sides"] == [left.record(), right.record()] and said["settings"].get("seed") == seed
            if fits and said["spec"] not in newest and (found := _opened(self.home, place, changed)):
                newest[found.spec] = found
        return {spec: self.labelled(found, left, right) for spec, found in newest.items()}

    def shops_matched(self, catalogue: str) -> tuple[str, str] | None:
        """The two shops of that catalogue that were matched last; None when there were none."""
        for place in kept.every(self.home):
            sides = _about(place, place.stat().st_mtime_ns)["sides"]
            left, right = (side["source"] for side in sides)
            if left and right and left != right and all(side["catalogue"] == catalogue for side in sides):
                return left, right
        return None

    def labelled(self, matches: Matches, left: Side, right: Side) -> Matches:
        """The matching with what people have said of its pairs by now."""
        said = self._said.rows(labels.name(left.record(), right.record()))
        if not said:
            return matches.labelled({})
        rows = labels.rows(said, left.record(), right.record(), left.ids, right.ids)
        lacking = matches.counted.lacking(list(rows))
        return matches.labelled(rows, self._cosines(matches, left, right, lacking) if lacking else {})

    def _cosines(
        self, matches: Matches, left: Side, right: Side, pairs_: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], float]:
        """Cosines of these pairs of rows from the vectors the matching was made of; none where these are gone."""
        keys = (matches.fingerprints["left"], matches.fingerprints["right"])
        found = [vector_files.matrix(self.home, key, len(side.catalogue))
                 for key, side in zip(keys, (left, right), strict=True)]  # fmt: skip
        if found[0] is None or found[1] is None:
            return {}
        rows = left.rows, right.rows
        return {(i, j): float(found[0][rows[0][i]] @ found[1][rows[1][j]]) for i, j in pairs_}

    def label_pair(
        self, left: Side, right: Side, pair: tuple[str, str], match: bool | None, rater: str, spec: str = "",
        withdrawn: bool = False,
    ) -> None:  # fmt: skip
        """Write what a rater says of a pair of items: a match, none, or None for «cannot tell»; safe when it returns.

        `withdrawn` takes the rater's word back. LookupError for items that are not of these sides, ValueError without
        a name.
        """
        for side, item in zip((left, right), pair, strict=True):
            side.catalogue.row(item)
        sides = left.record(), right.record()
        kind = "withdrawn" if withdrawn else "unsure" if match is None else "grade"
        grade = (labels.MATCH if match else labels.OTHER) if kind == "grade" else None
        saw = (Seen(spec),) if spec else ()
        self._said.append([Judgment(labels.name(*sides), *labels.ordered(*sides, pair), grade, kind, rater, saw=saw)])

    def said_of_pairs(self, left: Side, right: Side) -> list[Judgment]:
        """Every judgment of pairs of these sides, in the order of writing."""
        return list(self._said.rows(labels.name(left.record(), right.record())))

    def match_rows(self, matches: Matches, left: Side, right: Side, threshold: float, rule: str) -> list[list[Any]]:
        """The pairs that reach the threshold as rows under `COLUMNS`, nearest first; ValueError as `pairs.reaching`."""
        shown = pairs.reaching(matches.counted, threshold, rule)
        return table(shown, matches, left, right)

    def export_matches(
        self, path: Path, matches: Matches, left: Side, right: Side, threshold: float, rule: str, raw: bool = False
    ) -> int:
        """Write those pairs as CSV, guarded against formulas unless `raw`; returns how many there are."""
        rows = self.match_rows(matches, left, right, threshold, rule)
        cleaning.write_csv(path, COLUMNS, rows, raw)
        return len(rows)


def table(shown: Pairs, matches: Matches, left: Side, right: Side) -> list[list[Any]]:
    """Pairs as rows under `COLUMNS`: match is yes, no or nothing; said_by names the column, or people."""
    ids = left.ids, right.ids
    titles = [
        dict(zip(side.catalogue.table["id"], side.catalogue.table["title"], strict=True)) for side in (left, right)
    ]
    column = " = ".join(dict.fromkeys((left.key, right.key)))
    rows = []
    for i, j, cosine, known, match in zip(*_lists(shown), strict=True):
        one, other = ids[0][i], ids[1][j]
        by = "people" if (i, j) in matches.counted.labels else column if known else ""
        answer = "" if not known else "yes" if match else "no"
        rows.append([one, titles[0][one], other, titles[1][other], round(cosine, 6), answer, by])
    return rows


def _lists(shown: Pairs) -> Sequence[list[Any]]:
    return [getattr(shown, name).tolist() for name in ("left", "right", "cosine", "known", "match")]


@lru_cache(maxsize=1024)
def _about(place: Path, changed: int) -> dict[str, Any]:
    """What a kept matching says of itself, read once; of a damaged one nothing that fits any sides."""
    try:
        return kept.about(place.read_bytes())
    except (ValueError, KeyError, OSError):
        return {"sides": [], "settings": {}, "spec": ""}


@lru_cache(maxsize=24)
def _opened(home: Path, place: Path, changed: int) -> Matches | None:
    """A kept matching, opened once while its file stays as it is."""
    return kept.load(home, place.stem)
