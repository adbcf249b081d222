"""The original project's files as the Bench takes them in: catalogues, queries, ready vectors and tuned weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data import catalogue as catalogues
from data import importers, queries, report_archives, report_files, storage, versions
from data.judgments import QuerySetError
from data.progress import Progress, silent
from data.report_files import ReportFiles
from data.shelf import catalogue_name

if TYPE_CHECKING:
    from data.importers import ImportReport
    from eval.ready_made import ReadyMade

READERS = {  # model of the report → the spec that computes its vectors anew
    "clip-pretrained": "openclip:ViT-B-32/openai",
    "clip-finetuned": "openclip:ViT-B-32/openai@{clip}",
    "ruclip-pretrained": "ruclip:ruclip-vit-base-patch32-224",
    "ruclip-finetuned": "ruclip:ruclip-vit-base-patch32-224@{ruclip}",
}


@dataclass(frozen=True)
class TakenIn:
    """What an import of the project's files made: everything by its name, and what was left out with the reason."""

    catalogues: dict[str, ImportReport] = field(default_factory=dict)
    query_sets: dict[str, str] = field(default_factory=dict)  # name → its catalogue
    models: dict[str, str] = field(default_factory=dict)  # spec of ready vectors → the catalogue they cover
    weights: dict[str, str] = field(default_factory=dict)  # file in models/ → where it came from
    problems: dict[str, str] = field(default_factory=dict)  # file → why it was left out

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        said = ("fingerprint", "ready", "refused", "reasons")
        imported = {name: {key: getattr(report, key) for key in said} for name, report in self.catalogues.items()}
        return {**asdict(replace(self, catalogues={})), "catalogues": imported}


class Reporting(Stored):
    """The use case of the original project's files; part of `app.bench.Bench`."""

    def import_project(self, folder: Path, name: str = "report-2025", progress: Progress = silent) -> TakenIn:
        """Take in any subset of the project's files that lie below `folder`; what is broken is told, the rest comes in.

        Ready vectors become models `ready:NAME`. Where they cover only a part of the items (the 328 of the test), that
        part becomes a catalogue of its own beside the whole. Items without a picture get an empty tile. Instead of a
        folder a ZIP will do. Refused or LookupError when there is no such folder or nothing of theirs in it; may raise
        Cancelled.
        """
        name = catalogue_name(name)
        with report_archives.opened(Path(folder), self.home, progress) as (root, left_out):
            files, taken = report_files.look(root), TakenIn(problems=left_out)
            progress(0, 1, "read")
            _weights(self.home, files, taken)
            made = _vectors(files, taken)
            rows = report_files.items(files, _listed(made))
            for part, ids in _parts(name, [row["id"] for row in rows], made).items():
                chosen = [row for row in rows if row["id"] in ids]
                _catalogue(self.home, files, part, chosen, taken, progress)
            _queries(self.home, files, taken)
            _keep(self.home, made, taken)
            return taken


def _weights(home: Path, files: ReportFiles, taken: TakenIn) -> None:
    """Copy fine-tuned state dicts to `models/`, where the picker finds them, once they are known to be only tensors."""
    from eval.checkpoints import read_weights

    for path in files.of("weights"):
        try:
            read_weights(path)
            target = home / "models" / path.name
            if target.is_file() and storage.sha256_file(target) != storage.sha256_file(path):
                target = target.with_name(f"{path.stem}-{storage.sha256_file(path)[:8]}{path.suffix}")
            if not target.is_file():
                with open(path, "rb") as source, storage.replacing(target) as copy:
                    while block := source.read(1 << 22):
                        copy.write(block)
            taken.weights[target.name] = str(path)
        except (ValueError, OSError) as error:
            taken.problems[str(path)] = str(error)


def _vectors(files: ReportFiles, taken: TakenIn) -> list[ReadyMade]:
    """The ready vectors, a model's files joined, each with the spec of the model that made them."""
    from eval import ready_made

    parts: dict[str, list[ReadyMade]] = {}
    for path in files.of("vectors"):
        try:
            one = ready_made.read(path)
            parts.setdefault(one.name, []).append(one)
        except (ValueError, LookupError, OSError) as error:
            taken.problems[str(path)] = str(error)
    tuned = {"ruclip" if "ruclip" in file else "clip": file for file in taken.weights}
    known = {"clip": tuned.get("clip", "clip_finetuned.pt"), "ruclip": tuned.get("ruclip", "ruclip_finetuned.pt")}
    found = []
    for name, files_of_it in parts.items():
        try:
            joined = ready_made.merged(files_of_it)
            listed = {key: sum((one.listed.get(key, ()) for one in files_of_it if one.ids), ()) for key in _KEYS}
            found.append(replace(joined, reader=READERS.get(name, "").format(**known), listed=listed))
        except ValueError as error:
            taken.problems[name] = str(error)
    return found


_KEYS = ("image_paths", "texts", "urls")


def _listed(made: Sequence[ReadyMade]) -> list[dict[str, str]]:
    """What the vectors' files say of their items, for items that no table names."""
    rows = []
    for one in made:
        columns = [one.listed.get(key, ()) for key in _KEYS]
        columns = [column if len(column) == len(one.ids) else ("",) * len(one.ids) for column in columns]
        rows += [{"id": i, "image": p, "text": t, "url": u} for i, p, t, u in zip(one.ids, *columns, strict=True)]
    return rows


def _parts(name: str, ids: Sequence[str], made: Sequence[ReadyMade]) -> dict[str, set[str]]:
    """Catalogue → its items: the whole, and each part that some model's vectors stop at."""
    whole = set(ids)
    parts = {name: whole}
    for one in made:
        covered = whole & set(one.ids)
        if covered and covered not in parts.values():
            parts[f"{name}-{len(covered)}" if f"{name}-{len(covered)}" not in parts else f"{name}-{one.name}"] = covered
    return parts


def _catalogue(home: Path, files: ReportFiles, name: str, rows: Sequence[dict[str, str]], taken: TakenIn,
               progress: Progress) -> None:  # fmt: skip
    staged = versions.staging(home)
    try:
        table, tile = report_files.write(staged, rows)
        mapping = {field: field for field in report_files.COLUMNS[:8]}
        report = importers.import_catalogue(table, home, name, mapping, "utf-8", ",", files.root, progress=progress,
                                            stand_in=tile)  # fmt: skip
        if report.ready:
            taken.catalogues[name] = report
        else:
            taken.problems[name] = f"none of its {report.refused} rows could be taken: {report.reasons}"
    finally:
        storage.remove(staged)


def _queries(home: Path, files: ReportFiles, taken: TakenIn) -> None:
    """Every query file for every catalogue that has items of it; ids are mended by picture where they differ."""
    for path in files.of("queries"):
        for name in taken.catalogues:
            there = catalogues.load(home, name)
            called = f"{name}-queries" if len(files.of("queries")) == 1 else f"{name}-{path.stem}"
            try:
                read = queries.read_query_set(path, name, called)
                if read.against(there.ids, there.images).by_picture:
                    read = read.rekeyed(there.images)
                if read.against(there.ids).known:
                    queries.save(home, read)
                    taken.query_sets[called] = name
            except (QuerySetError, ValueError) as error:
                taken.problems[str(path)] = str(error)


def _keep(home: Path, made: Sequence[ReadyMade], taken: TakenIn) -> None:
    from eval import ready_made

    for one in made:
        ready_made.keep(home, one)
        covers = [name for name in taken.catalogues if set(catalogues.load(home, name).ids) <= set(one.ids)]
        taken.models[f"ready:{one.name}"] = ", ".join(covers)
