"""Words that people and catalogues wrote, made safe for Streamlit labels, which read Markdown."""

from __future__ import annotations

import re

from data.cleaning import visible_bidi

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$@^=&\"'/])")
_SPACES = re.compile(r"\s+")


def md(words: object) -> str:
    """`words` with every character that Markdown reads escaped, on one line: shown as they are, never interpreted.

    An image, a link, a colour or an emoji code in a title stays text and fetches nothing; marks that turn the
    direction of text are shown instead of obeyed.
    """
    return _SPECIAL.sub(r"\\\1", plain(words))


def plain(words: object) -> str:
    """`words` on one line for places that read no Markdown: options of a select box, cells of a table."""
    return _SPACES.sub(" ", visible_bidi(str(words))).strip()


def short(words: object, limit: int = 80) -> str:
    """The first `limit` characters, with an ellipsis when something was left out; not escaped."""
    line = plain(words)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
