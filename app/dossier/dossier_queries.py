"""The section of the printed report that goes query by query, every model beside the others."""

from __future__ import annotations

from markupsafe import Markup

from app.compare import verdict_words as words
from app.dossier.dossier_sheet import Sheet, bar, block, join, table
from app.language import _, number

QUERIES = 100  # lines of the table; the files have them all


def queries(sheet: Sheet) -> Markup:
    """Every query with every model's value; by the difference between the first two, where there are two."""
    found, order = sheet.found, _ordered(sheet)
    ids = [run.id for run in found.runs]
    values = found.comparison.values
    relevant = found.scores[ids[0]].per_query["relevant"]
    pair = ids[:2] if len(ids) > 1 else []
    rows = [
        [sheet.query(q), number(int(relevant[q])), *(bar(values[run][q], sheet.letter(run)) for run in ids),
         *([_split(values[pair[0]][q] - values[pair[1]][q])] if pair else [])]
        for q in order[:QUERIES]
    ]  # fmt: skip
    gains = [Markup("{} − {}").format(*(sheet.chip(run) for run in pair))] if pair else []
    head = (_("Query"), _("Relevant"), *(sheet.chip(run) for run in ids), *gains)
    kinds = "lr" + "r" * len(ids) + "c" * len(gains)
    legend = Markup('<p class="legend">{}</p>').format(join((sheet.called(run) for run in ids), " · "))
    more = _("{n} of {all} queries; the file has them all.", n=number(QUERIES), all=number(len(order)))
    note = Markup('<p class="note">{}</p>').format(more) if len(order) > QUERIES else ""
    title, shown = _("Query by query") + f": {found.metric}", table(head, rows, kinds, "queries")
    return block("queries", title, legend, shown, note, source=_("File: {files}.", files="queries.csv"))


def _ordered(sheet: Sheet) -> list[str]:
    """The queries by falling difference between the first two; those that fit, when there are too many."""
    values = [sheet.found.comparison.values[run.id] for run in sheet.found.runs[:2]]
    asked = list(sheet.found.comparison.queries)
    if len(values) < 2:
        return sorted(asked, key=lambda q: values[0][q])
    gain = {q: round(values[0][q] - values[1][q], 9) for q in asked}
    far = sorted(asked, key=lambda q: -abs(gain[q]))
    return sorted(far[:QUERIES], key=lambda q: -gain[q]) + far[QUERIES:]


def _split(gain: float) -> Markup:
    """A difference (−1 … 1) as a bar to the right or to the left of a middle line."""
    length = round(60 * min(1.0, abs(gain)), 1)
    side = ("up", 60.0) if gain > 0 else ("down", 60.0 - length)
    return Markup(
        '<svg class="split" viewBox="0 0 120 14" role="img" aria-hidden="true"><line x1="60" x2="60" y1="0" y2="14"/>'
        '<rect class="{}" x="{}" y="3" width="{}" height="8"/></svg><span class="n">{}</span>'
    ).format(*side, length, words.signed(gain, 2) if gain else "0")
