"""Looking through a catalogue: which rows fit the words and filters, and how much there is of what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from data import storage
from data.catalogue import Catalogue

PAGE = 48  # pictures on one screen
SEARCHED = ("id", "title", "description")


def rows(catalogue: Catalogue, words: str, where: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Ascending rows (int64) whose id, title or description holds every word, and whose columns have those values."""
    table = catalogue.table
    fits = np.ones(len(table), dtype=bool)
    for column, values in where.items():
        if values:
            fits &= table[column].isin(list(values)).to_numpy()
    for word in words.casefold().split():
        fits &= np.logical_or.reduce(
            [_lower(catalogue, c).str.contains(word, regex=False).to_numpy() for c in SEARCHED]
        )
    return np.flatnonzero(fits).astype(np.int64)


def _lower(catalogue: Catalogue, column: str) -> pd.Series:
    return _lowered(catalogue.fingerprint, column, catalogue)


@st.cache_resource(show_spinner=False, max_entries=12)
def _lowered(fingerprint: str, column: str, _catalogue: Catalogue) -> pd.Series:
    return _catalogue.table[column].str.casefold()


def sample(catalogue: Catalogue, count: int) -> list[str]:
    """`count` ids spread evenly over the catalogue, the same ones every time."""
    places = np.linspace(0, len(catalogue) - 1, min(count, len(catalogue))).astype(int)
    return [catalogue.ids[i] for i in dict.fromkeys(places.tolist())]


@st.cache_data(show_spinner=False, max_entries=16)
def size(root: str) -> int:
    """What a catalogue's files take on the disk, in bytes, by its manifest."""
    return sum(int(entry["size"]) for entry in storage.read_json(Path(root) / storage.MANIFEST).values())
