"""A tour of five steps for newcomers: a strip on top of the pages it leads over, until somebody dismisses it.

It is shown when the URL says `tour=1` … `5`, and by itself in a workspace whose demonstration is ready and where nobody
has dismissed it yet; that is kept in `tour.json` of the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from app import preparing, state
from app.answers import Evaluation
from app.evaluate import runs
from app.language import N_, _
from data import storage
from data.errors import Unavailable
from eval.contracts import ModelSpec

CATALOGUE = "embroidery"  # of the demonstration
QUERIES = "embroidery-24"
DISMISSED = "tour.json"


@dataclass(frozen=True)
class Step:
    """A page of the tour and what to look at there."""

    page: str
    says: str


STEPS = (
    Step(
        "overview",
        N_(
            "This shop sells machine embroidery. Here you see what is in its catalogue, how well each model finds it "
            "and what to look at next."
        ),
    ),
    Step(
        "evaluate",
        N_(
            "Each model answers the same queries, and the judgments say what is right. Compare the models with "
            "one another and with the chance level: a number says little without it."
        ),
    ),
    Step(
        "failures",
        N_(
            "These queries lose most. Open one: what was shown and what was missed stand side by side, with the cause, "
            "its evidence and what would help."
        ),
    ),
    Step(
        "map",
        N_(
            "Pictures that look alike to the model lie close together. Draw a lasso around a group to see what is in "
            "it; a group that mixes subjects is where searches go wrong."
        ),
    ),
    Step(
        "search",
        N_(
            "Now ask in your own words, in the language that the model reads: the field suggests some. Put a second "
            "model beside the first: the difference in the pictures is the difference in the numbers."
        ),
    ),
)


def strip(page: str) -> None:
    """Draw the step that belongs to `page` with its buttons, if the tour is on; nothing on other pages."""
    step = _here(page)
    if not step:
        return
    last = step == len(STEPS)
    place = _("Tour, {n} of {count}", n=step, count=len(STEPS))
    with st.container(border=True, key="tour_strip"):
        words, buttons = st.columns([5, 2], vertical_alignment="center")
        words.markdown(f":material/tour: **{place}** · {_(STEPS[step - 1].says)}")
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if not last and st.button(_("Dismiss"), type="tertiary", key="tour_dismiss"):
                dismiss()
            label, icon = (_("Finish"), "check") if last else (_("Next"), "east")
            if st.button(label, type="primary", key="tour_next", icon=f":material/{icon}:"):
                dismiss() if last else go_to(step + 1)


def go_to(step: int) -> None:
    """Open the page of that step, 1 to 5, on the demonstration where it is here; the rest of the run is left out."""
    page = STEPS[step - 1].page
    choices = {"tour": step, **_choices(step)}
    if page == st.session_state.get("_page"):
        state.later(**choices)
        st.rerun()
    state.go(page, **choices)


def dismiss() -> None:
    """End the tour for this workspace and draw the page anew."""
    storage.write_json(state.bench().home / DISMISSED, {"dismissed": datetime.now(UTC).isoformat(timespec="seconds")})
    state.later(tour=0)
    st.rerun()


def forget(home: Path) -> None:
    """Let the tour come back by itself in that workspace."""
    storage.remove(home / DISMISSED)


def _here(page: str) -> int:
    """The step to show on that page, 0 for none; who goes on by the navigation is followed."""
    pages = [step.page for step in STEPS]
    if page not in pages:
        return 0
    default = 1 if "tour" not in st.session_state and _first_visit() else 0
    now = int(state.seed("tour", default, range(len(STEPS) + 1)))
    if now and pages[now - 1] != page:
        now = pages.index(page) + 1
        state.put("tour", now)
    state.publish("tour", 0)
    return now


def _first_visit() -> bool:
    """True when the demonstration has been evaluated here, no other shop is asked for and nobody dismissed the tour."""
    if st.query_params.get("catalogue", CATALOGUE) != CATALOGUE:
        return False
    try:
        bench = state.bench()
        untouched = not (bench.home / DISMISSED).exists()
        here = untouched and CATALOGUE in bench.catalogues() and bool(bench.runs(CATALOGUE, limit=1))
        return here and not preparing.unfinished(CATALOGUE)  # its steps lead to the best model, known at the end
    except (LookupError, ValueError, OSError, Unavailable):
        return False  # whatever is wrong here is told by the page itself


def _choices(step: int) -> dict[str, Any]:
    """What has to be chosen on the page of that step for its words to be true."""
    bench = state.bench()
    if CATALOGUE not in bench.catalogues():
        return {}
    chosen = {"catalogue": CATALOGUE}
    if step in (2, 3) and QUERIES in bench.query_sets(CATALOGUE):
        run = _best_run() if step == 3 else ""
        return {**chosen, "queries": QUERIES, **({"run": run} if run else {})}
    if step >= 4 and (best := _best()):
        return {**chosen, "model": best}
    return chosen


def _best() -> str:
    """The encoder that was best on the demonstration's queries; "" when none was evaluated."""
    return next((one.run.spec for one in _seeing()), "")


def _best_run() -> str:
    """Its run; "" when there is none."""
    return next((one.run.id for one in _seeing()), "")


def _seeing() -> list[Evaluation]:
    """The encoders' runs on the demonstration's queries, the best first."""
    found = runs.evaluations(state.bench().runs(CATALOGUE, QUERIES), 5, 12)
    return runs.best_first([one for one in found if ModelSpec.parse(one.run.spec).family in ("openclip", "ruclip")])
