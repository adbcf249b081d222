"""Sections of the printed report that say what the numbers mean and where every one of them comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from markupsafe import Markup, escape

from app import definitions
from app.dossier.dossier_sheet import Sheet, block, facts, join, said, table
from app.language import _, language, number, when
from app.vocabulary import long_name, metric_says
from eval import environment, stats
from eval.contracts import Run

VERDICT = ("interval", "rank", "difference", "p", "corrected", "wins", "effect", "detectable", "needed")
_TYPED = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"`(.+?)`"), r"<code>\1</code>"),
    (re.compile(r"\*([^*\s][^*]*?)\*"), r"<i>\1</i>"),
    (re.compile(r"_\{(.+?)\}"), r"<sub>\1</sub>"),
    (re.compile(r"(?<=[ΣΠd])_(\w)"), r"<sub>\1</sub>"),
    (re.compile(r"\^([\w]+)"), r"<sup>\1</sup>"),
)


def typed(cell: str) -> Markup:
    """A cell or paragraph of docs/metrics.md as HTML: emphasis, code, indices; everything else escaped."""
    text = str(escape(cell))
    for pattern, shape in _TYPED:
        text = pattern.sub(shape, text)
    return Markup(text)


def meanings(sheet: Sheet) -> Markup:
    """The definition of every number shown, word by word from docs/metrics.md, and the rules that hold for all."""
    rows = (_metric(name) for name in sheet.found.metrics)
    head = (_("Metric"), _("Value"), _("Denominator"), _("Chance level"), _("Ceiling"))
    shown = table(head, rows, "lllll", "defined")
    verdict = ((said_, told) for name in VERDICT if sheet.found.comparison.verdicts or name in ("interval", "rank")
               for said_, told in _verdict(name))  # fmt: skip
    rules = (Markup("<p>{}</p>").format(typed(rule)) for rule in definitions.rules(language()).values())
    return block("meanings", _("What the numbers mean"), shown, facts(verdict, "defined"), *rules, _symbols(),
                 source=_("From Uzor's docs/metrics.md."))  # fmt: skip


def _metric(name: str) -> list[Markup]:
    family, at, _k = name.partition("@")
    row = definitions.tables(language())[family + "@k" if at else family]
    title = Markup("<b>{}</b> — {}").format(long_name(name), metric_says(name))
    return [title, *(typed(cell) for cell in row.values())]


def _verdict(name: str) -> Iterator[tuple[str, Markup]]:
    titles = {"interval": _("Interval, 95 %"), "rank": _("Rank"), "difference": _("Difference"), "p": "p",
              "corrected": _("p, corrected"), "wins": _("Better · equal · worse"), "effect": _("Effect"),
              "detectable": _("Detectable from"), "needed": _("Queries needed")}  # fmt: skip
    value, means = definitions.tables(language())[name].values()
    yield titles[name], Markup("{} — {}").format(typed(value), typed(means))


def _symbols() -> Markup:
    """What the letters of the formulas stand for."""
    table_ = definitions.tables(language())
    shown = ("*n*", "*R*", "*J*", "*k*", "*rel(r)*", "*g(r)*")
    lines = (Markup("{}: {}").format(typed(name), typed(" ".join(table_[name].values())))
             for name in shown if name in table_)  # fmt: skip
    return Markup('<p class="note">{}</p>').format(join(lines, "; "))


def provenance(sheet: Sheet) -> Markup:
    """Every run with its model, settings, hashes, machine and versions; how intervals and p were drawn."""
    runs = (_run(sheet, run) for run in sheet.found.runs)
    drawn = _(
        "Intervals: {boots} bootstrap resamples of the queries, seed 0. p: every pattern of signs where at most "
        "{exact} queries differ, else {perms} random ones, seed 0.",
        boots=number(stats.BOOTSTRAPS), perms=number(stats.RESAMPLES), exact=number(stats.EXACT),
    )  # fmt: skip
    now = environment.describe()
    made = _("Made {when} by Uzor {version} from stored runs; no model was asked anew.", when=when(sheet.made),
             version=now["uzor"])  # fmt: skip
    parts = (Markup("<p>{}</p>").format(line) for line in (made, drawn))
    return block("sources", _("Where these numbers come from"), *parts, *runs,
                 source=_("The same for machines: {files}.", files="report.json, SHA256SUMS"))  # fmt: skip


def _run(sheet: Sheet, run: Run) -> Markup:
    about = [
        (_("Run"), run.id),
        (_("Made"), when(run.made)),
        (_("Time"), _("{n} s", n=number(run.seconds, 2))),
        (_("Model"), said(run.spec)),
        (_("Query set"), said(run.query_set)),
        *((_("Note"), said(note)) for note in run.facts.get("notes", ())),
    ]
    columns = (
        (_("Run and model"), facts(about) + _tuned(sheet, run)),
        (_("Settings"), facts(_lines(run.settings))),
        (_("Content hashes"), facts(_lines({name: value[:16] for name, value in run.fingerprints.items()}))),
        (_("Machine and versions"), _machine(sheet, run)),
    )
    shown = join(Markup("<div><h4>{}</h4>{}</div>").format(*column) for column in columns)
    head = Markup("<h3>{}</h3>").format(sheet.called(run.id))
    return Markup('<div class="run">{}<div class="columns">{}</div></div>').format(head, shown)


def _tuned(sheet: Sheet, run: Run) -> Markup:
    """How tuned weights came about: base, data, recipe, seed and what chose them."""
    lines = [(name, said(value)) for name, value in sheet.lineage.get(run.id, ())]
    return Markup("<h4>{}</h4>{}").format(_("Tuned weights"), facts(lines)) if lines else Markup("")


def _machine(sheet: Sheet, run: Run) -> Markup:
    """Where the run was made; the first run made on the same machine with the same versions stands for the others."""
    same = next(one for one in sheet.found.runs if one.environment == run.environment)
    if same.id != run.id:
        return Markup("<p>{}</p>").format(Markup(escape(_("as for {run}"))).format(run=sheet.chip(same.id)))
    return facts(_lines(run.environment))


def _lines(values: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(said(name), said(value)) for name, value in values.items() if value not in (None, {}, [])]
