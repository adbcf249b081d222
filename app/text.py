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
    return _SPECIAL.sub(r"\\\1", _SPACES.sub(" ", visible_bidi(str(words))).strip())


def short(words: object, limit: int = 80) -> str:
    """The first `limit` characters, with an ellipsis when something was left out; not escaped."""
    plain = _SPACES.sub(" ", str(words)).strip()
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
