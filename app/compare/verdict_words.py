"""Verdicts in words: one plain sentence a pair in the visitor's language, p-values, intervals, ranks."""

from __future__ import annotations

from collections.abc import Mapping

from app.language import _, n_, number
from eval import stats
from eval.comparison import Comparison, Standing, Verdict


def sentence(verdict: Verdict, names: Mapping[str, str], metric: str) -> str:
    """What the pair comes down to, in one sentence of plain text; `names` says what the labels are called."""
    first, second = (names.get(label, label) for label in (verdict.better, verdict.worse))
    if verdict.equal:
        return _("{first} and {second} cannot be told apart: {queries}, {metric} equal on each.", first=first,
                 second=second, queries=n_("{n} query", "{n} queries", verdict.queries), metric=metric)  # fmt: skip
    if verdict.difference < 0:
        return sentence(verdict.turned(), names, metric)
    told = {"first": first, "second": second, "metric": metric, "counts": counts(verdict), "p": p(verdict.corrected),
            "gain": signed(verdict.difference), "interval": interval(verdict.low, verdict.high)}  # fmt: skip
    if verdict.proven:
        return _("{first} is better than {second}: {metric} {gain} {interval}, {p}; {counts}.", **told)
    if verdict.difference == 0:
        return _("No difference between {first} and {second} is proven: equal in the mean, {counts}.", **told)
    return _(
        "It is not proven that {first} is better than {second}: {metric} {gain} {interval}, {p}; {counts}. To see such "
        "a difference takes {needed}.",
        needed=needed(verdict.needed),
        **told,
    ) + doubt(verdict)  # fmt: skip


def doubt(verdict: Verdict) -> str:
    """Why nothing is proven though the interval leaves zero out; "" where it does not, or where it is proven."""
    if verdict.proven or not (verdict.low > 0 or verdict.high < 0):
        return ""
    if verdict.p < stats.ALPHA:
        said = _("The interval is of this pair alone ({p}); corrected for all the pairs that are compared, it is not "
                 "proven.", p=p(verdict.p))  # fmt: skip
    else:
        said = _("The interval of this pair leaves out zero, but the paired test decides, and its {p} is not below "
                 "{alpha}.", p=p(verdict.p), alpha=number(stats.ALPHA, 2))  # fmt: skip
    return " " + said


def counts(verdict: Verdict) -> str:
    """ "5 better, 4 worse, 15 equal"."""
    return _("{wins} better, {losses} worse, {ties} equal", wins=number(verdict.wins), losses=number(verdict.losses),
             ties=number(verdict.ties))  # fmt: skip


def needed(queries: float) -> str:
    """ "≈ 970 queries", to two digits; "infinitely many queries" when nothing differs in the mean."""
    if queries != queries or queries == float("inf"):
        return _("infinitely many queries")
    shown = rounded(queries)
    return n_("≈ {n} query", "≈ {n} queries", shown)


def rounded(queries: float) -> int:
    """To two significant digits, at least as many as can prove anything."""
    digits = len(str(int(queries)))
    return max(stats.FEWEST, round(queries) if digits <= 2 else round(round(queries, 2 - digits)))


def p(value: float) -> str:
    """ "p = 0.84", "p = 0.004", "p < 0.001"."""
    if value < 0.001:
        return f"p\u00a0<\u00a0{number(0.001, 3)}"
    return f"p\u00a0=\u00a0{number(value, 2 if value >= 0.095 else 3)}"


def interval(low: float, high: float, digits: int = 3) -> str:
    """ "[−0.050; 0.100]"; a dash where there is none."""
    return f"[{minus(low, digits)}; {minus(high, digits)}]" if low == low else "—"


def signed(value: float, digits: int = 3) -> str:
    """ "+0.017" or "−0.017"."""
    return ("+" if value > 0 else "") + minus(value, digits)


def minus(value: float, digits: int = 3) -> str:
    """A number with a true minus sign; no minus before zero."""
    return number(round(value, digits) + 0.0, digits).replace("-", "\u2212")


def rank(standing: Standing) -> str:
    """ "1" or, for a group that nothing tells apart, "1–2"."""
    return str(standing.rank) if standing.rank == standing.last else f"{standing.rank}–{standing.last}"


def head(found: Comparison, names: Mapping[str, str], metric: str) -> str:
    """The whole comparison in one sentence: who stands first, alone or with whom, and against whom that is proven."""
    best = [s.label for s in found.standings if s.rank == 1]
    rest = [s.label for s in found.standings if s.rank > 1]
    if not rest:
        return _("Nothing tells these models apart by {metric}.", metric=metric)
    worse = [label for label in rest if all(found.between(leader, label).proven for leader in best)]
    told = {"best": _listed(best, names), "rest": _listed(worse, names), "metric": metric}
    if len(best) == 1:
        said = _("{best} is first by {metric}, proven against each of: {rest}.", **told)
    elif worse:
        said = _("First by {metric}, without proof which of them is better: {best}. Proven worse: {rest}.", **told)
    else:
        said = _("First by {metric}, without proof which of them is better: {best}.", **told)
    if undecided := [label for label in rest if label not in worse]:
        said += " " + _("Not proven against all of the first: {models}.", models=_listed(undecided, names))
    return said


def _listed(labels: list[str], names: Mapping[str, str]) -> str:
    return "; ".join(names.get(label, label) for label in labels)
