"""The printed report's files: page, tables for LaTeX and spreadsheets, TREC runs and judgments, and all as one ZIP."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.dossier import dossier_html, dossier_latex
from app.dossier.dossier_sheet import Sheet
from app.evaluate.run_files import table_csv
from app.language import _
from eval import trec
from eval.contracts import Run

PAGE, RECORD, SUMS = "report.html", "report.json", "SHA256SUMS"


def files(sheet: Sheet) -> dict[str, bytes]:
    """Path → content of every file, in the language that is spoken now; SHA256SUMS holds the digests of the others."""
    judgments = sheet.found.runs[0].facts["judgments"]
    made = {
        PAGE: dossier_html.page(sheet).encode(),
        "README.txt": _readme(sheet).encode(),
        "models.csv": table_csv(MODELS, _models(sheet)),
        "pairs.csv": table_csv(PAIRS, _pairs(sheet)),
        "queries.csv": table_csv((*QUERIES, *sheet.found.metrics), _queries(sheet)),
        "tables.tex": dossier_latex.tables(sheet).encode(),
        "trec/qrels.txt": "".join(trec.qrels_lines(judgments)).encode(),
        **{f"trec/{_named(sheet, run)}.run": "".join(trec.run_lines(run, run.spec)).encode() for run in
           sheet.found.runs},
        RECORD: json.dumps(_record(sheet), ensure_ascii=False, indent=1, allow_nan=False).encode(),
    }  # fmt: skip
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in made.items())
    return {**made, SUMS: sums.encode()}


def packed(made: Mapping[str, bytes], when: str) -> bytes:
    """The files as one ZIP, each dated `when` (ISO 8601): equal files give equal bytes."""
    date = datetime.fromisoformat(when).timetuple()[:6]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in made.items():
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return target.getvalue()


def archive(run: Run) -> str:
    """What the ZIP is called: "report-embroidery-embroidery-24.zip"."""
    return _plain(f"report-{run.catalogue}-{run.query_set}") + ".zip"


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip(".-")[:80]


def _named(sheet: Sheet, run: Run) -> str:
    return "-".join(part for part in (sheet.letter(run.id), _plain(sheet.names[run.id])) if part)


def _record(sheet: Sheet) -> dict[str, Any]:
    """The report for machines; what is no finite number is null."""
    record = {"made": sheet.made, "names": dict(sheet.names), **sheet.found.record()}
    return json.loads(json.dumps(record), parse_constant=lambda _name: None)  # type: ignore[no-any-return]


def _readme(sheet: Sheet) -> str:
    lines = [
        _("{file}: the report; opens in any browser, needs nothing else", file=PAGE),
        _("{file}: the models by every metric, with intervals, chance level and ceiling", file="models.csv"),
        _("{file}: the verdict on every pair", file="pairs.csv"),
        _("{file}: every metric query by query, with the cause of a failure where one is known", file="queries.csv"),
        _("{file}: both tables for LaTeX (booktabs)", file="tables.tex"),
        _("{file}: rankings and judgments for trec_eval and ir_measures. Scores are those of the run as float32, "
          "lowered by the least step where two are equal, so that every reader keeps the order; white space in names "
          "is written as %20; queries without a relevant item are left out of the judgments.", file="trec/"),
        _("{file}: everything for machines: figures, settings, seeds, hashes, versions", file=RECORD),
        _("{file}: digests of the other files (sha256sum -c {file})", file=SUMS),
    ]  # fmt: skip
    runs = [f"{sheet.letter(run.id)}  {run.id}  {sheet.names[run.id]}  ({run.spec})" for run in sheet.found.runs]
    return "\n".join(["Uzor", "", *lines, "", *runs, ""])


MODELS = ("letter", "model", "spec", "run", "metric", "rank", "last_rank", "mean", "low", "high", "chance", "ceiling",
          "queries")  # fmt: skip


def _models(sheet: Sheet) -> Iterator[list[Any]]:
    """A line a model and metric; ranks are by the metric that was compared."""
    found = sheet.found
    standings = {standing.label: standing for standing in found.comparison.standings}
    for run in found.runs:
        scores, standing = found.scores[run.id], standings[run.id]
        for metric in found.metrics:
            ranks = [standing.rank, standing.last] if metric == found.metric else ["", ""]
            bounds = [_finite(value) for value in found.intervals[run.id][metric]]
            yield [sheet.letter(run.id), sheet.names[run.id], run.spec, run.id, metric, *ranks, scores.mean[metric],
                   *bounds, scores.chance[metric], scores.ceiling[metric], len(scores.per_query)]  # fmt: skip


PAIRS = ("metric", "better", "worse", "better_run", "worse_run", "queries", "difference", "low", "high", "p",
         "corrected_p", "wins", "ties", "losses", "effect", "detectable", "needed", "proven")  # fmt: skip


def _pairs(sheet: Sheet) -> Iterator[list[Any]]:
    for v in sheet.found.comparison.verdicts:
        numbers = (v.queries, v.difference, v.low, v.high, v.p, v.corrected, v.wins, v.ties, v.losses, v.effect,
                   v.detectable, v.needed)  # fmt: skip
        names = (sheet.names[v.better], sheet.names[v.worse], v.better, v.worse)
        yield [sheet.found.metric, *names, *map(_finite, numbers), "yes" if v.proven else "no"]


QUERIES = ("query", "text", "picture", "relevant", "letter", "model", "run", "cause")


def _queries(sheet: Sheet) -> Iterator[list[Any]]:
    for run in sheet.found.runs:
        table, causes = sheet.found.scores[run.id].per_query, sheet.found.causes.get(run.id, {})
        for query, row in table.iterrows():
            about = [str(query), row["text"], sheet.asking(str(query)), int(row["relevant"])]
            whose = [sheet.letter(run.id), sheet.names[run.id], run.id]
            yield [*about, *whose, causes.get(str(query), ""), *(float(row[metric]) for metric in sheet.found.metrics)]


def _finite(value: float) -> float | str:
    return value if value == value and abs(value) != float("inf") else ""
