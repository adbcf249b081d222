"""Which colour stands for which value, as a line of chips that wraps; text is never HTML."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

_CSS = """
.l { display: flex; flex-wrap: wrap; gap: 4px 14px; margin: 0; padding: 0; list-style: none;
  font: 13px/1.4 var(--st-font); color: var(--st-text-color); }
.l li { display: inline-flex; align-items: center; gap: 6px; }
.l i { width: 10px; height: 10px; border-radius: 3px; flex: none; }
"""

_JS = """
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".l");
  list.replaceChildren(...data.values.map((value, i) => {
    const line = document.createElement("li");
    const chip = document.createElement("i");
    chip.style.background = data.colours[i];
    line.append(chip, document.createTextNode(value));
    return line;
  }));
}
"""

_legend = st.components.v2.component("uzor_legend", html='<ul class="l"></ul>', css=_CSS, js=_JS)


def legend(values: Sequence[str], colours: Sequence[str], key: str) -> None:
    """Draw the chips, one value a colour."""
    _legend(key=key, data={"values": list(values), "colours": list(colours)})
