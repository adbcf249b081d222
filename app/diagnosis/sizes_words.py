"""Curves over growing galleries in sentences: which model holds, what is lost, who overtakes whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.language import _, number, percent
from app.text import md
from app.vocabulary import long_name
from eval import size_curves
from eval.size_curves import Crossing, Curve

LEAST = 0.005  # a difference between two sizes that is worth a word


def said(curves: Sequence[Curve], metric: str, titles: Mapping[str, str]) -> None:
    """The answer to «will it hold on my whole shop?» in a sentence a model, and where two change places."""
    lines = []
    for one in curves:
        first, last = one.metrics[metric][0], one.metrics[metric][-1]
        about = {"model": f"**{md(titles.get(one.spec, one.spec))}**", "first": number(first.median, 3),
                 "last": number(last.median, 3)}  # fmt: skip
        start, end = (size_curves.above_chance(one, metric, end) for end in (0, -1))
        if start is False:
            lines.append(_("{model} is near chance from the start: {first} → {last}", **about))
        elif first.median - last.median < LEAST:
            lines.append(_("{model} holds: {first} → {last}", **about))
        else:
            share = percent((first.median - last.median) / first.median)
            loss = _("{model} loses {share}: {first} → {last}", share=share, **about)
            lines.append(loss + (_(", down to chance") if end is False else ""))
    sizes = curves[0].sizes
    st.markdown(
        _("From {first} to {last} items, {metric}:", first=number(sizes[0]), last=number(sizes[-1]),
          metric=long_name(metric))
    )  # fmt: skip
    st.markdown("\n".join(f"- {line}" for line in lines))
    for line in dict.fromkeys(_crossed(one, titles) for one in size_curves.crossings(curves, metric)):
        if line:
            st.markdown(line)


def _crossed(one: Crossing, titles: Mapping[str, str]) -> str:
    """What is worth saying of a crossing; "" where it may be chance alone."""
    names = {"first": md(titles.get(one.first, one.first)), "second": md(titles.get(one.second, one.second))}
    if one.means == "overtakes":
        said = _("At about {size} items {second} overtakes {first}.", size=number(round(one.size, -1)), **names)
        return ":material/swap_vert: " + said
    if one.means == "chance":
        pair = dict(zip(("first", "second"), sorted(names.values()), strict=True))
        return ":material/info: " + _("{first} and {second} are both near chance; which is ahead says nothing.", **pair)
    return ""
