"""Judgments that wait in the browser for a desk which is not on the screen: whose they are, and the way there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from app import state
from app.judge.judge_card import EVENT, LONGEST_NAME
from app.language import _, n_
from app.text import md
from app.widgets import message

HERE = Path(__file__).resolve().parent
MOST = 20  # outboxes


class Outbox(NamedTuple):
    """What one desk has not been able to send: its query set, its rater, the events."""

    query_set: str
    rater: str
    held: int
    events: tuple[str, ...]


@st.fragment
def waiting(query_set: str, rater: str) -> None:
    """Tell of every outbox of this browser tab but that of the desk on the screen ("" and "" where there is none)."""
    bench = state.bench()
    held = boxes(st.session_state.get("judge_waiting"))
    written = bench.judgments.of_events([event for box in held for event in box.events])
    answer = _waiting(
        key="judge_waiting",
        data={"set": query_set, "rater": rater, "written": list(written), "told": len(held)},
        on_waiting_change=lambda: None,
    )
    found = boxes(answer)
    if found != held:
        written = bench.judgments.of_events([event for box in found for event in box.events])
    for box in found:
        left = box.held - sum(event in written for event in box.events)
        if left > 0 and (box.query_set, box.rater) != (query_set, rater):
            _told(box, left)


def _told(box: Outbox, left: int) -> None:
    here = box.query_set in state.bench().query_sets()
    whose = {"rater": md(box.rater), "name": md(box.query_set)}
    if here:
        says = _("Made by {rater} for the query set {name}; sent as soon as that desk is open.", **whose)
    else:
        says = _("Made by {rater} for the query set {name}, which is not here any more.", **whose)
    message(
        n_("{n} judgment waits in this browser, not saved", "{n} judgments wait in this browser, not saved", left),
        says, icon="outbox",
    )  # fmt: skip
    key = f"judge_outbox_{box.query_set}_{box.rater}"
    if here and st.button(_("Open that desk"), icon=":material/outbox:", key=key):
        asked = state.bench().query_set(box.query_set)
        state.later(catalogue=asked.catalogue, queries=box.query_set, rater=box.rater, judge_view="judge")
        st.rerun()


def boxes(answer: Any) -> list[Outbox]:
    """The outboxes that a browser named, without what no browser of ours sends."""
    sent = answer.get("waiting") if isinstance(answer, Mapping) else getattr(answer, "waiting", None)
    found = []
    for one in sent[:MOST] if isinstance(sent, list) else ():
        name, rater = (str(one.get(key, "")) for key in ("set", "rater")) if isinstance(one, Mapping) else ("", "")
        events = one.get("events") if isinstance(one, Mapping) else None
        sound = tuple(str(event) for event in events if EVENT.fullmatch(str(event))) if isinstance(events, list) else ()
        if name and 0 < len(rater) <= LONGEST_NAME and len(name) <= 200 and sound:
            count = one.get("n")
            found.append(Outbox(name, rater, count if isinstance(count, int) else len(sound), sound))
    return found


_waiting = st.components.v2.component(
    "uzor_judge_waiting",
    html='<div class="w" hidden></div>',
    js=HERE.joinpath("judge_waiting.js").read_text(encoding="utf-8"),
)
