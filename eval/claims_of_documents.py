"""The tables of the documents whose values are not known here, as claims: a number each where somebody brought them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data import published_tables
from data.claims import Claim
from data.published_cells import PublishedRow
from data.published_layouts import LAYOUTS, Layout, plain
from data.published_tables import PublishedTable
from eval import published_rules
from eval.evidence import Evidence, Undecided, measure

NEEDS = "document"  # a key of the needs in data/bundled/claims.json; sources are called as the documents
UNKNOWN = {"en": "The values of this table", "ru": "Числа этой таблицы"}
ROW = {"en": "A row that could not be read: {row}", "ru": "Непрочитанная строка: {row}"}
DEFINITIONS = {"recall": "match recall", "precision": "match precision", "fpr": "match FPR", "fptp": "match FP/TP",
               "loss": "Cross-entropy", "p5": "P@5", "r5": "R@5", "rr": "RR"}  # fmt: skip
OF_PAGE = {"classify": {"top1": "Top-1", "top3": "Top-3"}, "evaluate": {"top1": "first", "top5": "hit rate"}}
MOST_DIGITS = 6
CLASSES = 1000  # of the classifiers that published networks come with


def published(home: Path) -> tuple[Claim, ...]:
    """The claims of every table of every document: a number each, or the one claim that its values are not here."""
    return tuple(claim for layout in LAYOUTS.values() for claim in of_table(home, layout))


def of_table(home: Path, layout: Layout) -> tuple[Claim, ...]:
    """The claims of one table: its numbers; the rows that cannot be read; or that there is no table."""
    path = home / layout.file
    if not path.is_file():
        return (_unknown(layout, {"why": "published_unknown", "command": f"uzor ledger --template {path.name}"}),)
    try:
        table = published_tables.looked_at(path, layout)
    except (ValueError, OSError) as problem:
        said = getattr(problem, "message", None)
        words = {lang: said(lang) if callable(said) else str(problem) for lang in ("en", "ru")}
        return (_unknown(layout, {"why": "published_unreadable", **words}),)
    refused = [
        _unknown(layout, {"why": "published_unreadable", **{lang: one.message(lang) for lang in ("en", "ru")}}, one.row)
        for one in table.refused
    ]
    return (*_numbers(layout, table), *refused)


def _unknown(layout: Layout, why: Mapping[str, Any], row: int = 0) -> Claim:
    """A claim without a number: the table is not here, or a row of it cannot be read."""
    says = {lang: text.format(row=row) for lang, text in ROW.items()} if row else UNKNOWN
    return Claim(
        id=f"{layout.key} {f'row {row}' if row else 'values'}", table=f"document-{layout.key}", says=says,
        source=layout.document, expected=None, tolerance=0.0, measure="published table",
        of={"table": layout.key, **why}, needs=(NEEDS,),
    )  # fmt: skip


def _numbers(layout: Layout, table: PublishedTable) -> list[Claim]:
    keys = {column.plain for column in layout.columns[: layout.keys]}
    return [
        _claim(layout, table, row, name, value)
        for row in table.read
        for name, value in row.numbers.items()
        if plain(name) not in keys
    ]


def _claim(layout: Layout, table: PublishedTable, row: PublishedRow, name: str, value: float) -> Claim:
    held = published_rules.rule(layout, table.read, row, name)
    says = f"{row.name}: {name}"
    return Claim(
        id=f"{layout.key} {row.name} {name}",
        table=f"document-{layout.key}",
        says={"en": says, "ru": says},
        source=layout.document,
        expected=value,
        tolerance=held.slack(value),
        measure="published number",
        of={"table": layout.key, "value": value, "rule": held.name, **held.beside},
        definition=DEFINITIONS.get(plain(name)) or OF_PAGE.get(layout.page, {}).get(plain(name), ""),
        needs=(NEEDS,),
        digits=_digits(value, bool(held.name and held.name != "bounds")),
    )


def _digits(value: float, computed: bool) -> int:
    """As many decimals as the document has, two at least; none for a whole number, one where it is computed here."""
    own = len(f"{value:.{MOST_DIGITS}f}".rstrip("0").partition(".")[2])
    return max(own, 2) if own else int(computed)


@measure("published table")
def published_table(evidence: Evidence, of: Mapping[str, Any]) -> float:
    """Never a number: the table is not here, or cannot be read."""
    about = {name: value for name, value in of.items() if name not in ("why", "table")}
    layout = LAYOUTS[of["table"]]
    raise Undecided("absent", of["why"], file=layout.file.as_posix(), columns=", ".join(layout.header), **about)


@measure("published number")
def published_number(evidence: Evidence, of: Mapping[str, Any]) -> float:
    """A published number as those beside it give it; not comparable where they do not, for nothing here measures it."""
    if of["rule"] == "network":
        return _parameters(evidence, of)
    if of["rule"] == "bounds":
        for bound, sign in (("most", 1), ("least", -1)):
            if bound in of and sign * (of["value"] - of[bound]) > of[f"{bound}_slack"] + 1e-9:
                raise Undecided("differs", f"beyond_{bound}", of[bound])
        raise Undecided("incomparable", "within_bounds")
    if of["rule"]:
        return published_rules.follows(of["rule"], of)
    raise Undecided("incomparable", "other_shops")


def _parameters(evidence: Evidence, of: Mapping[str, Any]) -> float:
    """Millions of parameters of the network of that name, with a classifier of as many classes, 0 to 1,000, as come
    nearest to the published number: a network that was trained for a shop of one's own has a head of its own.
    """
    from eval import architectures

    name = architectures.named(of["network"])
    if not name:
        raise Undecided("incomparable", "no_architecture", name=of["network"])
    if not evidence.networks:
        raise Undecided("absent", "networks_unasked", name=name)
    try:
        counts = architectures.parameters(name)
    except LookupError:
        raise Undecided("incomparable", "no_architecture", name=of["network"]) from None
    whole, bare = counts
    a_class = (whole - bare) / CLASSES
    wanted = published_rules.millions(of["value"]) * 1e6 - bare
    found = bare + a_class * (min(max(round(wanted / a_class), 0), CLASSES) if a_class else 0)
    return found if of["value"] >= 1e5 else found / 1e6
