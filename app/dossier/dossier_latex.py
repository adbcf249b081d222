"""The printed report's tables for a paper: LaTeX with booktabs, every word escaped so that it prints as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.compare import verdict_words as words
from app.dossier.dossier_sheet import Sheet, said
from app.language import _, number
from app.vocabulary import long_name
from eval import environment

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "\u2212": "$-$", "≈": r"$\approx$", "∞": r"$\infty$", "·": r"$\cdot$",
    "–": "--", "—": "---", "\u00a0": "~", "\u202f": r"\,",
}  # fmt: skip
_LIGATURE = re.compile("(?<=-)(?=-)|(?<=,)(?=,)")  # two of them would become another sign
HEAD = r"""% {made}
% \usepackage{{booktabs}}; with pdfLaTeX also \usepackage[T2A]{{fontenc}}, \usepackage[utf8]{{inputenc}} and
% \usepackage[russian,english]{{babel}}; XeLaTeX and LuaLaTeX need a font with the letters of your language.
"""


def escaped(text: str) -> str:
    """Text as LaTeX prints it: no command, no comment, no maths, no ligature of quotes or dashes, on one line."""
    apart = _LIGATURE.split(said(text))
    return "{}".join("".join(_SPECIAL.get(sign, sign) for sign in part) for part in apart)


def tables(sheet: Sheet) -> str:
    """The models by every metric with intervals, and the verdict on every pair where there are several models."""
    made = _("Made {when} by Uzor {version} from stored runs; no model was asked anew.", when=sheet.made,
             version=environment.describe()["uzor"])  # fmt: skip
    parts = [HEAD.format(made=re.sub(r"\s+", " ", said(made))), _models(sheet)]
    return "\n".join(parts + ([_pairs(sheet)] if sheet.found.comparison.verdicts else []))


def _models(sheet: Sheet) -> str:
    found = sheet.found
    ranks = {standing.label: words.rank(standing) for standing in found.comparison.standings}
    rows: list[list[str]] = []
    for run in found.runs:
        rows.append([ranks[run.id], sheet.names[run.id],
                     *(number(found.scores[run.id].mean[m], 3) for m in found.metrics)])  # fmt: skip
        rows.append(["", "", *(words.interval(*found.intervals[run.id][m], 2) for m in found.metrics)])
    first = found.scores[found.runs[0].id]
    rows += [["", title, *(number(bounds[m], 3) for m in found.metrics)]
             for title, bounds in ((_("Chance level"), first.chance), (_("Ceiling"), first.ceiling))]  # fmt: skip
    caption = _("{n} queries over {gallery} items; below each mean its interval (BCa bootstrap over queries, 95 %).",
                n=number(len(found.comparison.queries)), gallery=number(int(first.counts["gallery"])))  # fmt: skip
    head = [_("Rank"), _("Model"), *found.metrics]
    return _table(head, rows, "ll" + "r" * len(found.metrics), caption, "tab:models")


def _pairs(sheet: Sheet) -> str:
    rows = []
    for v in sheet.found.comparison.verdicts:
        pair = _("{first} against {second}", first=sheet.names[v.better], second=sheet.names[v.worse])
        p = words.p(v.corrected)[1:].strip("=\u00a0")
        rows.append([pair, words.signed(v.difference), words.interval(v.low, v.high), p,
                     f"{v.wins}/{v.ties}/{v.losses}", _("yes") if v.proven else _("no")])  # fmt: skip
    caption = _("Differences in {metric}; p by a paired randomisation test, corrected after Holm.",
                metric=long_name(sheet.found.metric))  # fmt: skip
    head = [
        _("Pair"),
        _("Difference"),
        _("Interval, 95 %"),
        _("p, corrected"),
        _("Better · equal · worse"),
        _("Proven"),
    ]
    return _table(head, rows, "lrcrcc", caption, "tab:pairs")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], columns: str, caption: str, label: str) -> str:
    lines = [" & ".join(map(escaped, row)) + r" \\" for row in rows]
    return "\n".join(
        [r"\begin{table}", r"  \centering\small", rf"  \caption{{{escaped(caption)}}}", rf"  \label{{{label}}}",
         rf"  \begin{{tabular}}{{{columns}}}", r"    \toprule", "    " + " & ".join(map(escaped, head)) + r" \\",
         r"    \midrule", *(f"    {line}" for line in lines), r"    \bottomrule", r"  \end{tabular}",
         r"\end{table}", ""]
    )  # fmt: skip
