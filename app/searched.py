"""What was searched, in words: the filter of a run, a probe or a matching, and the groups that it left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.language import _, quoted
from app.vocabulary import FIELDS, word
from eval.grouping import excluded

Where = Mapping[str, str | Sequence[str]] | None


def parts(where: Where) -> list[str]:
    """Each column with its values, then each group that was left out; for a screen, unescaped."""
    columns, labels = excluded.parted(where)
    said = [f"{_column(name)}: {_values(values)}" for name, values in sorted(columns.items())]
    return said + [_("without the group {name}", name=quoted(label.rpartition("#")[0])) for label in labels]


def said(where: Where) -> str:
    """The same in one line, "" when everything was searched."""
    return "; ".join(parts(where))


def plainly(where: Where) -> str:
    """The same in English for a terminal, columns by their own names."""
    columns, labels = excluded.parted(where)
    told = [f"{name} = {_values(values)}" for name, values in columns.items()]
    return ", ".join([*told, *(f"without {label.rpartition('#')[0]}" for label in labels)])


def of(settings: Mapping[str, Any]) -> str:
    """Pool, filter and groups left out of a run, in English for a terminal."""
    return ", ".join(part for part in (str(settings.get("pool", "")), plainly(settings.get("where"))) if part)


def _column(name: str) -> str:
    return word(FIELDS, name).lower() if name in FIELDS else name


def _values(values: str | Sequence[str]) -> str:
    return values if isinstance(values, str) else ", ".join(values)
