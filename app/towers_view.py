"""Towers on the screen: which side answers, what fusion and a perfect choice would bring, and each query's pictures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app import diagnosis_charts, jobpanel, picker, state, tower_queries, widgets
from app.language import N_, _, n_, named, number, percent
from app.text import md, plain
from app.tower_queries import NAMES, SAYS
from app.vocabulary import POOLS, long_name, metric_says, word
from data.catalogue import Catalogue
from eval.tower_verdicts import TOWERS, Gap, Verdict
from eval.towers import Towers

JOB = "towers"
ADVICE = {
    "text": (
        N_("Texts answer: search by titles and descriptions"),
        N_("The pictures' side adds nothing proven. Fine-tune the model on this catalogue, or leave pictures out."),
        "article",
    ),
    "image": (
        N_("Pictures answer: search by pictures"),
        N_("Titles and descriptions add nothing proven. Write better ones before searching in them."),
        "image",
    ),
    "fuse": (
        N_("Both sides together: fuse texts and pictures"),
        N_("The fusion is proven better than texts alone and than pictures alone, on queries it was not tuned on."),
        "merge",
    ),
    "undecided": (
        N_("Neither side is proven better"),
        N_("The difference is within what chance does with so few queries. Judge more queries."),
        "balance",
    ),
}


def show(catalogue: Catalogue, queries: str) -> str | None:
    """Everything there is to say of a model's towers for this query set; returns the item clicked."""
    ended = jobpanel.watch(JOB, keep=True)
    if ended is not None and ended.status == "done":
        state.put("tower", "")
        jobpanel.forget(JOB)
    found = state.bench().diagnosed(catalogue.name, queries)
    _form(catalogue, queries, bool(found))
    if not found:
        if not jobpanel.busy(JOB):
            widgets.message(
                _("No model has been diagnosed yet"),
                _("Choose a model above and press “Diagnose”: it reads every description once."),
                icon="troubleshoot",
            )
        return None
    one = _one(found)
    verdict = one.verdicts[_metric(one)]
    _advice(verdict)
    _numbers(verdict)
    _honest(one, verdict)
    with st.container(border=True):
        _sides(one, verdict)
    place = tower_queries.table(one, verdict)
    return None if place is None else tower_queries.pictures(one, place, catalogue, queries)


def _form(catalogue: Catalogue, queries: str, folded: bool) -> None:
    models = {str(m.spec): m for m in state.models() if m.here and m.spec.family not in ("bm25", "chance")}
    if not models:
        return
    state.seed("tower_model", picker.default_model(list(models.values())), models)
    state.seed("tower_pool", "catalogue", POOLS)
    opened = st.expander(_("Diagnose a model"), expanded=not folded, icon=":material/play_circle:", key="towers_form")
    with opened, st.form("towers_asked", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Model"),
            list(models),
            format_func=named(models, lambda spec: picker.title_of(models[spec])),
            key="tower_model",
            persist_state="session",
            width=420,
        )
        st.segmented_control(
            _("Search in"),
            list(POOLS),
            format_func=named(POOLS, lambda p: word(POOLS, p)),
            key="tower_pool",
            required=True,
            persist_state="session",
        )
        go = st.form_submit_button(_("Diagnose"), type="primary", icon=":material/play_arrow:")
    if go:
        asked = {"spec": st.session_state["tower_model"], "pool": st.session_state["tower_pool"], "k": 5}
        jobpanel.begin(JOB, catalogue=catalogue.name, query_set=queries, **asked)


def _one(found: Mapping[tuple[str, str, int], Towers]) -> Towers:
    """The diagnosis the visitor looks at; the newest at first."""
    titles = picker.titles()
    keys = {"·".join(map(str, key)): key for key in found}
    state.seed("tower", next(iter(keys)), keys)
    if len(keys) > 1:
        st.selectbox(
            _("Look at"),
            list(keys),
            format_func=named(
                keys, lambda k: f"{plain(titles.get(keys[k][0], keys[k][0]))} · {word(POOLS, keys[k][1])}"
            ),
            key="tower",
            persist_state="session",
            width=480,
        )
    state.publish("tower", "")
    return found[keys[st.session_state["tower"]]]


def _metric(one: Towers) -> str:
    names = list(one.verdicts)
    state.seed("tower_metric", names[0], names)
    st.segmented_control(_("Metric"), names, key="tower_metric", required=True, persist_state="session")
    state.publish("tower_metric", names[0])
    return str(st.session_state["tower_metric"])


def _advice(verdict: Verdict) -> None:
    """What to do, in one sentence, and the differences it rests on."""
    title, body, icon = ADVICE[verdict.advice]
    lines = [
        _("Pictures against {side}: {gap}", side=_(NAMES[verdict.best_text]), gap=_gap(verdict.sides)),
        _("Fusion against texts alone: {gap}", gap=_gap(verdict.over_text)),
        _("Fusion against pictures alone: {gap}", gap=_gap(verdict.over_image)),
    ]
    widgets.message(_(title), _(body) + "\n\n" + "\n".join(f"- {line}" for line in lines), icon=icon)


def _gap(gap: Gap) -> str:
    """A difference with its interval and its p, in Markdown."""
    p = "p < 0" + number(0.001, 3)[1:] if gap.p < 0.001 else f"p = {number(gap.p, 3)}"
    return f"**{_signed(gap.mean)}** [{_signed(gap.low)}; {_signed(gap.high)}], {p}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value), 3)


def _numbers(verdict: Verdict) -> None:
    """The means as cards, each with its interval and its definition."""
    with st.grid(3, min_column_width=240):
        for name in NAMES:
            low, high = verdict.intervals[name]
            st.metric(
                _(NAMES[name]),
                number(verdict.mean(name), 3),
                border=True,
                help=_(SAYS[name]) + " " + _("In brackets: 95% BCa bootstrap interval over queries."),
                delta=f"[{number(low, 3)}; {number(high, 3)}]",
                delta_color="off",
                delta_arrow="off",
            )


def _honest(one: Towers, verdict: Verdict) -> None:
    """What is left on the table, the too good number struck through, and where all this comes from."""
    st.markdown(
        _(
            "Left on the table: **{left}** between the best single ranking ({best}) and the oracle.",
            left=_signed(verdict.left),
            best=_(NAMES[verdict.best_single]),
        )
    )
    weights = " · ".join(f"{_(NAMES[t])} {percent(w)}" for t, w in zip(TOWERS, verdict.weights, strict=True))
    st.markdown(
        ":material/warning: "
        + _(
            "~~{value}~~ is what the fusion scores when its weights ({weights}) are tuned on the very queries it is "
            "reported on; it is no result. Tuned on the other queries it scores {honest}.",
            value=number(verdict.in_sample, 3),
            weights=weights,
            honest=number(verdict.mean("fused"), 3),
        )
    )
    said = [
        n_("{n} query", "{n} queries", len(one.queries)),
        n_("gallery of {n} item", "gallery of {n} items", one.gallery),
        word(POOLS, one.pool).lower(),
        *(f"{name} {value[:8]}" for name, value in one.fingerprints.items()),
    ]
    st.caption(
        " · ".join(map(md, said)),
        help=f"{long_name(verdict.metric)}: {metric_says(verdict.metric)} "
        + _(
            "p: paired randomisation test over queries, Holm's correction for the three differences. The advice is "
            "“fuse” where the fusion is proven better than each side alone, else the side that is proven better."
        ),
    )
    if one.truncated:
        st.caption(
            ":material/info: "
            + n_(
                "Of {n} description the model reads only the beginning.",
                "Of {n} descriptions the model reads only the beginning.",
                one.truncated,
            )
        )


def _sides(one: Towers, verdict: Verdict) -> None:
    """A dot a query: what descriptions find against what pictures find."""
    st.markdown("**" + _("Query by query: descriptions against pictures") + "**")
    x, y = verdict.values["text"], verdict.values["image"]
    table = pd.DataFrame({"x": x, "y": y, "text": [plain(t) for t in one.texts]})
    table["shown"] = [f"{number(a, 3)} · {number(b, 3)}" for a, b in zip(x, y, strict=True)]
    together = table.groupby(["x", "y"], as_index=False).agg({"text": ", ".join, "shown": "first"})
    st.echarts_chart(
        diagnosis_charts.sides_spec(together, _(NAMES["text"]), _(NAMES["image"]), st.context.theme.type == "dark"),
        height=320,
        key="sides",
        alt=_("Query by query: descriptions against pictures"),
    )
    st.caption(_("Above the diagonal pictures find more, below it descriptions do. Queries of one place share a dot."))
