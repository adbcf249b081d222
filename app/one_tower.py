"""Models that see pictures with one and the same tower: said in the same words wherever their numbers stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.language import _
from app.text import md


def groups(marks: Mapping[str, str]) -> list[list[str]]:
    """The models whose marks of picture vectors are equal, two or more together; an empty mark is unknown."""
    found: dict[str, list[str]] = {}
    for name, mark in marks.items():
        if mark:
            found.setdefault(mark, []).append(name)
    return [names for names in found.values() if len(names) > 1]


def told(titles: Sequence[str], so: str) -> str:
    """The sentence about those models, and what follows from it (a sentence of its own), as Markdown."""
    first = ", ".join(md(title) for title in titles[:-1])
    said = _("{first} and {second} see pictures with one and the same tower.", first=first, second=md(titles[-1]))
    return f"{said} {so}"


def caption(titles: Sequence[str], so: str) -> None:
    """The same on the page, small, with a sign before it."""
    st.caption(":material/info: " + told(titles, so))
