"""Searches as the gallery grows, on the screen: latency over size as chart and table, and the size limits apply to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import columns, state
from app.efficiency import cost_charts, cost_words
from app.efficiency.cost_words import ORIGINS, SAYS, TITLES, shown, written
from app.language import _, n_, named, number
from app.text import md, plain
from app.vocabulary import word
from eval.costs import galleries
from eval.costs.galleries import Gallery
from eval.costs.outcome import Cost

SHOWN = ("search_p95", "search_p50", "search_cpu", "index_bytes", "peak_ram")


def looked_at(costs: Sequence[Cost], grown: Mapping[str, Gallery]) -> list[Cost]:
    """The costs with the index and the size of gallery that the visitor chooses; as they are while none is chosen."""
    if not grown:
        return list(costs)
    own = next(iter(grown.values())).items
    indexes = list(dict.fromkeys(index for one in grown.values() for index in one.indexes))
    sizes = [0, *sorted({size for one in grown.values() for size in one.sizes} - {own})]
    state.seed("cost_size", 0, sizes)
    state.seed("cost_index", indexes[0], indexes)
    st.selectbox(
        _("Vectors in the gallery"), sizes, key="cost_size",
        format_func=named(sizes, lambda size: number(size) if size else _("{n}: the catalogue as it is",
                          n=number(own))),
        persist_state="session", width=270,
    )  # fmt: skip
    if len(indexes) > 1:
        st.selectbox(_("Index"), indexes, key="cost_index", persist_state="session", width=120)
    state.publish("cost_size", 0)
    state.publish("cost_index", indexes[0])
    size, index = int(st.session_state["cost_size"]), str(st.session_state["cost_index"])
    if not size and index == indexes[0]:
        return list(costs)
    return [galleries.at_size(one, grown.get(one.spec), index, size or own) for one in costs]


def show(grown: Mapping[str, Gallery], typed: Mapping[str, float], titles: Mapping[str, str]) -> None:
    """Chart and table of the chosen number, with what makes the measurement doubtful."""
    st.header(_("Search as the gallery grows"), anchor=False)
    if not grown:
        st.caption(_("No gallery has been measured yet: press “Measure” above; words are searched without vectors."))
        return
    one, chosen = _choose(grown, titles)
    words = (_("vectors in the gallery"), word(TITLES, chosen))
    lines = {
        index: [(point.size, *_ends(point.numbers[chosen], chosen)) for point in one.points if point.index == index]
        for index in one.indexes
    }
    limit = shown(chosen, typed[chosen]) if chosen in typed else None
    st.echarts_chart(
        cost_charts.growing_spec(lines, words, limit, st.context.theme.type == "dark"), height=360, key="growing",
        alt=_("Search as the gallery grows"),
    )  # fmt: skip
    _table(one)
    _said(one)


def _ends(one: galleries.Number, name: str) -> tuple[float, float, float]:
    value, low, high = (shown(name, part) for part in (one.value, one.low, one.high))
    return value, low, high


def _choose(grown: Mapping[str, Gallery], titles: Mapping[str, str]) -> tuple[Gallery, str]:
    """Whose vectors, and which number."""
    state.seed("cost_grown", next(iter(grown)), grown)
    state.seed("cost_growing", SHOWN[0], SHOWN)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Vectors of"), list(grown), key="cost_grown", persist_state="session", width=320,
            format_func=named(grown, lambda spec: plain(titles.get(spec, spec))),
        )  # fmt: skip
        st.selectbox(
            _("Number"), list(SHOWN), key="cost_growing", persist_state="session", width=260,
            format_func=named(SHOWN, lambda name: word(TITLES, name)),
        )  # fmt: skip
    state.publish("cost_grown", next(iter(grown)))
    state.publish("cost_growing", SHOWN[0])
    return grown[st.session_state["cost_grown"]], str(st.session_state["cost_growing"])


def _table(one: Gallery) -> None:
    rows = [
        {"index": point.index, "size": point.size, **{name: written(point.numbers[name], name) for name in SHOWN},
         "origin": word(ORIGINS, point.origin)}
        for point in one.points
    ]  # fmt: skip
    columns.table(
        pd.DataFrame(rows),
        {
            "index": st.column_config.TextColumn(_("Index"), pinned=True),
            "size": columns.numbers(_("Vectors"), 0, pinned=True),
            **{name: st.column_config.TextColumn(word(TITLES, name), help=word(SAYS, name)) for name in SHOWN},
            "origin": st.column_config.TextColumn(_("What the gallery holds")),
        },
        alt=_("Search as the gallery grows"),
    )
    for size, _why in one.refused.items():
        st.caption(":material/memory: " + _("{n} vectors were not measured: there was too little free memory for them.",
                                            n=number(int(size))))  # fmt: skip


def _said(one: Gallery) -> None:
    """What the numbers rest on, and what makes them doubtful."""
    said = [
        n_("{n} process", "{n} processes", int(one.settings["repeats"])),
        n_("{n} search in each", "{n} searches in each", int(one.settings["calls"])),
        n_("{n} thread", "{n} threads", int(one.settings["threads"])),
        cost_words.flags(one),
    ]
    st.caption(
        " · ".join(md(part) for part in said if part),
        help=_(
            "One vector → its 20 nearest, without a model, each index in processes of its own. Galleries larger than "
            "the catalogue repeat its vectors with a little noise: their times are real, their results mean nothing. "
            "Vectors are always held as fp32; bf16 changes how a model computes them."
        ),
    )
