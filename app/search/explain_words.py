"""An explanation in plain sentences: where the item stands, and what would move it."""

from __future__ import annotations

import streamlit as st

from app.gallery import place
from app.language import _, number
from app.text import md
from app.vocabulary import CORRECTIONS, word
from eval.corrections import NONE
from eval.explanations import Explanation, Variant


def said(found: Explanation) -> None:
    """Where the item stands, and the counterfactuals, each a plain sentence."""
    lines = [
        _("It stands at {rank} of {n}, score {score}.", rank=f"**{place(found.rank)}**", n=number(found.gallery),
          score=number(found.score, 3))
        if found.rank
        else _("It is not among the {n} results: it shares no word with the query.", n=number(found.gallery))
    ]  # fmt: skip
    if one := found.needed:
        lines.append(_("Without “{words}” it would stand at {rank}.", words=md(one.words), rank=_rank(one)))
    if one := found.hindering:
        lines.append(_("Without “{words}” it would rise to {rank}.", words=md(one.words), rank=_rank(one)))
    if one := found.lacking:
        lines.append(
            _("It would be among the first {k}, at {rank}, if the query also said “{words}”.", k=found.k,
              words=md(one.words), rank=_rank(one))
        )  # fmt: skip
    elif found.added:
        lines.append(_("No word of its own title or description brings it among the first {k}.", k=found.k))
    if found.correction != NONE:
        kind = word(CORRECTIONS, found.correction)
        st.caption(":material/tune: " + _("The ranking with the correction {name} is explained.", name=kind))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _rank(one: Variant) -> str:
    return f"**{place(one.rank)}**"
