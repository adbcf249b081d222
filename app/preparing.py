"""While the demonstration is being prepared: what pages say instead of numbers and maps that are still being made."""

from __future__ import annotations

import streamlit as st

from app import demo, jobpanel, jobs, state
from app.language import _, number
from app.widgets import message

EVERY_SECONDS = 2.0


def watch() -> bool:
    """Draw the panel of the demonstration's job and follow the runs it makes; True while it works."""
    jobpanel.watch("demo")
    if not jobpanel.busy("demo"):
        return False
    _follow()
    return True


def unfinished(catalogue: str) -> bool:
    """True while the demonstration's job works and runs of its plan are missing in that catalogue; draws nothing."""
    if catalogue != demo.CATALOGUE or not works():
        return False
    made, planned = _counted()
    return made < planned


def works() -> bool:
    """True while a job prepares the demonstration, whoever started it; draws nothing."""
    return any(job.live for job in jobs.recent(state.bench().home, "demo", limit=3))


def told() -> None:
    """Say that the runs are being made and how many are in; findings wait for the last one."""
    made, planned = _counted()
    message(
        _("The demonstration is being prepared"),
        _(
            "{made} of {planned} runs are in. What they prove is told once all of them are: half a table misleads.",
            made=number(made),
            planned=number(planned),
        ),
        icon="hourglass_top",
    )


def _counted() -> tuple[int, int]:
    bench = state.bench()
    planned = set(demo.plan(bench))
    stored = [run for run in bench.runs(demo.CATALOGUE, limit=10_000) if not run.settings.get("where")]
    made = {(run.spec, run.query_set, run.settings["pool"]) for run in stored}
    return len(planned & made), len(planned)


def _follow() -> None:
    """Draw the page anew as soon as a catalogue, a run or a map has come."""
    before = _stage()

    @st.fragment(run_every=EVERY_SECONDS, key="preparing_follow")
    def look() -> None:
        if _stage() != before:
            st.rerun()

    look()


def _stage() -> tuple[int, ...]:
    bench = state.bench()
    maps = bench.home / "projections"
    drawn = len(list(maps.iterdir())) if maps.is_dir() else 0
    return len(bench.catalogues()), len(bench.runs(demo.CATALOGUE)), drawn
