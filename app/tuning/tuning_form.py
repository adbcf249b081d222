"""Starting a tuning from the screen: which model learns from which catalogue, by which recipe; and going on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import jobpanel, jobs, picker, state
from app.jobs import JobState
from app.language import _, n_, named, number, percent
from app.text import md, plain
from app.vocabulary import MODES, RECIPES, SAME_CAPTION, word
from app.widgets import calmly, message
from data.catalogue import Catalogue
from eval import tuned
from eval.contracts import KnownModel
from eval.finetuning import recipe

FAMILIES = ("openclip", "ruclip")  # those whose models have two towers and projections over them
JOB = "finetune"
UNFINISHED = ("cancelled", "interrupted")


def bases() -> dict[str, KnownModel]:
    """Spec → model, for those that are on this machine and can be tuned."""
    return {str(m.spec): m for m in state.models() if m.here and m.spec.family in FAMILIES}


def form(catalogue: Catalogue) -> None:
    """Model, mode, recipe and name; the button starts the job."""
    models = bases()
    if not models:
        message(_("No model here can be tuned"), _("A CLIP or ruCLIP model is needed."), "uzor models")
        return
    plain_ones = [model for model in models.values() if not model.tuned]
    state.seed("base", picker.default_model(plain_ones or list(models.values())), models)
    state.seed("tune_mode", "heads", MODES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picker.single(models, "base", _("Base model"), 360)
        st.segmented_control(
            _("What is tuned"),
            list(MODES),
            format_func=named(MODES, lambda m: word(MODES, m)),
            key="tune_mode",
            required=True,
            persist_state="session",
            help=_(
                "The two projections over frozen towers learn in seconds once the features are computed. Whole towers "
                "run through every picture in every epoch: hours for a large model on a processor."
            ),
        )
        st.text_input(
            _("Name"), key="tune_name", placeholder=_("made from mode and content"), width=240, persist_state="session"
        )
    state.publish("base", "")
    state.publish("tune_mode", "heads")
    name, changes = st.session_state["tune_name"].strip(), numbers(st.session_state["tune_mode"])
    tests = _kept_out(catalogue)
    if _sound(name, changes) and st.button(
        _("Tune"), type="primary", icon=":material/model_training:", key="start_tuning"
    ):
        jobpanel.begin(JOB, base=st.session_state["base"], catalogue=catalogue.name, name=name, tests=tests, **changes)


def numbers(mode: str) -> dict[str, Any]:
    """The recipe's numbers as the visitor leaves them, with the name of the recipe they began from."""
    with st.expander(_("Numbers of the recipe"), icon=":material/tune:"):
        chosen = mode
        if mode == "heads":
            state.seed("tune_recipe", "default", RECIPES)
            st.segmented_control(
                _("Begin from"),
                list(RECIPES),
                format_func=named(RECIPES, lambda r: word(RECIPES, r)),
                key="tune_recipe",
                required=True,
                persist_state="session",
                help=_(
                    "The 2025 report's plain form: pairs with equal captions are negatives, pictures are not cropped, "
                    "the last epoch stays."
                ),
            )
            chosen = str(st.session_state["tune_recipe"])
        with st.grid(4, min_column_width=170):
            changes = _drawn(recipe.RECIPES[chosen], chosen)
    return {"recipe": chosen, **changes}


def _drawn(begun: recipe.Recipe, called: str) -> dict[str, Any]:
    """A field for each number one may want to turn; what one recipe was given is no other recipe's."""

    def field(name: str, label: str, low: float, high: float, step: float, says: str = "", **how: Any) -> Any:
        return st.number_input(label, low, high, getattr(begun, name), step, key=f"tune_{called}_{name}",
                               help=says or None, persist_state="session", **how)  # fmt: skip

    changes = {
        "epochs": field("epochs", _("Epochs"), 1, 1000, 1),
        "rate": field("rate", _("Learning rate"), 1e-7, 1.0, 1e-5, format="%.1e"),
        "batch": field("batch", _("Batch"), 2, 65_536, 16, _("Pairs that are told apart from one another in a step.")),
        "weight_decay": field(
            "weight_decay", _("Weight decay"), 0.0, 10.0, 0.01, _("0.2 in the report's code, 0.01 in its text.")
        ),
        "views": field(
            "views", _("Views of a picture"), 0, 64, 1,
            _("Cached variants: mirrored, cropped, brighter, darker. 0: the plain picture."),
        ),
        "flip": field("flip", _("Chance of mirroring"), 0.0, 1.0, 0.1, _("0 where words are to be read.")),
        "crop": field("crop", _("Smallest crop"), 0.3, 1.0, 0.05, _("Share of a side that a view keeps; 1: no crop.")),
        "seed": field("seed", _("Seed"), 0, 2**31 - 1, 1),
    }  # fmt: skip
    changes["same_caption"] = st.segmented_control(
        _("Equal captions in a batch are"),
        list(SAME_CAPTION),
        format_func=named(SAME_CAPTION, lambda s: word(SAME_CAPTION, s)),
        default=begun.same_caption,
        key=f"tune_{called}_same_caption",
        required=True,
        persist_state="session",
    )
    return changes


def _kept_out(catalogue: Catalogue) -> list[str]:
    """The query sets whose judged items are not learnt from; says how many items that leaves."""
    names = state.bench().query_sets(catalogue.name)
    chosen = names
    if names:
        state.seed("tune_tests", names, names)
        chosen = st.multiselect(
            _("Not learnt from: what these query sets judge"),
            names,
            format_func=plain,
            key="tune_tests",
            placeholder=_("none"),
            persist_state="session",
            help=_("Numbers on a query set whose items were learnt from are no test; such a result is stamped."),
        )
    judged = {item for one in chosen for item in state.bench().query_set(one).pool} & set(catalogue.ids)
    said = [
        n_("{n} item", "{n} items", len(catalogue)),
        n_("{n} of them is judged", "{n} of them are judged", len(judged)),
        _("pictures that look nearly like those stay out, too"),
        _("{share} of the rest is held out to choose the epoch by", share=percent(recipe.Recipe().validation)),
    ]
    st.caption(" · ".join(said if judged else [said[0], said[3]]))
    return list(chosen)


def _sound(name: str, changes: dict[str, Any]) -> bool:
    """True when a tuning can be started so; says what cannot be."""
    with calmly():
        recipe.recipe(changes["recipe"], **{key: value for key, value in changes.items() if key != "recipe"})
        if name and tuned.place(state.bench().home, name).exists():
            says = _("There are tuned weights {name} already; choose another name.", name=md(name))
            st.caption(":material/warning: " + says)
        return True
    return False


def unfinished() -> None:
    """Tunings that were cancelled or killed, each with a button that goes on where it stood."""
    known = jobs.recent(state.bench().home, JOB)
    seen: list[dict[str, Any]] = []
    for job in known:
        newest = job.arguments not in seen
        seen.append(job.arguments)
        if newest and job.status in UNFINISHED:
            _go_on(job)


def _go_on(job: JobState) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        where = _("{done} of {total}", done=number(job.done), total=number(job.total)) if job.total > 1 else ""
        said = [_("Unfinished: {what}", what=f"**{_about(job)}**"), where, md(job.error)]
        st.markdown(" · ".join(part for part in said if part), width="stretch")
        if st.button(_("Go on"), key=f"go_on_{job.id}", icon=":material/resume:"):
            jobpanel.begin(JOB, **job.arguments)


def _about(job: JobState) -> str:
    given = job.arguments
    return md(" · ".join(plain(given[key]) for key in ("base", "name", "catalogue") if given.get(key)))
