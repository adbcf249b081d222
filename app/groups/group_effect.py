"""Before and after: the metric of every stored run with the whole gallery and without a group, at one click."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import columns, definitions, state, widgets
from app.compare import verdict_words
from app.evaluate import runs
from app.evaluate.run_names import names
from app.language import _, n_, named, number, percent
from app.text import md, short
from app.vocabulary import long_name
from data.catalogue import Catalogue
from eval import metrics, scoring
from eval.grouping.effect import Effect
from eval.grouping.kept import Group
from eval.store import RunSummary

OF_ALL = ("R", "AP", "Rprec", "nDCG")  # metrics that are relative to all relevant items
DARK = 8  # queries without an answer that are told by their words


def show(catalogue: Catalogue, group: Group) -> None:
    """Which queries and runs; the button measures, and what was measured stays while the group does."""
    st.markdown("**" + _("Before and after: the metric without this group") + "**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sets = state.bench().query_sets(catalogue.name)
        told = next((name for name in sets if state.bench().runs(catalogue.name, name)), "")
        state.seed("effect_queries", told, sets)
        queries = widgets.choose_query_set(catalogue.name, param="effect_queries", width=240, pictures=True)
        found = state.bench().measurable(catalogue.name, queries, [group.label]) if queries else []
        stored = _conditions(found)
        if not stored:
            st.caption(_("No run of this query set tells it yet: evaluate models on it first."))
            widgets.link("evaluate", _("Evaluation"), "leaderboard")
            return
        chosen = _metrics(scoring.names(int(stored[0].settings["k"]), stored[0]))
        if st.button(_("Measure without it"), type="primary", icon=":material/compare_arrows:", key="effect_go"):
            state.put("effect", group.name)
    state.seed("effect", "", {"", group.name})
    state.publish("effect", "")
    if st.session_state["effect"] == group.name and chosen:
        ids = tuple(run.id for run in stored)
        with st.spinner(_("Reading the stored runs …")):
            newest = next((run.id for run in state.bench().runs(catalogue.name, limit=1)), "")
            effects, failed = _measured(group.label, ids, tuple(chosen), catalogue.fingerprint, newest,
                                        str(state.bench().home), stored, group)  # fmt: skip
        _told(effects, stored)
        _failed(failed, catalogue, queries, group)


def _conditions(found: Sequence[list[RunSummary]]) -> list[RunSummary]:
    keys = {_key(some[0]): some for some in found}
    if len(keys) < 2:
        return next(iter(keys.values()), [])
    first = next(iter(keys))
    state.seed("effect_over", first, keys)
    st.selectbox(
        _("Conditions"), list(keys), key="effect_over", width=420,
        format_func=named(keys, lambda key: runs.said(keys[key][0])), persist_state="session",
    )  # fmt: skip
    state.publish("effect_over", first)
    return keys[str(st.session_state["effect_over"])]


def _key(run: RunSummary) -> str:
    """What the link calls the conditions of a run."""
    return hashlib.sha256(repr(runs.conditions(run)).encode()).hexdigest()[:8]


def _metrics(known: Sequence[str]) -> list[str]:
    usual = ["P@1"] if "P@1" in known else [name for name in known if name.startswith(("P@", "R@"))]
    state.seed("effect_metrics", usual, known)
    st.multiselect(
        _("Metrics"), known, key="effect_metrics", format_func=named(known, long_name), width=300,
        persist_state="session",
    )  # fmt: skip
    state.publish("effect_metrics", usual)
    return [str(name) for name in st.session_state["effect_metrics"]]


@st.cache_resource(show_spinner=False, max_entries=64)
def _measured(
    label: str, ids: tuple[str, ...], chosen: tuple[str, ...], catalogue: str, newest: str, home: str,
    _stored: Sequence[RunSummary], _group: Group,
) -> tuple[list[Effect], dict[str, ValueError]]:  # fmt: skip
    """Runs and groups of a label never change, so they are measured once; a newer run may have left the group out."""
    return state.bench().group_effect(_group.catalogue, [label], _stored, chosen)


def _told(effects: Sequence[Effect], stored: Sequence[RunSummary]) -> None:
    if not effects:
        return
    one = effects[0]
    lost = n_("{n} judgment of a relevant item was in it and counts no more",
              "{n} judgments of relevant items were in it and count no more", one.lost)  # fmt: skip
    st.caption(
        " · ".join(
            (
                _("gallery: {before} → {after}", before=number(one.gallery[0]), after=number(one.gallery[1])),
                n_("{n} query counts in both", "{n} queries count in both", one.verdict.queries),
                lost,
            )
        ),
        help=_(
            "The group's items are taken out of the gallery: they are not found, and its relevant items leave the "
            "denominator of R@k and mAP, as those outside a pool do, so that recall may rise by that alone. Both "
            "columns are over the queries that have a relevant item before and after; the interval is of the paired "
            "difference."
        ),
    )
    _table(effects, names(stored, state.models()))
    if one.lost and any(metrics.metric(e.metric).family in OF_ALL for e in effects):
        st.caption(
            ":material/info: "
            + _(
                "Recall, mAP, R-precision and nDCG are relative to what there is to find: where the group held "
                "relevant items they may rise although nothing is found better. Precision@k does not."
            )
        )
    _dark(one)


def _table(effects: Sequence[Effect], titles: dict[str, str]) -> None:
    lines = [
        {
            "name": titles[e.run], "metric": long_name(e.metric), "before": e.before, "after": e.after,
            "change": verdict_words.signed(e.verdict.difference),
            "interval": verdict_words.interval(e.verdict.low, e.verdict.high),
            "shown": percent(e.shown, 1),
        }
        for e in effects
    ]  # fmt: skip
    columns.table(
        pd.DataFrame(lines), key="effect_table", alt=_("Before and after: the metric without this group"),
        columns={
            "name": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
            "metric": st.column_config.TextColumn(_("Metric")),
            "before": columns.numbers(_("Whole gallery")),
            "after": columns.numbers(_("Without the group")),
            "change": st.column_config.TextColumn(_("Difference"), help=definitions.of("difference")),
            "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=definitions.of("interval")),
            "shown": st.column_config.TextColumn(
                _("Places it held"), help=_("The share of the first k places that items of the group held before.")
            ),
        },
    )  # fmt: skip


def _dark(one: Effect) -> None:
    if one.dark:
        texts = state.bench().store.get(one.run).facts["texts"]
        said = "; ".join(md(short(texts.get(query, query), 40)) for query in one.dark[:DARK])
        st.caption(
            ":material/info: "
            + n_("{n} query has no relevant item left and is in neither column:",
                 "{n} queries have no relevant item left and are in neither column:", len(one.dark))
            + f" {said}" + (" …" if len(one.dark) > DARK else "")
        )  # fmt: skip
    if one.unasked:
        st.caption(
            ":material/info: "
            + n_("{n} query is a picture of the group and does not ask.",
                 "{n} queries are pictures of the group and do not ask.", len(one.unasked))
        )  # fmt: skip


def _failed(failed: dict[str, ValueError], catalogue: Catalogue, queries: str, group: Group) -> None:
    for said in dict.fromkeys(widgets.said(problem) for problem in failed.values()):
        st.caption(f":material/warning: {said}")
    if failed and st.button(_("Evaluate without this group"), icon=":material/play_arrow:", key="effect_evaluate"):
        state.go("evaluate", catalogue=catalogue.name, queries=queries, eval_without=[group.name])
