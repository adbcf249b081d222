"""Bench: every use case once; pages, API and command line all call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.answers import Evaluation, Map
from app.catalogue.reporting import Reporting
from app.classify.classifying import Classifying
from app.diagnosis.diagnosing import Diagnosing
from app.dossier.dossiers import Dossiers
from app.efficiency.costing import Costing
from app.groups.grouping import Grouping
from app.judge.judging import Judging
from app.ledger.checking import Checking
from app.map import maps
from app.map.sighting import Sighting
from app.match.matching import Matching
from app.search.looking import Looking
from app.tuning.tuning import Tuning
from data import catalogue as catalogues
from data import importers, picture_files, picture_queries, queries
from data.catalogue import Catalogue
from data.importers import ImportReport
from data.progress import Progress, silent
from data.queries import QuerySet
from eval import projection, registry, vectors
from eval.contracts import ModelSpec, Run, Vectors
from eval.precision import Agreement, measured
from eval.tasks import retrieval

if TYPE_CHECKING:
    from eval.contracts import Encoder

Where = Mapping[str, str | Sequence[str]] | None


class Bench(
    Tuning, Reporting, Grouping, Judging, Diagnosing, Sighting, Dossiers, Checking,
    Matching, Looking, Classifying, Costing,
):  # fmt: skip
    """One workspace and everything one can ask of it; safe to share between threads.

    Every method raises LookupError for a name that is not there, ValueError for what cannot be read, and
    `Unavailable` for weights, packages or disk space that are missing; long ones take a `Progress` and may raise
    `Cancelled`, after which asking again goes on where they stood.
    """

    def import_report(self, name: str) -> ImportReport:
        """What the last import of that catalogue took and refused."""
        return catalogues.report(self.home, name)

    def import_catalogue(self, path: Path, progress: Progress = silent, **choices: Any) -> ImportReport:
        """Import a table, folder, ZIP or design; `choices` are those of `data.importers.import_catalogue`."""
        return importers.import_catalogue(Path(path), self.home, progress=progress, **choices)

    def add_query_set(self, paths: Sequence[Path], catalogue: str, name: str | None = None) -> QuerySet:
        """Read queries and judgments (TSV + qrels, CSV or JSON), keep them in the workspace, return them.

        A CSV of picture files and the items that are right for them becomes a set that asks with pictures.
        """
        there = self.catalogue(catalogue)
        if len(paths) == 1 and Path(paths[0]).is_file() and picture_files.holds_pictures(Path(paths[0])):
            photos = picture_files.read(Path(paths[0]), self.home, catalogue, name)
            queries.save(self.home, photos)
            return photos
        query_set = queries.read_query_set([Path(path) for path in paths], catalogue=catalogue, name=name)
        query_set = query_set.fitted(there.ids, there.images)
        queries.save(self.home, query_set)
        return query_set

    def pair_up(self, catalogue: str, column: str, name: str = "") -> QuerySet:
        """Keep the query set in which items ask, as pictures, for those of other sources equal in `column`."""
        query_set = picture_queries.from_column(self.catalogue(catalogue), column, name)
        queries.save(self.home, query_set)
        return query_set

    def draw_askers(self, catalogue: str, count: int, name: str = "") -> QuerySet:
        """Keep a query set of items drawn at random that ask with their pictures, to be judged from nothing."""
        query_set = picture_queries.drawn(self.catalogue(catalogue), count, name)
        queries.save(self.home, query_set)
        return query_set

    def fetch(self, spec: str, progress: Progress = silent) -> Path:
        """Download the weights of a published model into the usual cache: the only use case that uses the network."""
        return registry.fetch(ModelSpec.parse(spec), self.home, progress)

    def encoder(self, spec: str, precision: str = "fp32") -> Encoder:
        """The loaded encoder, loaded anew once its files changed; LookupError for a lexical model, which has none."""
        return self._shelf.encoder(spec, precision)

    def fingerprint(self, spec: str, precision: str = "fp32") -> str:
        """What the vectors of a model depend on, as its files are now; LookupError for a lexical model."""
        return self._shelf.fingerprint(spec, precision)

    def embed(self, spec: str, catalogue: str, precision: str = "fp32", progress: Progress = silent) -> Vectors:
        """The catalogue's vectors, computed or completed when they are not there."""
        chosen = self.catalogue(catalogue)
        return vectors.vectors(chosen, self.encoder(spec, precision), self.home, progress=progress)

    def embedded(self, spec: str, catalogue: str, precision: str = "fp32") -> bool:
        """True when searching needs no more vectors: they are computed, or the model is lexical."""
        if registry.lexical(ModelSpec.parse(spec)):
            return True
        encoder = self.encoder(spec, precision)
        return vectors.cached(self.catalogue(catalogue), encoder, self.home) is not None

    def evaluate(
        self,
        specs: Sequence[str],
        catalogue: str,
        query_set: str,
        k: int = 5,
        pool: str = "catalogue",
        where: Where = None,
        precision: str = "fp32",
        index: str = "exact",
        progress: Progress = silent,
        correction: str = "none",
        exclude: Sequence[str] = (),
    ) -> list[Evaluation]:
        """Run the query set through each model and store the runs, one after the other.

        The groups named by `exclude` are left out of the gallery, besides those that `where`, taken from a run, names.
        """
        chosen, asked = self.catalogue(catalogue), self.query_set(query_set)
        columns, out = self.parted(catalogue, where, exclude)
        evaluations = []
        for spec in specs:
            asks = "pictures" if asked.of_pictures else "words"
            searcher = self._shelf.searcher(spec, chosen, precision, index, progress, correction, asks)
            kept = columns or None
            run = retrieval.evaluate(chosen, asked, searcher, pool, kept, k=k, progress=progress, without=out)
            if precision != "fp32":
                agreed = asdict(self._agreement(spec, chosen, asked, precision, progress))
                run = replace(run, facts={**run.facts, "agreement_with_fp32": agreed})
            self.store.add(run)
            evaluations.append(_scored(run, k))
        return evaluations

    def _agreement(
        self, spec: str, catalogue: Catalogue, query_set: QuerySet, precision: str, progress: Progress
    ) -> Agreement:
        """How far the rankings in that precision agree with fp32's, on a sample of this catalogue's pictures."""
        fine, coarse = self.encoder(spec), self.encoder(spec, precision)
        texts = [] if query_set.of_pictures else [query.text for query in query_set.queries]
        return measured(catalogue, fine, coarse, texts, progress)

    def evaluation(self, run_id: str, k: int | None = None) -> Evaluation:
        """A stored run scored at `k` (its own k when None); touches no model."""
        run = self.store.get(run_id)
        return _scored(run, k or int(run.settings["k"]))

    def map(
        self, spec: str, catalogue: str, method: str = "umap", seed: int = 0, query_set: str | None = None,
        precision: str = "fp32", progress: Progress = silent,
    ) -> Map:  # fmt: skip
        """The catalogue (and the queries of a set) in two dimensions; computed once, cached by content."""
        chosen, asked = self.catalogue(catalogue), self.words(query_set) if query_set else None
        encoder = self.encoder(spec, precision)
        found = vectors.vectors(chosen, encoder, self.home, progress=progress)
        said = encoder.texts([query.text for query in asked.queries]) if asked else None
        laid = projection.project(found.matrix, method, seed, said, self.home, progress)
        return maps.joined(chosen, laid, asked)

    def map_cached(
        self, spec: str, catalogue: str, method: str = "umap", seed: int = 0, query_set: str | None = None,
        precision: str = "fp32",
    ) -> Map | None:  # fmt: skip
        """The map if it has been computed already, else None: then `map` takes a while."""
        found = vectors.cached(self.catalogue(catalogue), self.encoder(spec, precision), self.home)
        if found is None or projection.cached(found.matrix, method, seed, self.home) is None:
            return None
        return self.map(spec, catalogue, method, seed, query_set, precision)


def _scored(run: Run, k: int) -> Evaluation:
    scores = retrieval.scores(run, chosen=retrieval.names(k, run))
    return Evaluation(run, k, scores.mean, scores.chance, scores.ceiling, scores.per_query, scores.counts)
