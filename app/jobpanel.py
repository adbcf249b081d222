"""A long job on the screen: started once, watched from any page, cancelled with one button, its end told calmly."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import jobs, state
from app.evaluate.run_names import brief
from app.jobs import JobState
from app.language import N_, _, number, percent, seconds
from app.text import md
from app.vocabulary import JOBS, STEPS, word
from app.widgets import message

GOES_ON = N_("What was finished is kept; starting again goes on from there.")
KEPT = {  # kind → what a cancelled job leaves behind, where that is not what it had got to
    "match": N_("Models that were matched to the end are kept; the one that was under way is matched anew."),
    "classify": N_("Finished classifiers are kept; starting again goes on from there."),
    "efficiency": N_("What was measured in every process is kept; what was under way is measured anew."),
}
EVERY_SECONDS = 0.7
MAKE_MODELS = ("finetune", "import-report", "fetch")


def begin(kind: str, **arguments: Any) -> None:
    """Start the job (or find the same one already running) and draw the page anew with its panel."""
    state.put(f"{kind}_job", jobs.start(state.bench().home, kind, **arguments))
    st.rerun()


def watch(kind: str, keep: bool = False) -> JobState | None:
    """Draw the panel of this kind's job; return it once it has ended, None while it works or when there is none.

    The job's id lives in the URL until it is done (longer with `keep`); without one, a job of this kind that is
    running now is shown.
    """
    home, key = state.bench().home, f"{kind}_job"
    state.seed(key, "")
    if not st.session_state[key]:
        live = [job for job in jobs.recent(home, kind, limit=3) if job.live]
        state.put(key, live[0].id if live else "")
    state.publish(key, "")
    job = _state(st.session_state[key])
    if job is not None and job.live:
        _watch_live(job, key)
        return None
    if job is not None:
        _ended(job, key)
        if kind in MAKE_MODELS:
            state.look_again()
        if job.status == "done" and not keep:
            forget(kind)
    return job


def busy(kind: str) -> bool:
    """True while this session's job of that kind works."""
    job = _state(st.session_state.get(f"{kind}_job", ""))
    return job is not None and job.live


def nothing_yet(kind: str, title: str, body: str, icon: str) -> None:
    """Say that there are no results yet and what to press, unless a job of that kind is working on them."""
    if not busy(kind):
        message(title, body, icon=icon)


def forget(kind: str) -> None:
    """Take the ended job off the page."""
    state.put(f"{kind}_job", "")
    st.query_params.pop(f"{kind}_job", None)


def _state(job: str) -> JobState | None:
    try:
        return jobs.state(state.bench().home, job) if job else None
    except LookupError:
        return None


def _watch_live(job: JobState, key: str) -> None:
    @st.fragment(run_every=EVERY_SECONDS, key=f"{key}_watch")
    def panel() -> None:
        now = _state(job.id)
        if now is None or not now.live:
            st.rerun()
        _progress(now, key)

    panel()


def _progress(job: JobState, key: str) -> None:
    with st.container(border=True):
        share = min(job.done / job.total, 1.0) if job.total else 0.0
        counts = _("{done} of {total}", done=number(job.done), total=number(job.total)) if job.total > 1 else ""
        text = " · ".join(
            part for part in (word(STEPS, job.what), counts, percent(share) if job.total > 1 else "") if part
        )
        st.markdown(titled(job))
        st.progress(share, text=text or word(STEPS, "start"))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(_("Running for {time}. The page may be left; the work goes on.", time=seconds(job.seconds)))
            st.button(
                _("Cancel"),
                icon=":material/stop_circle:",
                key=f"{key}_cancel",
                on_click=jobs.cancel,
                args=(state.bench().home, job.id),
            )


def titled(job: JobState) -> str:
    """The job's name and, where it works on something named, what; as Markdown."""
    return " · ".join(part for part in (f"**{word(JOBS, job.kind)}**", about(job)) if part)


def about(job: JobState) -> str:
    """What the job works on, in a few words, escaped."""
    arguments = job.arguments
    names = ("spec", "base", "name", "catalogue")
    titles = {str(model.spec): brief(model.title) for model in state.models()}
    words = [titles.get(w, w) for w in (*arguments.get("specs", []), *(arguments.get(name) for name in names))]
    return md(", ".join(str(w) for w in words if w)) or md(arguments.get("path", ""))


def _ended(job: JobState, key: str) -> None:
    if job.status == "failed":
        message(_("{work} failed", work=word(JOBS, job.kind)), md(job.error), job.remedy, "error")
    elif job.status == "cancelled":
        message(_("Cancelled"), _(KEPT.get(job.kind, GOES_ON)), icon="cancel")
    elif job.status == "interrupted":
        ended = _("The process ended before its time.") + " " + _(KEPT.get(job.kind, GOES_ON))
        message(_("The work was interrupted"), ended, job.error, "error")
    for spec, why in job.result.get("failed", {}).items():
        message(_("{name} could not be run", name=spec), md(why), icon="error")
