"""Towers on the screen: which side answers, what fusion and a perfect choice would bring, and each query's pictures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app import asked, jobpanel, state, widgets
from app.compare.verdict_words import signed
from app.diagnosis import diagnosis_charts, tower_form, tower_queries
from app.diagnosis.tower_advice import ADVICE, PICTURED, TUNED
from app.diagnosis.tower_form import JOB
from app.diagnosis.tower_queries import NAMES, name_of, says_of
from app.failures import failure_advice
from app.language import N_, _, n_, number, percent
from app.text import md, plain
from app.vocabulary import POOLS, long_name, metric_says, word
from data.catalogue import Catalogue
from data.picture_files import filed
from eval.tower_verdicts import TOWERS, Gap, Verdict
from eval.towers import Towers

SOME = 8  # queries of a dot that are named
FINGERPRINTS = {"catalogue": N_("catalogue"), "query_set": N_("query set"), "encoder": N_("model")}


def show(catalogue: Catalogue, queries: str) -> str | None:
    """Everything there is to say of a model's towers for this query set; returns the item clicked."""
    ended = jobpanel.watch(JOB, keep=True)
    if ended is not None and ended.status == "done":
        state.put("tower", "")
        jobpanel.forget(JOB)
    asking = asked.of_set(state.bench().query_set(queries))
    if any(filed(one) for one in asking.values()):
        widgets.message(
            _("Photos have no words"),
            _(
                "This view compares pictures with titles and descriptions, and photos come without any. How models "
                "hold in a growing shop is measured for them, too."
            ),
        )
        return None
    found = state.bench().measured_towers(catalogue.name, queries)
    tower_form.form(catalogue, queries, bool(found))
    if not found:
        says = _("Choose a model above and press “Diagnose”: it reads every description once.")
        jobpanel.nothing_yet(JOB, _("No model has been diagnosed yet"), says, "troubleshoot")
        return None
    one = tower_form.one_of(found)
    verdict = one.verdicts[tower_form.metric_of(one)]
    _advice(verdict, one)
    _numbers(verdict, one)
    _honest(one, verdict)
    _same_titles(catalogue, queries, asking)
    with st.container(border=True):
        _sides(one, verdict)
    place = tower_queries.table(one, verdict, catalogue, asking)
    return None if place is None else tower_queries.pictures(one, place, catalogue, queries)


def _advice(verdict: Verdict, one: Towers) -> None:
    """What to do, in one sentence, and the differences it rests on."""
    advice = {**ADVICE, **PICTURED} if one.asks == "pictures" else ADVICE
    title, body, icon = advice[verdict.advice]
    said = _(body)
    if verdict.advice == "text" and one.asks == "words" and failure_advice.tuned(one.spec):
        said = failure_advice.learnt(one.spec) + " " + _(TUNED)
    lines = [
        _("Pictures against {side}: {gap}", side=name_of(one, verdict.best_text), gap=_gap(verdict.sides)),
        _("Fusion against texts alone: {gap}", gap=_gap(verdict.over_text)),
        _("Fusion against pictures alone: {gap}", gap=_gap(verdict.over_image)),
    ]
    widgets.message(_(title), said + "\n\n" + "\n".join(f"- {line}" for line in lines), icon=icon)


def _gap(gap: Gap) -> str:
    """A difference with its interval and its p, in Markdown."""
    p = "p < 0" + number(0.001, 3)[1:] if gap.p < 0.001 else f"p = {number(gap.p, 3)}"
    return f"**{signed(gap.mean)}** [{signed(gap.low)}; {signed(gap.high)}], {p}"


def _numbers(verdict: Verdict, one: Towers) -> None:
    """The means as cards, each with its interval and its definition."""
    with st.grid(3, min_column_width=240):
        for name in NAMES:
            low, high = verdict.intervals[name]
            st.metric(
                name_of(one, name),
                number(verdict.mean(name), 3),
                border=True,
                help=says_of(one, name) + " " + _("In brackets: 95% BCa bootstrap interval over queries."),
                delta=f"[{number(low, 3)}; {number(high, 3)}]",
                delta_color="off",
                delta_arrow="off",
            )


def _honest(one: Towers, verdict: Verdict) -> None:
    """What is left on the table, the too good number struck through, and where all this comes from."""
    st.markdown(
        _(
            "Left on the table: **{left}** between the best single ranking ({best}) and the oracle.",
            left=signed(verdict.left),
            best=name_of(one, verdict.best_single),
        )
    )
    weights = " · ".join(f"{name_of(one, t)} {percent(w)}" for t, w in zip(TOWERS, verdict.weights, strict=True))
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
        *(f"{_(FINGERPRINTS.get(name, name))} {value[:8]}" for name, value in one.fingerprints.items()),
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


def _some(texts: pd.Series) -> str:
    """The first queries of a dot by name, and how many more there are: thousands can share one."""
    more = len(texts) - SOME
    return ", ".join(texts.iloc[:SOME]) + (f" +{number(more)}" if more > 0 else "")


def _same_titles(catalogue: Catalogue, queries: str, asking: Mapping[str, str]) -> None:
    """Say of how many asking items a right one has the very same title: there words know the answer by themselves."""
    titles = dict(zip(catalogue.ids, catalogue.table["title"], strict=True))
    query_set = state.bench().query_set(queries)
    same = sum(
        any(titles.get(item) == titles.get(one) for item in query_set.relevant(query)) for query, one in asking.items()
    )
    if same:
        st.caption(
            ":material/info: "
            + _(
                "{n} of {total} asking items are called exactly like an item that is right for them: there words know "
                "the answer by themselves.",
                n=number(same),
                total=number(len(asking)),
            )
        )


def _sides(one: Towers, verdict: Verdict) -> None:
    """A dot a query: what descriptions find against what pictures find."""
    st.markdown("**" + _("Query by query: descriptions against pictures") + "**")
    x, y = verdict.values["text"], verdict.values["image"]
    table = pd.DataFrame({"x": x, "y": y, "text": [plain(t) for t in one.texts]})
    table["shown"] = [f"{number(a, 3)} · {number(b, 3)}" for a, b in zip(x, y, strict=True)]
    together = table.groupby(["x", "y"], as_index=False).agg({"text": _some, "shown": "first"})
    st.echarts_chart(
        diagnosis_charts.sides_spec(
            together, name_of(one, "text"), name_of(one, "image"), st.context.theme.type == "dark"
        ),
        height=320,
        key="sides",
        alt=_("Query by query: descriptions against pictures"),
    )
    st.caption(_("Above the diagonal pictures find more, below it descriptions do. Queries of one place share a dot."))
