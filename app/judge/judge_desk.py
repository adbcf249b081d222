"""The desk of one rater: guidelines, one picture at a time, every press written at once; and how far everybody is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import asked, state
from app.judge import judge_card
from app.judge.judge_choice import Choice, Desk
from app.judge.judge_guide import damaged, guidelines
from app.judge.judge_words import ALPHA
from app.judge.judged import Judged, Standing
from app.language import _, n_, number
from app.text import md
from app.widgets import message
from data.catalogue import Catalogue
from data.errors import Unavailable
from eval.judging.agreement import Agreement
from eval.judging.merging import Pair
from eval.judging.pooling import Pool
from eval.judging.rows import HUMAN
from eval.records import StoreDamaged

log = logging.getLogger("uzor")
AHEAD = 12  # cards the browser holds, so that the next one is there at once
REMEMBERED = 1000  # events of a session; an outbox sends 200 at most
BACK = 20  # of the rater's own, for undo
EVERY_SECONDS = 2.0


@st.cache_resource(show_spinner=False, max_entries=32)
def standing(home: str, query_set: str, last: int, runs: tuple[str, ...], k: int, metric: str, rule: str) -> Standing:
    """The runs' standing as of the log's row `last`; computed once for each row."""
    bench = state.bench()
    return bench.standing(bench.judged(query_set, rule), runs, k, metric)


@st.cache_resource(show_spinner=False, max_entries=8)
def agreed(home: str, query_set: str, last: int) -> Agreement:
    """The raters' agreement as of the log's row `last`."""
    return state.bench().agreement(query_set)


def now_standing(judged: Judged, choice: Choice, metric: str = "P") -> Standing:
    """The standing as of now."""
    home = str(state.bench().home)
    return standing(home, judged.query_set.name, judged.last, choice.runs, choice.k, metric, choice.rule)


def view(catalogue: Catalogue, query_set: str, choice: Choice, chosen: Desk) -> None:
    """One picture after the other to be judged; the line below follows everybody's work."""
    if not chosen.rater:
        message(_("Who judges?"), _("Write your name above: every judgment is kept with it."), icon="person")
        guidelines(query_set, chosen.rater)
        return
    if chosen.described:
        damaged(query_set)
    _working(catalogue, query_set, choice, chosen)
    _everybody(query_set, choice)
    guidelines(query_set, chosen.rater)


@st.fragment
def _working(catalogue: Catalogue, query_set: str, choice: Choice, chosen: Desk) -> None:
    bench = state.bench()
    pool = bench.pool(query_set, choice.runs, chosen.depth, chosen.described)
    _write(query_set, pool, st.session_state.get("judge_desk"))
    judged = bench.judged(query_set, choice.rule)
    weighty = now_standing(judged, choice).queue if chosen.order == "weight" else ()
    if chosen.wanted == "reworded":
        pool = {**dict.fromkeys(judged.reworded_pairs, ()), **pool}
    left = bench.waiting(judged, pool, chosen.rater, chosen.wanted, weighty)
    texts = {query.id: query.text for query in judged.query_set.queries}
    ahead = [*left[:AHEAD], *_mine(judged, chosen.rater)[:BACK]]
    pictures = {query: one for query, one in asked.of_set(judged.query_set).items() if query in dict(ahead)}
    urls = asked.urls(catalogue, pictures)
    shown = judge_card.cards(catalogue, left[:AHEAD], texts, asked=urls)
    mine = _mine(judged, chosen.rater)
    again = _again(judged, chosen.rater)
    if again:
        urls |= asked.urls(catalogue, {q: one for q, one in asked.of_set(judged.query_set).items() if q == again[0]})
        turn = str(st.session_state["judge_turn"])
        shown = [*judge_card.cards(catalogue, [again], texts, turn, urls), *shown]
    history = judge_card.cards(catalogue, mine[:BACK], texts, asked=urls)
    done = sum(pair in pool for pair in mine)
    outbox = judge_card.desk(
        shown, history, query_set, chosen.rater, list(st.session_state.get("judge_written", ())), done,
        len(left) + bool(again), repr((choice.runs, chosen, again)), "judge_desk",
    )  # fmt: skip
    if _write(query_set, pool, {"outbox": outbox}):
        st.rerun()


def _write(query_set: str, pool: Pool, held: Any) -> bool:
    """Write what the browser sent and this session has not written yet; True when there was anything.

    What another session wrote, before a restart say, the log knows by its event and does not double.
    """
    outbox = held.get("outbox") if isinstance(held, Mapping) else getattr(held, "outbox", None)
    sound, wrong = judge_card.entries(outbox, query_set, pool)
    written: dict[str, None] = st.session_state.setdefault("judge_written", {})
    fresh = [one for one in sound if one.event not in written]
    try:
        if fresh:
            state.bench().judge(fresh)
    except (Unavailable, StoreDamaged) as problem:  # not acknowledged, so the browser goes on sending it
        log.warning("Judgments were not written yet: %s", problem)
        st.toast(_("Not saved yet, it will be sent again: {why}", why=md(problem)), icon=":material/sync_problem:")
        return False
    new = [event for event in (*(one.event for one in sound), *wrong) if event not in written]
    written.update(dict.fromkeys(new))
    for event in list(written)[:-REMEMBERED]:
        del written[event]
    return bool(new)


def _mine(judged: Judged, rater: str) -> list[Pair]:
    """The pairs this rater has judged, newest first."""
    rows = [row for of_pair in judged.opinions.values() for row in of_pair.values()
            if row.source == HUMAN and row.rater == rater]  # fmt: skip
    return [row.pair for row in sorted(rows, key=lambda row: -row.sequence)]


def _again(judged: Judged, rater: str) -> Pair | None:
    """The pair that somebody asked to have judged (again) here, until this rater has said something new of it."""
    asked = st.session_state.get("judge_pair")
    if not asked:
        return None
    pair, since = (asked[0], asked[1]), int(st.session_state.get("judge_turn", 0))
    own = judged.opinions.get(pair, {}).get(rater)
    if own is not None and own.sequence > since:
        state.put("judge_pair", None)
        return None
    return pair


def ask_again(pair: Sequence[str], last: int) -> None:
    """Open the desk with this pair on top."""
    state.put("judge_pair", [pair[0], pair[1]])
    state.put("judge_turn", last)
    state.later(judge_view="judge")
    st.rerun()


@st.fragment(run_every=EVERY_SECONDS)
def _everybody(query_set: str, choice: Choice) -> None:
    bench = state.bench()
    judged = bench.judged(query_set, choice.rule)
    found = agreed(str(bench.home), query_set, judged.last)
    stand = now_standing(judged, choice)
    wanted = sum(one.weight > 0 for one in stand.queue)
    with st.grid(4, min_column_width=200):
        st.metric(
            _("Judged by people"),
            number(sum(found.raters.values()) + sum(found.unsure.values())),
            n_("{n} rater", "{n} raters", len({*found.raters, *found.unsure})),
            delta_color="off", delta_arrow="off", border=True,
            help=_("Grades and “cannot tell” that stand, of all raters together; what was taken back is not counted."),
        )  # fmt: skip
        alpha(found)
        st.metric(
            _("Undecided for want of labels"),
            _("{n} of {total}", n=number(stand.undecided), total=number(len(stand.gaps))),
            _("pairs of models"), delta_color="off", delta_arrow="off", border=True,
            help=_("Pairs of the chosen models whose order on P@k the missing judgments could still turn."),
        )  # fmt: skip
        st.metric(
            _("Labels that can change a verdict"),
            number(wanted),
            _("everything is judged") if stand.complete else _("of {n} unjudged results", n=number(len(stand.queue))),
            delta_color="off", delta_arrow="off", border=True,
            help=_("Unjudged items among the first k of one model of an undecided pair and not of the other."),
        )  # fmt: skip


def alpha(found: Agreement) -> None:
    """Krippendorff's alpha as a card, with its interval, or why there is none yet."""
    low, high = found.interval or (float("nan"), float("nan"))
    said = f"{number(low, 2)} … {number(high, 2)}" if found.interval else ""
    pairs = n_("{n} pair graded twice", "{n} pairs graded twice", found.pairs)
    st.metric(
        _("Agreement (alpha)"),
        number(found.alpha, 2) if found.alpha is not None else "—",
        " · ".join(part for part in (said, pairs) if part),
        delta_color="off", delta_arrow="off", border=True, help=_(ALPHA),
    )  # fmt: skip
