"""How a run lies in tables: one row for the run, one for each ranking, each with a digest of what it says."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sql

from eval.contracts import Ranking, Run

METADATA = sql.MetaData()
RUNS = sql.Table(
    "runs", METADATA,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.String(64), nullable=False, unique=True),
    sql.Column("made", sql.String(40), nullable=False),
    sql.Column("task", sql.String(64), nullable=False),
    sql.Column("spec", sql.Text, nullable=False),
    sql.Column("catalogue", sql.Text, nullable=False, index=True),
    sql.Column("query_set", sql.Text, nullable=False, index=True),
    sql.Column("settings", sql.Text, nullable=False),  # JSON, as the next three
    sql.Column("fingerprints", sql.Text, nullable=False),
    sql.Column("environment", sql.Text, nullable=False),
    sql.Column("facts", sql.LargeBinary, nullable=False),  # deflated JSON
    sql.Column("seconds", sql.Float, nullable=False),
    sql.Column("queries", sql.Integer, nullable=False),  # how many rankings belong to the run
    sql.Column("digest", sql.String(64), nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
RANKINGS = sql.Table(
    "rankings", METADATA,
    sql.Column("run", sql.ForeignKey("runs.sequence"), primary_key=True),
    sql.Column("position", sql.Integer, primary_key=True),
    sql.Column("query", sql.Text, nullable=False),
    sql.Column("items", sql.LargeBinary, nullable=False),  # deflated JSON list of ids, best first
    sql.Column("scores", sql.LargeBinary, nullable=False),  # float64, little-endian, deflated
    sql.Column("digest", sql.String(64), nullable=False),
)  # fmt: skip
_DIGESTED = ("id", "made", "task", "spec", "catalogue", "query_set", "settings", "fingerprints", "environment", "facts",
             "seconds", "queries")  # fmt: skip


class StoreDamaged(ValueError):
    """The database does not hold what was stored: `[workspace_damaged]` and what to do."""

    def __init__(self, what: str, remedy: str = "Run `uzor doctor`; restore uzor.db from a backup.") -> None:
        super().__init__(f"[workspace_damaged] {what} {remedy}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _packed(value: Any) -> bytes:
    return zlib.compress(_json(value).encode(), 6)


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else _json(part).encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def rankings(run: Run) -> list[dict[str, Any]]:
    """The ranking rows of `run`, without the run's number."""
    rows = []
    for position, ranking in enumerate(run.rankings):
        if len(ranking.items) != len(ranking.scores):
            raise ValueError(f"Query {ranking.query}: {len(ranking.items)} items have {len(ranking.scores)} scores")
        scores = zlib.compress(np.asarray(ranking.scores, "<f8").tobytes(), 1)
        row = {"position": position, "query": ranking.query, "items": _packed(ranking.items), "scores": scores}
        rows.append({**row, "digest": _digest(run.id, position, ranking.query, row["items"], scores)})
    return rows


def run(made: Run, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The run's own row; its digest covers those of its rankings."""
    row: dict[str, Any] = {
        "id": made.id, "made": made.made, "task": made.task, "spec": made.spec, "catalogue": made.catalogue,
        "query_set": made.query_set, "settings": _json(made.settings), "fingerprints": _json(made.fingerprints),
        "environment": _json(made.environment), "facts": _packed(made.facts), "seconds": float(made.seconds),
        "queries": len(rows),
    }  # fmt: skip
    return {**row, "digest": _run_digest(row, rows)}


def _run_digest(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    return _digest(*(row[name] for name in _DIGESTED), *(ranking["digest"] for ranking in rows))


def read_summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the run list with its JSON read; StoreDamaged when it is not JSON."""
    try:
        return {**row, "settings": json.loads(row["settings"]), "fingerprints": json.loads(row["fingerprints"])}
    except ValueError as error:
        raise StoreDamaged(f"The settings of run {row['id']} cannot be read ({error}).") from error


def read(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Run:
    """The run that `run` and `rankings` wrote; StoreDamaged when a row does not match its digest."""
    if row["queries"] != len(rows) or row["digest"] != _run_digest(row, rows):
        raise StoreDamaged(f"Run {row['id']} is not as it was stored: its record does not match its digest.")
    plain = {name: row[name] for name in ("id", "made", "task", "spec", "catalogue", "query_set", "seconds")}
    texts = {name: json.loads(row[name]) for name in ("settings", "fingerprints", "environment")}
    found = tuple(ranking(row["id"], one) for one in rows)
    return Run(rankings=found, facts=json.loads(zlib.decompress(row["facts"])), **plain, **texts)


def ranking(run_id: str, row: Mapping[str, Any]) -> Ranking:
    """The ranking of that row; StoreDamaged when it does not match its digest."""
    if row["digest"] != _digest(run_id, row["position"], row["query"], row["items"], row["scores"]):
        raise StoreDamaged(f"Run {run_id} is not as it was stored: the ranking of query {row['query']} was changed.")
    items = json.loads(zlib.decompress(row["items"]))
    scores = np.frombuffer(zlib.decompress(row["scores"]), "<f8")
    return Ranking(row["query"], tuple(items), tuple(scores.tolist()))
