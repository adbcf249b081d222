"""What is judged and by whom: the rater's name, the runs whose results are pooled, how deep, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import picker, searched, state
from app.evaluate import run_names
from app.judge.judge_card import LONGEST_NAME
from app.judge.judge_words import DESCRIBED, ORDERS, RULE_NAMES, WANTED
from app.language import _, n_, named
from app.vocabulary import POOLS, word
from eval.judging.merging import RULES
from eval.store import RunSummary

MODELS = 4  # chosen by themselves
CUTS = (1, 3, 5, 10, 20)


@dataclass(frozen=True)
class Choice:
    """What the visitor looks at: runs by id, names on screen, the cut and the merging rule."""

    runs: tuple[str, ...]
    names: dict[str, str]  # run id → its model's name, with what tells two runs of one model apart
    titles: dict[str, str]  # spec → the model's name
    k: int
    rule: str


@dataclass(frozen=True)
class Desk:
    """How one rater judges: which pairs, how deep the pool is, in which order."""

    rater: str
    wanted: str
    depth: int
    order: str
    described: bool


def comparable(summaries: Sequence[RunSummary]) -> list[list[RunSummary]]:
    """Runs over the same gallery together, of a model's repeated runs only the newest; whole catalogues first.

    Judgments may have changed between them: here runs are looked at by the judgments as they are now.
    """
    groups: dict[tuple[str, str, str], list[RunSummary]] = {}
    for run in summaries:
        where = repr(sorted((run.settings.get("where") or {}).items()))
        group = groups.setdefault((str(run.settings.get("pool")), where, run.fingerprints.get("catalogue", "")), [])
        if not any(_variant(run) == _variant(known) for known in group):
            group.append(run)
    return sorted(groups.values(), key=lambda group: group[0].settings.get("pool") != "catalogue")


def _variant(run: RunSummary) -> tuple[Any, ...]:
    return run.spec, run.settings.get("precision"), run.settings.get("index"), run.settings.get("correction", "none")


def choose(summaries: Sequence[RunSummary]) -> Choice:
    """Which runs are pooled and compared, at which cut, by which merging rule; drawn in one row."""
    groups = comparable(summaries)
    with st.container():
        group = groups[_condition(groups)]
        names = run_names.names(group, state.models())
        found = {run.id: run for run in group}
        first = [run.id for run in group if run.spec != "chance"][:MODELS] or list(found)[:1]
        state.seed("judge_runs", first, found)
        if not st.session_state["judge_runs"]:
            st.session_state["judge_runs"] = first
        st.multiselect(
            _("Models whose results are judged"),
            list(found),
            format_func=named(found, names.__getitem__),
            key="judge_runs",
            persist_state="session",
            help=_("Their first results are put into one pool; who judges does not see which model showed what."),
        )
        state.seed("judge_k", 5, CUTS)
        st.selectbox(_("Cut k"), CUTS, key="judge_k", persist_state="session")
        state.seed("judge_rule", "majority", RULES)
        st.selectbox(
            _("Grades are merged by"),
            list(RULES),
            format_func=named(RULES, lambda rule: word(RULE_NAMES, rule)),
            key="judge_rule",
            persist_state="session",
            help=_(
                "The newest grade of each rater counts. Where a rater has graded a pair, imported grades no longer "
                "count for it; “cannot tell” counts for nothing."
            ),
        )
    state.publish("judge_runs", first)
    state.publish("judge_k", 5)
    state.publish("judge_rule", "majority")
    chosen = tuple(run for run in found if run in st.session_state["judge_runs"]) or tuple(first)
    return Choice(chosen, names, picker.titles(), int(st.session_state["judge_k"]), str(st.session_state["judge_rule"]))


def _condition(groups: Sequence[Sequence[RunSummary]]) -> int:
    state.seed("judge_where", 0, range(len(groups)))
    if len(groups) > 1:
        names = {
            i: " · ".join([word(POOLS, str(group[0].settings.get("pool"))),
                           n_("{n} item", "{n} items", int(group[0].settings.get("gallery", 0))),
                           *searched.parts(group[0].settings.get("where"))])
            for i, group in enumerate(groups)
        }  # fmt: skip
        st.selectbox(
            _("Conditions"), list(names), format_func=named(names, names.__getitem__), key="judge_where",
            persist_state="session",
        )  # fmt: skip
    state.publish("judge_where", 0)
    return int(st.session_state["judge_where"])


def rater() -> str:
    """Who judges; "" until somebody wrote a name."""
    state.seed("rater", "")
    st.text_input(
        _("Who judges"), key="rater", max_chars=LONGEST_NAME, placeholder=_("your name"), persist_state="session",
        width=220, help=_("Every judgment is kept with this name."),
    )  # fmt: skip
    state.publish("rater", "")
    return str(st.session_state["rater"]).strip()


def _sayer(words: dict[str, str]) -> Callable[[str], str]:
    return lambda option: word(words, option)


def desk(rater: str, k: int) -> Desk:
    """What this rater is shown: which pairs, how deep the pool is, in which order."""
    for param, label, options, says in (
        ("judge_wanted", _("What is shown"), WANTED, ""),
        ("judge_order", _("Order"), ORDERS,
         _("Within equal weight the order is shuffled, each rater's in another way.")),
        ("judge_described", _("Candidates by description"), DESCRIBED,
         _("Items whose title and description answer the query; they are found on the tab “Files”.")),
    ):  # fmt: skip
        state.seed(param, next(iter(options)), options)
        says_so = named(options, _sayer(options))
        st.selectbox(label, list(options), format_func=says_so, key=param,
                     persist_state="session", help=says or None)  # fmt: skip
        state.publish(param, next(iter(options)))
    state.seed("judge_depth", max(10, k))
    st.number_input(
        _("Depth of the pool"), 1, 100, key="judge_depth", persist_state="session",
        help=_("How many first results of each model and query are put into the pool."),
    )  # fmt: skip
    state.publish("judge_depth", max(10, k))
    now = st.session_state
    return Desk(rater, str(now["judge_wanted"]), int(now["judge_depth"]), str(now["judge_order"]),
                now["judge_described"] == "yes")  # fmt: skip
