"""`uzor failures RUN`: why a run's queries fail, cause by cause, and which items nothing finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app import console

if TYPE_CHECKING:
    from eval.contracts import Run
    from eval.failures.diagnosis import Diagnosis


@click.command()
@click.argument("run")
@console.JSON
def failures(run: str, as_json: bool) -> None:
    """Look for the cause of every failed query of a stored run (see `uzor runs`), once; then tell what was found."""
    bench = console.bench()
    with console.Bar() as bar:
        found = bench.diagnose(run, bar)
    stored = bench.store.get(run)
    named = bench.overruled(found.named(), stored.query_set, stored)
    console.show(_record(stored, found, named), as_json, lambda: _lines(stored, found, named))


def _record(run: Run, found: Diagnosis, named: dict[str, str]) -> dict[str, Any]:
    from eval.failures.remedies import exposure

    k, queries = int(run.settings["k"]), len(found.observed)
    causes = {
        query: {"text": run.facts["texts"][query], **_asking(run, query), "cause": code, "hits": seen.hits,
                "possible": seen.possible, "first": seen.first,
                "fitting": [cause.record() for cause in found.causes(query)]}
        for (query, code), seen in zip(named.items(), found.observed.values(), strict=True)
    }  # fmt: skip
    tried = [
        {"kind": one.kind, "values": one.values, "exposure": exposure(one, k, queries, captions=True).record(),
         "changes": {name: vars(change) for name, change in one.changes.items()}}
        for one in found.remedies
    ]  # fmt: skip
    return {"run": run.id, "spec": run.spec, "asks": found.asks, "queries": causes, "corrections": tried,
            "notes": list(found.notes)}  # fmt: skip


def _asking(run: Run, query: str) -> dict[str, str]:
    """The item or kept file that asked, where a picture did."""
    one = (run.facts.get("pictures") or {}).get(query, "")
    return {"picture": one} if one else {}


def _lines(run: Run, found: Diagnosis, named: dict[str, str]) -> list[str]:
    from eval.failures.changes import pareto

    lines = [f"{run.spec} on {run.query_set}: {sum(one.lost > 0 for one in found.observed.values())} of "
             f"{len(named)} queries lost something among the first {run.settings['k']}"]  # fmt: skip
    lines += [f"  {bar.count:>5}  {bar.code:<12} {bar.cumulative:>6.0%} so far" for bar in pareto(named)]
    failed = sorted((one for one in found.observed.values() if one.lost > 0), key=lambda one: -one.lost)
    for seen in failed:
        text = " · ".join([run.facts["texts"][seen.query], *([seen.query] if seen.pictured else [])])
        lines.append(
            f"  {seen.hits} of {seen.possible}  first at {seen.first or '-':>5}  {named[seen.query]:<12} {text}"
        )
    return lines
