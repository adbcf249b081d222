"""Sections of the printed report that hold numbers: the summary, the models, every pair."""

from __future__ import annotations

import math

from markupsafe import Markup

from app import searched
from app.compare import verdict_words as words
from app.dossier.dossier_sheet import Sheet, block, facts, join, said, table
from app.evaluate.run_names import base_of
from app.language import _, n_, number, percent, when
from app.vocabulary import CORRECTIONS, POOLS, long_name, word
from eval.comparison import Verdict
from eval.contracts import Run


def summary(sheet: Sheet) -> Markup:
    """What was compared over what, and what came out, in sentences."""
    found, first = sheet.found, sheet.found.runs[0]
    best = [v for v in found.comparison.verdicts if first.id in (v.better, v.worse) or _of_tuning(sheet, v)]
    sentences = (
        Markup('<li class="{}"><span class="sign">{}</span> {}</li>').format(
            "yes" if v.proven else "no", "✓" if v.proven else "?", words.sentence(v, sheet.names, found.metric)
        )
        for v in best
    )
    head = words.head(found.comparison, sheet.names, long_name(found.metric)) if best else _alone(sheet)
    lead = Markup('<div class="lead"><p>{}</p><ul>{}</ul></div>').format(head, join(sentences))
    return block("summary", _("In short"), lead, facts(_compared(sheet)), _caveats(sheet))


def _of_tuning(sheet: Sheet, verdict: Verdict) -> bool:
    """True for a tuned model against its base: what tuning brought is told whether it is proven or not."""
    specs = {run.id: run.spec for run in sheet.found.runs}
    first, second = specs[verdict.better], specs[verdict.worse]
    return first != second and (base_of(first) == second or base_of(second) == first)


def _alone(sheet: Sheet) -> str:
    standing = sheet.found.comparison.standings[0]
    return _(
        "{name}: {metric} {value} {interval}. One model alone: there is nothing to compare it with.",
        name=sheet.names[standing.label], metric=sheet.found.metric, value=number(standing.mean, 3),
        interval=words.interval(standing.low, standing.high),
    )  # fmt: skip


def _compared(sheet: Sheet) -> list[tuple[str, str]]:
    run = sheet.found.runs[0]
    counts = sheet.found.scores[run.id].counts
    where = searched.said(run.settings.get("where"))
    pool = word(POOLS, run.settings["pool"]) + ", " + n_("{n} item", "{n} items", int(counts["gallery"]))
    sets = dict.fromkeys(one.query_set for one in sheet.found.runs)
    asked = ", ".join(sets) + ": " + n_("{n} query", "{n} queries", int(counts["queries"]))
    judged = n_("{n} judgment", "{n} judgments", int(counts["judgments"]))
    return [
        (_("Catalogue"), said(run.catalogue)),
        (_("Searched"), said(pool + (f" ({where})" if where else ""))),
        (_("Queries"), said(f"{asked}, {judged}")),
        (_("Metric"), long_name(sheet.found.metric)),
        (_("Runs made"), said(_span(sheet))),
    ]


def _span(sheet: Sheet) -> str:
    made = sorted(run.made for run in sheet.found.runs)
    return " – ".join(dict.fromkeys((when(made[0]), when(made[-1]))))


def _caveats(sheet: Sheet) -> Markup:
    """What has to be kept in mind, as far as the runs themselves tell."""
    lines = [line for run in sheet.found.runs for line in _of_run(sheet, run)]
    counts = sheet.found.scores[sheet.found.runs[0].id].counts
    if left := len(counts["left_out"]):
        lines.append(n_("{n} query has no relevant item in this gallery and was left out.",
                        "{n} queries have no relevant item in this gallery and were left out.", left))  # fmt: skip
    if absent := int(counts["absent"]):
        lines.append(n_("{n} judgment is about an item outside this gallery and was left out.",
                        "{n} judgments are about items outside this gallery and were left out.", absent))  # fmt: skip
    if sheet.catalogue is None or sheet.catalogue.fingerprint != sheet.found.runs[0].fingerprints["catalogue"]:
        lines.append(_("The catalogue was imported anew after this run; items that are gone are left out."))
    if not lines:
        return Markup("")
    listed = join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<h3>{}</h3><ul>{}</ul>").format(_("To keep in mind"), listed)


def _of_run(sheet: Sheet, run: Run) -> list[str]:
    scores, name, lines = sheet.found.scores[run.id], sheet.names[run.id], []
    judged = next(m for m in sheet.found.metrics if m.startswith("Judged"))
    if scores.mean[judged] < 0.995:
        lines.append(_("{name}: {share} of the first results have no judgment and count as not relevant.", name=name,
                       share=percent(1 - scores.mean[judged])))  # fmt: skip
    if silent := len(scores.counts["unanswered"]):
        lines.append(n_("{name}: {n} query got no result at all.", "{name}: {n} queries got no result at all.", silent,
                        name=name))  # fmt: skip
    if cut := scores.counts["truncated"]:
        lines.append(n_("{name}: {n} query was read only in part.", "{name}: {n} queries were read only in part.", cut,
                        name=name))  # fmt: skip
    if agreed := run.facts.get("agreement_with_fp32"):
        kept = percent(agreed["kept"], 1)
        told = _("Of the first {k} results in fp32, {kept} stay among the first {k} in {precision}.",
                 k=agreed["k"], kept=kept, precision=run.settings["precision"])  # fmt: skip
        lines.append(f"{name}: {told}")
    if sheet.stamps.get(run.id):
        lines.append(f"{name}: {sheet.stamps[run.id]}.")
    if run.settings.get("correction", "none") != "none":
        lines.append(f"{name}: {word(CORRECTIONS, run.settings['correction'])}.")
    return [said(line) for line in lines]


def models(sheet: Sheet) -> Markup:
    """Every model by rank with its interval drawn, then by every metric beside chance level and ceiling."""
    found = sheet.found
    top = _top(sheet)
    rows = (
        (words.rank(s), sheet.called(s.label), Markup("<b>{}</b>").format(number(s.mean, 3)),
         words.interval(s.low, s.high), _whisker(s.mean, s.low, s.high, _chance(sheet), top))
        for s in found.comparison.standings
    )  # fmt: skip
    scale = Markup('<span class="scale"><span>0</span><span>{}</span></span>').format(number(top, 1))
    head = (_("Rank"), _("Model"), found.metric, _("Interval, 95 %"), scale)
    note = Markup('<p class="note">{}</p>').format(
        _("Models under one rank are not told apart by these queries. The dotted line is the chance level.")
    )
    return block(
        "models", _("Models"), table(head, rows, "clrcl", "ranks"), note, _every_metric(sheet),
        source=_("Files: {files}. Computed from the rankings and judgments kept in the runs.",
                 files="models.csv, tables.tex"),
    )  # fmt: skip


def _every_metric(sheet: Sheet) -> Markup:
    found = sheet.found
    first = found.scores[found.runs[0].id]

    def cell(run: str, metric: str) -> Markup:
        low, high = found.intervals[run][metric]
        under = Markup("<small>{}</small>").format(words.interval(low, high, 2))
        return Markup("{}{}").format(number(found.scores[run].mean[metric], 3), under)

    rows = [[sheet.called(run.id), *(cell(run.id, m) for m in found.metrics)] for run in found.runs]
    for title, bounds in ((_("Chance level"), first.chance), (_("Ceiling"), first.ceiling)):
        rows.append([Markup("<i>{}</i>").format(title), *(Markup(number(bounds[m], 3)) for m in found.metrics)])
    return table((_("Model"), *found.metrics), rows, "l" + "r" * len(found.metrics), "metrics")


def _chance(sheet: Sheet) -> float:
    return sheet.found.scores[sheet.found.runs[0].id].chance[sheet.found.metric]


def _top(sheet: Sheet) -> float:
    """Where the drawn scale ends: a tenth above everything that is drawn, 1 at most."""
    most = max(max(s.mean, s.high if s.high == s.high else 0.0) for s in sheet.found.comparison.standings)
    return min(1.0, math.ceil(max(most, _chance(sheet)) * 10 + 1e-9) / 10) or 0.1


def _whisker(mean: float, low: float, high: float, chance: float, top: float) -> Markup:
    """An interval with its mean on a line from 0 to `top`."""
    low, high = (low, high) if low == low else (mean, mean)
    x = [round(4 + 232 * value / top, 1) for value in (low, high, mean, chance)]
    return Markup(
        '<svg class="whisker" viewBox="0 0 240 20" role="img" aria-hidden="true">'
        '<line class="base" x1="4" x2="236" y1="10" y2="10"/><line class="chance" x1="{3}" x2="{3}" y1="1" y2="19"/>'
        '<line class="span" x1="{0}" x2="{1}" y1="10" y2="10"/><circle cx="{2}" cy="10" r="5"/></svg>'
    ).format(*x)


def pairs(sheet: Sheet) -> Markup:
    """The verdict on every pair; nothing for a single run."""
    verdicts = sheet.found.comparison.verdicts
    if not verdicts:
        return Markup("")
    head = (_("Pair"), _("Difference"), _("Interval, 95 %"), _("p, corrected"), _("Better · equal · worse"),
            _("Effect"), _("Detectable from"), _("Queries needed"), _("Proven"))  # fmt: skip
    return block(
        "pairs", _("Every pair"), table(head, (_pair(sheet, v) for v in verdicts), "lrcrcrrrc", "pairs"),
        source=_("File: {files}. p by a paired randomisation test, corrected after Holm for the {n} pairs of this "
                 "table.", files="pairs.csv", n=number(len(verdicts))),
    )  # fmt: skip


def _pair(sheet: Sheet, v: Verdict) -> tuple[object, ...]:
    both = Markup('{}<span class="than"> {} </span>{}').format(sheet.chip(v.better), _("against"), sheet.chip(v.worse))
    needed = "∞" if not math.isfinite(v.needed) else "≈ " + number(words.rounded(v.needed))
    proven = Markup('<span class="{}">{}</span>').format("yes" if v.proven else "no", _yes(v.proven))
    p = words.p(v.corrected)[1:].strip("=\u00a0")
    return (both, words.signed(v.difference), words.interval(v.low, v.high), p, f"{v.wins} · {v.ties} · {v.losses}",
            words.minus(v.effect, 2), number(v.detectable, 3), needed, proven)  # fmt: skip


def _yes(proven: bool) -> str:
    return "✓ " + _("yes") if proven else _("no")
