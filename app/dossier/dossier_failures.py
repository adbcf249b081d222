"""Sections of the printed report about failures: their causes added up, and the worst of them in pictures."""

from __future__ import annotations

import re

from markupsafe import Markup

from app.dossier.dossier_sheet import Sheet, bar, block, join, said, table
from app.failures import failure_words
from app.gallery import place
from app.language import _, n_, number, percent
from eval.dossier import Failure, Place
from eval.failures.causes import FOUND
from eval.failures.changes import pareto

SIGNS = {"hit": "✓", "miss": "✗", "unjudged": "?"}
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!|~:$@^=&\"'/])")


def causes(sheet: Sheet) -> Markup:
    """Causes of failures by model, for the models that were diagnosed; nothing when none was."""
    told = sheet.found.causes
    if not told:
        return Markup("")
    parts = [_of_run(sheet, run.id) for run in sheet.found.runs if run.id in told]
    lacking = [run.id for run in sheet.found.runs if run.id not in told]
    note = Markup("")
    if lacking:
        note = Markup('<p class="note">{} {}</p>').format(
            _("Not looked into yet:"), join((sheet.called(run) for run in lacking), "; ")
        )
    return block(
        "causes", _("Why queries fail"), Markup('<div class="beside">{}</div>').format(join(parts)), note,
        source=_("From the diagnoses kept with the runs; what people said overrules the rules. File: {files}.",
                 files="queries.csv"),
    )  # fmt: skip


def _of_run(sheet: Sheet, run: str) -> Markup:
    bars = pareto(sheet.found.causes[run])
    failed = sum(code != FOUND for code in sheet.found.causes[run].values())
    head = Markup("<p>{} · {}</p>").format(sheet.called(run), n_("{n} failed query", "{n} failed queries", failed))
    rows = ((failure_words.title(one.code), number(one.count), _share(one.share, sheet.letter(run))) for one in bars)
    body = table((_("Cause"), _("Queries"), _("Share")), rows, "lrl") if bars else _("Nothing lost")
    return Markup('<div class="one">{}{}</div>').format(head, body)


def _share(value: float, letter: str) -> Markup:
    return Markup('<span class="share">{} {}</span>').format(bar(value, letter, None), percent(value))


def failures(sheet: Sheet) -> Markup:
    """The queries that lost most under the first model: what every model showed, and what was missed."""
    found = sheet.found
    if not found.failures:
        return Markup("")
    first = found.runs[0].id
    lead = Markup("<p>{}</p>").format(
        _("The queries that lost most {metric} under {name}, with what every model showed first.",
          metric=found.metric, name=sheet.names[first])
    )  # fmt: skip
    words = (("hit", _("relevant")), ("miss", _("not relevant")), ("unjudged", _("not judged")))
    marks = (Markup('<span class="mark {0}">{1}</span> {2}').format(code, SIGNS[code], said) for code, said in words)
    legend = Markup('<p class="legend">{}</p>').format(join(marks, " · "))
    cards = (_card(sheet, failure, number_) for number_, failure in enumerate(found.failures, 1))
    return block(
        "failures", _("The worst failures"), lead, legend, *cards,
        source=_("Places and marks from the rankings and judgments kept in the runs; all of them in {files}.",
                 files="trec/"),
    )  # fmt: skip


def _card(sheet: Sheet, failure: Failure, number_: int) -> Markup:
    lost = _("{metric} {value} of {ceiling} possible", metric=sheet.found.metric, value=number(failure.value, 2),
             ceiling=number(failure.ceiling, 2))  # fmt: skip
    head = Markup("<h3>{}. «{}» <small>{}</small></h3>").format(number_, sheet.query(failure.query), lost)
    rows = join(_row(sheet, run.id, failure) for run in sheet.found.runs)
    parts = head + _asked(sheet, failure) + _cause(sheet, failure) + rows + _missed(sheet, failure)
    return Markup('<article class="failure">{}</article>\n').format(parts)


def _asked(sheet: Sheet, failure: Failure) -> Markup:
    """The picture that asked; nothing where words did."""
    drawn = sheet.asked(failure.query)
    says = _("The picture that asks")
    return (
        Markup('<figure><span class="frame">{}</span><figcaption>{}</figcaption></figure>').format(drawn, says)
        if drawn
        else Markup("")
    )


def _cause(sheet: Sheet, failure: Failure) -> Markup:
    """Why, as far as the first run was diagnosed: the cause that counts, its evidence and what helps."""
    first = sheet.found.runs[0].id
    code = sheet.found.causes.get(first, {}).get(failure.query)
    if code is None:
        return Markup("")
    fitting = sheet.found.evidence.get(first, {}).get(failure.query, ())
    shown = " ".join(unmarked(failure_words.evidence(cause)) for cause in fitting if cause.code == code)
    helps = _(failure_words.CAUSES[code].helps) if code in failure_words.CAUSES else ""
    return Markup('<p class="cause"><b>{}</b> {} <i>{}</i></p>').format(failure_words.title(code), said(shown), helps)


def unmarked(text: str) -> str:
    """Markdown in which `app.text.md` escaped the words of others → the plain text it shows."""
    return _ESCAPED.sub(r"\1", text)


def _row(sheet: Sheet, run: str, failure: Failure) -> Markup:
    places = failure.shown[run]
    hits = sum(one.mark == "hit" for one in places)
    head = Markup('<div class="who">{}<br><small>{}</small></div>').format(
        sheet.called(run), _("{n} of {k} relevant", n=number(hits), k=number(sheet.found.k))
    )
    drawn = join(_tile(sheet, one) for one in places) or Markup("<i>{}</i>").format(_("Nothing was found"))
    return Markup('<div class="row">{}<div class="tiles">{}</div></div>').format(head, drawn)


def _tile(sheet: Sheet, one: Place) -> Markup:
    return Markup(
        '<figure class="{0}"><span class="frame">{1}<span class="mark {0}">{2}</span></span>'
        "<figcaption><b>{3}</b> {4}</figcaption></figure>"
    ).format(one.mark, sheet.picture(one.item), SIGNS[one.mark], place(one.rank), sheet.title(one.item))


def _rank(sheet: Sheet, run: str, rank: int) -> Markup:
    return Markup('<span class="rank">{}&nbsp;<b>{}</b></span>').format(sheet.chip(run), number(rank) if rank else "—")


def _missed(sheet: Sheet, failure: Failure) -> Markup:
    if not failure.missed:
        return Markup("")
    first = sheet.found.runs[0].id
    title = n_("{n} relevant item missed by {name}", "{n} relevant items missed by {name}", failure.lacking,
               name=sheet.names[first])  # fmt: skip
    if failure.lacking > len(failure.missed):
        title += ", " + n_("the nearest {n}:", "the nearest {n}:", len(failure.missed))
    tiles = (
        Markup('<figure class="late"><span class="frame">{}</span><figcaption>{} {}</figcaption></figure>').format(
            sheet.picture(item),
            join((_rank(sheet, run, rank) for run, rank in ranks.items()), " "),
            sheet.title(item),
        )
        for item, ranks in failure.missed.items()
    )
    head = Markup('<div class="who">{}<br><small>{}</small></div>').format(
        title, _("with its rank under each model; — is not recorded")
    )
    return Markup('<div class="row missed">{}<div class="tiles">{}</div></div>').format(head, join(tiles))
