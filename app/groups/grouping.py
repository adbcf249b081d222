"""Named groups as the Bench offers them: kept by item ids, left out of tasks, and what leaving one out changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.compare.comparing import Comparing
from eval.grouping import excluded, files
from eval.grouping.excluded import WITHOUT
from eval.grouping.kept import Group

if TYPE_CHECKING:
    from eval.contracts import Run
    from eval.grouping.effect import Effect
    from eval.grouping.excluded import Excluded
    from eval.grouping.files import Brought
    from eval.store import RunSummary


class Grouping(Comparing):
    """The use cases of groups; part of `app.bench.Bench`. None of them touches a model."""

    def groups(self, catalogue: str) -> list[Group]:
        """The groups of a catalogue, by name."""
        return self._groups.all(catalogue)

    def group(self, catalogue: str, name: str) -> Group:
        """The group of that name; LookupError naming those that are there."""
        return self._groups.get(catalogue, name)

    def save_group(
        self, catalogue: str, name: str, items: Sequence[str], tags: Sequence[str] = (), add: bool = False
    ) -> Group:
        """Name these items; with `add` they join the group of that name, which keeps its tags besides.

        LookupError for an item or, with `add`, a group that is not here, ValueError as `eval.grouping.kept.Groups`.
        """
        known = set(self.catalogue(catalogue).ids)
        if strange := [item for item in items if item not in known]:
            raise LookupError(f"Catalogue {catalogue} has no item {strange[0]!r} ({len(strange)} such were named)")
        if not add:
            return self._groups.save(Group(catalogue, name, tuple(items), tuple(tags)), new=True)
        old = self._groups.get(catalogue, name)
        return self._groups.save(Group(catalogue, old.name, (*old.items, *items), (*old.tags, *tags)))

    def tag_group(self, catalogue: str, name: str, tags: Sequence[str]) -> Group:
        """Give a group these tags in place of its own."""
        old = self._groups.get(catalogue, name)
        return self._groups.save(Group(catalogue, old.name, old.items, tuple(tags)))

    def rename_group(self, catalogue: str, name: str, to: str) -> Group:
        """Give a group another name; ValueError when it is taken. Runs keep the name that it had."""
        return self._groups.rename(catalogue, name, to)

    def remove_group(self, catalogue: str, name: str) -> None:
        """Show a group no longer; runs that left it out stay what they are."""
        self._groups.remove(catalogue, name)

    def groups_csv(self, catalogue: str) -> list[tuple[str, str, str]]:
        """Every group's items as rows under `eval.grouping.files.COLUMNS`."""
        return files.rows(self.groups(catalogue))

    def bring_groups(self, path: Path, catalogue: str) -> Brought:
        """Take groups from a CSV: rows that are sound are kept, the others told by their numbers.

        ValueError when the file is no such table.
        """
        found = files.read(Path(path), catalogue, self.catalogue(catalogue).ids)
        for group in found.groups:
            there = {old.name.casefold(): old for old in self.groups(catalogue)}.get(group.name.casefold())
            items, tags = (there.items, there.tags) if there else ((), ())
            name = there.name if there else group.name
            self._groups.save(Group(catalogue, name, (*items, *group.items), (*tags, *group.tags)))
        return found

    def measurable(self, catalogue: str, query_set: str, names: Sequence[str]) -> list[list[RunSummary]]:
        """The stored runs that tell what leaving those groups out changes, by conditions: whole galleries first."""
        labels, now = set(self.excluded(catalogue, names).labels), self.catalogue(catalogue).fingerprint
        stored = self.comparable(catalogue, query_set)
        groups = [[run for run in group if run.query_set == query_set] for group in stored]
        telling = [
            group for group in groups
            if group and group[0].fingerprints["catalogue"] == now and not labels & _left(group[0].settings)
        ]  # fmt: skip
        return sorted(telling, key=lambda group: bool(group[0].settings.get("where")))

    def group_effect(
        self, catalogue: str, names: Sequence[str], runs: Sequence[RunSummary], metrics: Sequence[str] = ()
    ) -> tuple[list[Effect], dict[str, ValueError]]:
        """What leaving the groups out changes in each run and metric (P@k and R@k); run id → why it cannot say.

        Where a run without them is stored, that one is looked at.
        """
        from eval.failures.scene import gallery
        from eval.grouping.effect import effect

        chosen, out = self.catalogue(catalogue), self.excluded(catalogue, names)
        found: list[Effect] = []
        failed: dict[str, ValueError] = {}
        for summary in runs:
            run = self.store.get(summary.id)
            inside = {chosen.ids[row] for row in gallery(run, chosen)}
            anew = self._anew(run, out)
            for metric in metrics or [f"{name}@{run.settings['k']}" for name in ("P", "R")]:
                try:
                    found.append(effect(run, inside & out.items, metric, anew))
                except ValueError as problem:
                    failed[run.id] = problem
        return found, failed

    def _anew(self, run: Run, out: Excluded) -> Run | None:
        """The newest stored run made as that one, without the groups; None where there is none."""
        where = run.settings.get("where") or {}
        wanted = {**where, WITHOUT: sorted({*where.get(WITHOUT, []), *out.labels})}
        like = {**run.settings, "where": wanted}
        same = ("catalogue", "query_set", "searcher")
        for other in self.runs(run.catalogue, run.query_set, limit=10_000):
            alike = all(other.settings.get(name) == like.get(name) for name in _ALIKE)
            if alike and all(other.fingerprints[name] == run.fingerprints[name] for name in same):
                return self.store.get(other.id)
        return None


_ALIKE = ("where", "pool", "k", "precision", "index", "correction")


def _left(settings: Mapping[str, object]) -> set[str]:
    where = settings.get("where")
    return set(excluded.parted(where if isinstance(where, Mapping) else None)[1])
