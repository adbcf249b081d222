"""What each number on the screen means: read from docs/metrics.md and its Russian counterpart, never retold."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.language import LOCALE, _, language
from app.vocabulary import long_name, metric_says

SOURCES = {
    "en": Path(__file__).resolve().parents[1] / "docs" / "metrics.md",
    "ru": LOCALE / "ru" / "metrics.md",
}
RULES = ("gallery", "ties", "unjudged", "short", "absent", "without")  # the paragraphs of rules, in their order


@lru_cache(maxsize=4)
def tables(code: str) -> dict[str, dict[str, str]]:
    """Name of a number as it stands in the first column ("P@k", "`needed`") → heading of the column → what it says."""
    found: dict[str, dict[str, str]] = {}
    heads: list[str] = []
    for line in SOURCES[code].read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            heads = []
        elif not heads:
            heads = cells
        elif not set(cells[0]) <= set("-: "):
            for name in cells[0].replace("`", "").split(", "):
                found[name] = dict(zip(heads[1:], cells[1:], strict=True))
    return found


@lru_cache(maxsize=4)
def rules(code: str) -> dict[str, str]:
    """Rule (of RULES) → its paragraph: the paragraphs under the first heading that open in bold."""
    text = SOURCES[code].read_text(encoding="utf-8").split("\n## ")[1]
    opened = [" ".join(part.split()) for part in text.split("\n\n") if part.startswith("**")]
    return dict(zip(RULES, opened, strict=True))


def of(name: str) -> str:
    """The definition of a metric ("P@5") or of a number of a verdict ("needed") as Markdown; "" for one without."""
    family, at, _k = name.partition("@")
    row = tables(language()).get(family + "@k" if at else family)
    if row is None:
        return ""
    known_as = f" ({long_name(name)})" if long_name(name) != name else ""
    lines = [f"**{name}**{known_as} — {metric_says(name)}" if metric_says(name) else ""]
    lines += [f"- {_plain(head)}: {_plain(cell)}" for head, cell in row.items() if cell not in ("", "—")]
    if metric_says(name):
        lines += [f"- {_plain(rules(language())[rule])}" for rule in ("ties", "unjudged")]
    return "\n".join(line for line in lines if line)


def caption(text: str, name: str) -> None:
    """A caption with that definition behind its “?”."""
    st.caption(text, help=of(name))


def everything(names: list[str]) -> None:
    """The definitions of these metrics and the rules that hold for all, unfolded on demand."""
    with st.expander(_("What the numbers mean"), icon=":material/menu_book:"):
        for name in names:
            st.markdown(of(name).split("\n- **")[0])
        signs = {name: row for name, row in tables(language()).items() if name.startswith("*")}
        st.markdown("\n".join(f"- {sign} — {_plain('; '.join(row.values()))}" for sign, row in signs.items()))
        st.markdown("\n\n".join(_plain(rule) for rule in rules(language()).values()))


def _plain(cell: str) -> str:
    """Formulas keep their underscores, dollars and tildes."""
    return re.sub(r"([_$~\[\]])", r"\\\1", cell)
