"""Starting an evaluation from the screen: which models, at which k, over which items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import jobpanel, picker, state, widgets
from app.groups import group_choice
from app.language import _, named
from app.text import plain
from app.vocabulary import POOLS, word
from data.catalogue import Catalogue
from eval import precision
from eval.contracts import KnownModel
from eval.store import RunSummary

PARAMS = ("models", "k", "pool", "from", "eval_without", "precision")


def fitting(queries: str) -> dict[str, KnownModel]:
    """Spec → model of those that can answer the query set: words are read by some, pictures seen by others."""
    models = state.models()
    asks_pictures = queries not in state.bench().query_sets(pictures=False)
    able = [m for m in models if m.spec.family != "bm25"] if asks_pictures else picker.reading(models)
    return {str(m.spec): m for m in able}


def form(catalogue: Catalogue, queries: str, summaries: Sequence[RunSummary]) -> None:
    """What to run: models, k, pool, source, precision; the button starts the job.

    Pool and source are at first those of the newest run, so that what comes can be compared with what is there.
    """
    models = fitting(queries)
    order = sorted(models, key=lambda spec: not models[spec].here)
    sources = sorted(v for v in catalogue.table["source"].unique() if v)
    _seed(models, sources, summaries)
    group_choice.seed(catalogue.name, "eval_without", summaries[0].settings if summaries else {})
    folded = st.expander(
        _("New evaluation"), expanded=not summaries, icon=":material/play_circle:", key="new_evaluation"
    )
    with folded, st.form("run_form", border=False):
        picker.several({spec: models[spec] for spec in order}, "models")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input(
                _("k"),
                1,
                100,
                key="k",
                width=110,
                persist_state="session",
                help=_("How many first results are looked at: P@k, R@k and the others with a cut."),
            )
            st.segmented_control(
                _("Search in"),
                list(POOLS),
                format_func=named(POOLS, lambda p: word(POOLS, p)),
                key="pool",
                required=True,
                persist_state="session",
                help=_(
                    "Whole catalogue: every item competes. Judged items only: the gallery is what has a judgment, "
                    "as the 2025 report did; numbers are higher and not comparable with the other."
                ),
            )
            if len(sources) > 1:
                st.multiselect(
                    _("Only the source"),
                    sources,
                    format_func=plain,
                    key="from",
                    placeholder=_("all"),
                    width=220,
                    persist_state="session",
                )
            group_choice.leave_out(catalogue.name, "eval_without")
            _precision()
            go = st.form_submit_button(_("Evaluate"), type="primary", icon=":material/play_arrow:")
    if go:
        _begin(catalogue.name, queries)


def _seed(models: Mapping[str, KnownModel], sources: Sequence[str], summaries: Sequence[RunSummary]) -> None:
    newest = summaries[0].settings if summaries else {}
    state.seed("models", [picker.default_model(list(models.values()))], models)
    state.seed("k", 5)
    state.seed("pool", newest.get("pool", "catalogue"), POOLS)
    state.seed("from", list((newest.get("where") or {}).get("source", [])), sources)
    state.seed("precision", "fp32", precision.offered_precisions())


def _precision() -> None:
    says = _(
        "fp32 is exact. bf16 needs a processor that has it and is not always faster; the run then says how far its "
        "rankings agree with fp32's and how fast it computes on this machine."
    )
    options = list(precision.offered_precisions())
    st.segmented_control(_("Precision"), options, key="precision", required=True, persist_state="session", help=says)


def _begin(catalogue: str, queries: str) -> None:
    models = fitting(queries)
    chosen = [models[spec] for spec in st.session_state["models"]]
    if not chosen:
        widgets.message(_("No model is chosen"), _("Choose at least one model above."))
    if chosen and all([picker.usable(model) for model in chosen]):
        jobpanel.begin(
            "evaluate",
            specs=[str(m.spec) for m in chosen],
            catalogue=catalogue,
            query_set=queries,
            k=int(st.session_state["k"]),
            pool=st.session_state["pool"],
            precision=st.session_state["precision"],
            where={"source": st.session_state["from"]} if st.session_state["from"] else None,
            exclude=group_choice.labels(catalogue, "eval_without"),
        )


def publish() -> None:
    """Keep what was chosen in the URL."""
    for param in PARAMS:
        state.publish(param, "")


def to_judge(catalogue: str, queries: str) -> None:
    """Say that models answered queries which nobody has judged yet, and the way to the desk."""
    widgets.message(
        _("These queries wait to be judged"),
        _("Models have answered them, and nobody has said yet what is right: there are no scores without that."),
        icon="gavel",
    )
    if st.button(_("Judge the results"), icon=":material/gavel:", type="primary", key="to_judge"):
        state.go("judge", catalogue=catalogue, queries=queries)
