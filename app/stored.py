"""What stands in one workspace, to be asked for by name: catalogues, query sets, models, runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from app.shelf import Shelf
from data import catalogue as catalogues
from data import picture_files, queries
from data.catalogue import Catalogue
from data.queries import QuerySet
from eval import registry
from eval.contracts import KnownModel
from eval.grouping import excluded
from eval.grouping.excluded import Excluded, Where
from eval.grouping.kept import Group, Groups
from eval.saved_views import SavedViews
from eval.store import RunSummary, Store
from eval.workspace import Workspace


class Stored:
    """The ground that every group of use cases stands on; `app.bench.Bench` is all of them together."""

    def __init__(self, home: Path) -> None:
        self.home = Workspace(Path(home)).open().home
        self.store = Store(self.home)
        self._shelf = Shelf(self.home)

    def catalogues(self) -> list[str]:
        """The names of the imported catalogues."""
        return catalogues.names(self.home)

    def catalogue(self, name: str) -> Catalogue:
        """The catalogue as it is now, read again once an import replaced it; LookupError when it is not here."""
        return self._shelf.catalogue(name)

    def query_sets(self, catalogue: str | None = None, pictures: bool = True) -> list[str]:
        """The names of the query sets, only those for `catalogue` when given, without `pictures` only words."""
        return queries.names(self.home, catalogue, pictures)

    def query_set(self, name: str) -> QuerySet:
        """The query set of that name; LookupError when it is not here."""
        return queries.load(self.home, name)

    def words(self, name: str) -> QuerySet:
        """The query set of that name; ValueError when it asks with pictures, where only words can be looked at."""
        found = self.query_set(name)
        if found.of_pictures:
            raise ValueError(f"Query set {name} asks with pictures; this looks at words, choose another query set")
        return found

    def kept_thumbnail(self, image: str) -> Path | None:
        """Where the small picture of a query that is a file lies; None where there is none."""
        try:
            return picture_files.thumbnail(self.home, image)
        except (ValueError, OSError):
            return None

    def models(self) -> list[KnownModel]:
        """Every model one can choose, those on this machine first within their group."""
        return registry.models(self.home)

    @cached_property
    def views(self) -> SavedViews:
        """The views of the app that somebody saved."""
        return SavedViews(self.store)

    @cached_property
    def _groups(self) -> Groups:
        """The groups of items that somebody named."""
        return Groups(self.store)

    def excluded(self, catalogue: str, names: Sequence[str]) -> Excluded:
        """The groups of these names, or of these labels as a run recorded them, to be left out of a task.

        LookupError for a name that is not there.
        """
        return excluded.of([self._named(catalogue, name) for name in names])

    def _named(self, catalogue: str, name: str) -> Group:
        try:
            return self._groups.get(catalogue, name)
        except LookupError:
            if "#" not in name:
                raise
        return self._groups.of_label(catalogue, name)

    def parted(
        self, catalogue: str, where: Where, names: Sequence[str] = ()
    ) -> tuple[dict[str, str | Sequence[str]], Excluded]:
        """A filter as it was asked or recorded, and groups by name → the filter of columns, and what is left out."""
        columns, labels = excluded.parted(where)
        return columns, self.excluded(catalogue, [*labels, *names])

    def runs(
        self, catalogue: str | None = None, query_set: str | None = None, limit: int = 100, unjudged: bool = False
    ) -> list[RunSummary]:
        """The stored runs, newest first; those of sets nobody had judged have no scores and come with `unjudged`."""
        found = self.store.runs(catalogue=catalogue, query_set=query_set, limit=limit)
        return [run for run in found if unjudged or not run.settings.get("unjudged")]
