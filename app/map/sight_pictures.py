"""A picture that asks, on the Map page: it stands where its item does; a photo is no item and has no place there."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from app import asked, state
from app.answers import Map, X, Y
from app.language import _
from data.catalogue import Catalogue
from data.picture_files import filed
from eval.sights import Sight


def asking(queries: str) -> dict[str, str]:
    """Query → the item or kept file that asks; nothing where words do, or no set is chosen."""
    return asked.of_set(state.bench().query_set(queries)) if queries else {}


def laid_out_with(queries: str, reads_text: bool) -> tuple[str, str]:
    """The set whose queries can be chosen, and the one whose words are laid out with the map ("" for none)."""
    if asking(queries):
        return queries, ""
    return (queries, queries) if reads_text else ("", "")


def placed(laid: Map, seen: Sight | None, queries: str) -> Map:
    """The map with the query at the place of the item that asks; as it is where words do."""
    pictures = asking(queries)
    if seen is None or not pictures:
        return laid
    there = laid.table[laid.table["id"] == pictures[seen.query]]
    rows = [{"id": seen.query, "text": seen.text, X: x, Y: y} for x, y in there[[X, Y]].to_numpy()]
    return replace(laid, queries=pd.DataFrame(rows, columns=["id", "text", X, Y]))


def said(catalogue: Catalogue, seen: Sight, queries: str) -> str:
    """Where the asking picture stands on the map; "" where words ask."""
    pictures = asking(queries)
    if not pictures:
        return ""
    if filed(pictures[seen.query]):
        return _("A photo that is no item has no place on the map; its hits and misses have.")
    return _("On the map the query stands where the asking item does; the item itself is no answer.")


def show(catalogue: Catalogue, seen: Sight, queries: str) -> bool:
    """Draw the picture that asks; False where words do."""
    pictures = asking(queries)
    asked.show(catalogue, pictures, seen.query, wide=110)
    return bool(pictures)
