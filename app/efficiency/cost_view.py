"""Efficiency on the screen: the table of costs, the front of quality and cost, and who stays within typed limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import one_tower, state
from app.efficiency import cost_charts, cost_galleries, cost_words
from app.efficiency.cost_quality import Quality
from app.efficiency.cost_words import SAYS, STANDING, TITLES, shown, written
from app.language import _, n_, named, when
from app.text import md
from app.vocabulary import word
from eval.costs import front
from eval.costs.galleries import Gallery
from eval.costs.outcome import Cost

ONLINE = (
    "cold_start", "first_answer", "text_p50", "text_p95", "picture_p50", "picture_p95", "search_p95", "throughput",
    "peak_ram", "cpu_percent", "parameters", "file_bytes", "size", "index_bytes",
)  # fmt: skip
COSTS = (
    "picture_p95", "picture_p50", "text_p95", "text_p50", "search_p95", "first_answer", "cold_start", "peak_ram",
    "cpu_per_1000", "parameters", "file_bytes", "index_bytes",
)  # fmt: skip
LIMITED = ("text_p95", "picture_p95", "search_p95", "first_answer", "peak_ram", "file_bytes", "index_bytes")


def warned(costs: Sequence[Cost], names: Mapping[str, str]) -> None:
    """Say which measurements are doubtful, and why, before anybody reads them."""
    doubtful = [one for one in costs if one.flags]
    if not doubtful:
        st.caption(":material/check_circle: " + _("Every measurement was repeated on a quiet machine and is steady."))
        return
    lines = [f"- {md(names.get(one.name, one.name))}: {cost_words.flags(one)}" for one in doubtful]
    st.warning(_("Not to be quoted as they are:") + "\n" + "\n".join(lines), icon=":material/warning:")


def table(costs: Sequence[Cost], names: Mapping[str, str]) -> None:
    """A row a model: what running it online costs."""
    numbers = [name for name in ONLINE if any(name in one.numbers for one in costs)]
    rows = [
        {"model": names[one.name], **{name: written(one.numbers.get(name), name) for name in numbers}} for one in costs
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=_("What running a model costs"),
        column_config={
            "model": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
            **{name: st.column_config.TextColumn(word(TITLES, name), help=word(SAYS, name)) for name in numbers},
        },
    )
    for alike in one_tower.groups({one.name: one.fingerprints.get("features", "") for one in costs}):
        one_tower.caption(
            [names[name] for name in alike],
            _("Where their picture numbers differ, it is the machine's doing, not the model's."),
        )
    _measured(costs, names)


def _measured(costs: Sequence[Cost], names: Mapping[str, str]) -> None:
    """On what and when each was measured; those that were measured alike share a line."""
    alike: dict[tuple[str, ...], list[Cost]] = {}
    for one in costs:
        alike.setdefault(_about(one), []).append(one)
    for about, some in alike.items():
        whose = [", ".join(names[one.name] for one in some)] if len(alike) > 1 else []
        times = dict.fromkeys(when(made) for made in sorted(one.made for one in some))
        st.caption(
            " · ".join(map(md, [*whose, *about, " – ".join([next(iter(times)), *list(times)[1:][-1:]])])),
            help=_(
                "Each model runs in processes of its own, one after the other, all models once before any a second "
                "time. The median is shown, in brackets the least and the most. Others count as using the machine "
                "above one tenth of all cores."
            ),
        )


def _about(one: Cost) -> tuple[str, ...]:
    return (
        str(one.machine["processor"]),
        n_("{n} core", "{n} cores", int(one.machine["usable_cores"])),
        n_("{n} thread", "{n} threads", int(one.settings["threads"])),
        f"torch {one.machine['torch']}",
        n_("{n} process a model", "{n} processes a model", int(one.settings["repeats"])),
        n_("{n} call in each", "{n} calls in each", int(one.settings["calls"])),
        n_("catalogue of {n} item", "catalogue of {n} items", one.items),
    )


def limits(costs: Sequence[Cost], grown: Mapping[str, Gallery]) -> tuple[dict[str, float], list[Cost]]:
    """What the visitor typed as limits, in the units of the records (an empty field limits nothing), and the costs
    with the size of gallery that is looked at.
    """
    typed: dict[str, float] = {}
    st.header(_("Limits"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        looked = cost_galleries.looked_at(costs, grown)
        for name in LIMITED:
            value = st.number_input(
                word(TITLES, name), min_value=0.0, value=None, key=f"limit_{name}", persist_state="session", width=170,
                placeholder=_("any"), help=word(SAYS, name),
            )  # fmt: skip
            if value is not None:
                typed[name] = value / shown(name, 1.0)
    return typed, looked


def survivors(costs: Sequence[Cost], typed: Mapping[str, float], names: Mapping[str, str]) -> list[str]:
    """Say who stays within the limits; returns the specs that do not."""
    over = {one.name: front.beyond(one, typed) for one in costs}
    there = {one.name: one.numbers for one in costs}
    if not typed:
        return []
    stay = [names.get(spec, spec) for spec, beyond in over.items() if not beyond]
    said = [
        _("Within all limits: **{models}**", models=md(", ".join(stay))) if stay else _("No model is within them all.")
    ]
    for spec, beyond in over.items():
        if beyond:
            lacking = _("not measured")
            titles = [word(TITLES, name) + ("" if name in there[spec] else f" ({lacking})") for name in beyond]
            numbers = md("; ".join(titles))
            said.append("- " + _("{model}: beyond {numbers}", model=md(names.get(spec, spec)), numbers=numbers))
    st.markdown("\n".join(said))
    return [spec for spec, beyond in over.items() if beyond]


def chart(
    costs: Sequence[Cost], qualities: Sequence[Quality], typed: Mapping[str, float], outside: Sequence[str],
    names: Mapping[str, str],
) -> None:  # fmt: skip
    """Quality against the chosen cost, with intervals and the front."""
    st.header(_("Quality against cost"), anchor=False)
    if not qualities:
        st.caption(_("No quality is known yet of these models: evaluate them on a query set, or classify with them."))
        return
    quality, cost = _axes(costs, qualities)
    points = [_point(one, quality, cost) for one in costs if one.name in quality.values and cost in one.numbers]
    if not points:
        st.caption(_("No model has both this quality and this cost."))
        return
    states = front.standing(points)
    limit = shown(cost, typed[cost]) if cost in typed else None
    words = (word(TITLES, cost), quality.title, _("front"))
    st.echarts_chart(
        cost_charts.front_spec(points, names, states, outside, words, limit, st.context.theme.type == "dark"),
        height=420,
        key="front",
        alt=_("Quality against cost"),
    )
    lines = [f"- {md(names[one.spec])}: {word(STANDING, states[one.spec])}" for one in points]
    st.markdown("\n".join(lines))
    st.caption(_("Bars: {interval} up, the least and the most of the processes across.", interval=quality.interval))


def _axes(costs: Sequence[Cost], qualities: Sequence[Quality]) -> tuple[Quality, str]:
    known = {one.key: one for one in qualities}
    there = [name for name in COSTS if any(name in one.numbers for one in costs)]
    state.seed("cost_quality", next(iter(known)), known)
    usual = known[st.session_state["cost_quality"]].cost
    state.seed("cost_number", usual if usual in there else there[0], there)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Quality"), list(known), format_func=named(known, lambda key: known[key].title), key="cost_quality",
            persist_state="session", width=420,
        )  # fmt: skip
        st.selectbox(
            _("Cost"), there, format_func=named(there, lambda name: word(TITLES, name)), key="cost_number",
            persist_state="session", width=260,
        )  # fmt: skip
    state.publish("cost_quality", next(iter(known)))
    state.publish("cost_number", "")  # always in the link: which one is usual depends on the quality
    return known[st.session_state["cost_quality"]], str(st.session_state["cost_number"])


def _point(one: Cost, quality: Quality, cost: str) -> front.Point:
    number = one.numbers[cost]
    across = (shown(cost, part) for part in (number.value, number.low, number.high))
    return front.Point(one.name, *quality.values[one.name], *across)
