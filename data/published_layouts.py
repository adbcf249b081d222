"""The layouts of the published tables whose values are not known here: which file, which columns, what must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("published")  # in the workspace
PLAIN = re.compile(r"[^\w]|_")
ALIKE = {
    "mrr": "rr",
    "p1": "top1",
    "hit1": "top1",
    "hit3": "top3",
    "hit5": "top5",
    "hit10": "top10",
    "params": "parameters",
}


@dataclass(frozen=True)
class Column:
    """A column of a published table; `kind` says what can stand in it."""

    name: str
    kind: str = "number"  # "name": any text | "share": 0 … 1 | "number": from 0 | "count": whole, from 0

    @property
    def plain(self) -> str:
        """The name as `plain` has it: "size (MB)" is "size"."""
        return plain(self.name)


@dataclass(frozen=True)
class Layout:
    """One table of one document: its file in the workspace, and its columns as the document has them.

    The first `keys` columns name a row and must be filled in; further columns of the file's own are taken as
    they are. `rising` are pairs of columns of which the first cannot be above the second.
    """

    key: str
    document: str  # "electrical-goods" | "sneakers" | "groceries" | "vova"
    columns: tuple[Column, ...]
    page: str  # the page that has our numbers in this layout
    command: str  # the command that prints them
    keys: int = 1
    rising: tuple[tuple[str, str], ...] = ()
    shares: bool = False  # every further column is a share: those of the sneakers document are classifiers

    @property
    def file(self) -> Path:
        """Where the table lies in a workspace."""
        return FOLDER / f"{self.key}.csv"

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names, as the empty file has them."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column that a file calls so; one of the file's own where the layout has none of that name."""
        known = {column.plain: column for column in self.columns}
        return known.get(plain(name), Column(name, "share" if self.shares else "own"))

    def empty(self) -> str:
        """The empty table as a CSV file's text: the header alone."""
        return ",".join(self.header) + "\n"


def plain(name: str) -> str:
    """A column's name without case, spaces and signs, and without a unit in brackets or behind a comma."""
    found = PLAIN.sub("", re.split(r"[,(]", name)[0].casefold())
    return ALIKE.get(found, found)


def _columns(names: str, kind: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names.split())


_MODEL = (Column("model", "name"),)
_FOUND = (*_MODEL, *_columns("Top-1 Top-3 Top-5 Top-10 P@5 R@5 RR", "share"))
_RISING = (("Top-1", "Top-3"), ("Top-3", "Top-5"), ("Top-5", "Top-10"), ("Top-1", "Top-5"), ("Top-1", "RR"),
           ("P@5", "Top-5"), ("R@5", "Top-5"))  # fmt: skip
_ITEMS = "uzor evaluate … --queries-from sku"
_LISTED = (
    Layout(
        "electrical-goods", "electrical-goods",
        (*_MODEL, *_columns("Top-1 Top-3", "share"), Column("loss"), Column("size (MB)"),
         Column("parameters (millions)"), Column("latency (ms)")),
        "classify", "uzor classify", rising=(("Top-1", "Top-3"),),
    ),
    Layout(
        "electrical-goods-online", "electrical-goods",
        (*_MODEL, Column("cold start (s)"), Column("first answer (s)"), Column("latency (ms)"), Column("RAM (MB)"),
         Column("CPU (%)")),
        "efficiency", "uzor efficiency", rising=(("cold start", "first answer"),),
    ),
    Layout("electrical-goods-items", "electrical-goods", _FOUND, "evaluate", _ITEMS, rising=_RISING),
    Layout("sneakers", "sneakers", (Column("features", "name"), *_columns("knn logistic svm sgd tree forest boosting",
           "share")), "classify", "uzor classify", shares=True),
    Layout("sneakers-items", "sneakers", _FOUND, "evaluate", _ITEMS, rising=_RISING),
    Layout("sneakers-soles", "sneakers", (Column("features", "name"), *_columns("with without", "share")),
           "classify", "uzor classify … --exclude NAME --before-after"),
    Layout(
        "matching", "groceries",
        (*_MODEL, *_columns("threshold recall precision fpr", "share"), Column("fp_tp"),
         *_columns("tp fp", "count")),
        "match", "uzor match", keys=2,
    ),
    Layout("groceries-timing", "groceries", (Column("way", "name"), Column("pairs", "count"), Column("seconds"),
           Column("times"), Column("cost")), "match", "python -m bench matching"),
    Layout("vova", "vova", _FOUND, "evaluate", _ITEMS, rising=_RISING),
)  # fmt: skip
LAYOUTS = {layout.key: layout for layout in _LISTED}
DOCUMENTS = tuple(dict.fromkeys(layout.document for layout in _LISTED))


def layout(name: str) -> Layout:
    """The layout of that key or file name ("vova", "vova.csv"); LookupError names all."""
    found = LAYOUTS.get(Path(name).name.removesuffix(".csv").casefold())
    if found is None:
        known = ", ".join(one.file.name for one in _LISTED)
        raise LookupError(f"No published table is called {Path(name).name!r}; there are {known}")
    return found
