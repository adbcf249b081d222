"""The picture that asks, where a query is one: its address, its name, and its place on the screen instead of words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from app import state
from app.gallery import picture_url
from app.language import _
from data.catalogue import Catalogue
from data.judgments import PictureQuery
from data.picture_files import filed
from data.queries import QuerySet
from eval.contracts import Run

WIDE = 150  # pixels
COLUMN = "asked"


def of_run(run: Run) -> dict[str, str]:
    """Query → the item or kept file that asks; nothing where words were asked."""
    return dict(run.facts.get("pictures") or {})


def of_set(query_set: QuerySet) -> dict[str, str]:
    """The same of a query set."""
    return {q.id: q.item or q.image for q in query_set.queries if isinstance(q, PictureQuery)}


def urls(catalogue: Catalogue, pictures: Mapping[str, str]) -> dict[str, str]:
    """Query → the address of the picture's thumbnail, relative to the page; "" for an item that is gone."""
    digests = dict(zip(catalogue.ids, catalogue.table["sha256"], strict=True))
    return {query: _url(catalogue, digests, one) for query, one in pictures.items()}


def _url(catalogue: Catalogue, digests: Mapping[str, str], one: str) -> str:
    if one in digests:
        return picture_url(catalogue, digests[one])
    return f"asked/{PurePosixPath(one).stem}.webp" if filed(one) else ""


def names(texts: Mapping[str, str], pictures: Mapping[str, str]) -> dict[str, str]:
    """Query → what it is called in a list: its words, and for a picture what tells it from others so called."""
    return {query: _called(text, query, pictures.get(query, "")) for query, text in texts.items()}


def called(query_set: QuerySet) -> dict[str, str]:
    """Query → what it is called in a list, for all of a query set."""
    return names({query.id: query.text for query in query_set.queries}, of_set(query_set))


def _called(text: str, query: str, one: str) -> str:
    if not one:
        return text
    mark = query if filed(one) else one  # of a kept file the name it came by
    return f"{text} · {mark}" if text and text != mark else mark


def show(catalogue: Catalogue, pictures: Mapping[str, str], query: str, wide: int = WIDE) -> None:
    """Draw the picture that asks, under it what it is called; nothing where words ask."""
    if query not in pictures:
        return
    one, there = pictures[query], set(catalogue.ids)
    path = catalogue.thumbnail(one) if one in there else state.bench().kept_thumbnail(one)
    if path is not None and path.is_file():
        st.image(str(path), width=wide, alt=_("The picture that asks"))
    else:
        st.caption(":material/broken_image: " + _("The picture that asks is not here any more."))


def beside(table: Any, catalogue: Catalogue, pictures: Mapping[str, str], query: str = "query") -> dict[str, Any]:
    """Give a table of queries a column `COLUMN` with the pictures that ask; how it is drawn, {} where words ask."""
    if not pictures:
        return {}
    found = urls(catalogue, pictures)
    table[COLUMN] = [found.get(one, "") for one in table[query]]
    return {
        COLUMN: st.column_config.ImageColumn(_("Picture"), help=_("The picture that asks"), width="small", pinned=True)
    }


def not_explained() -> None:
    """Say calmly why there is no «Why was it found?» where pictures ask."""
    st.caption(
        ":material/info: "
        + _("“Why” takes the query's words away one by one; a picture has none, so look at what stands before it.")
    )
