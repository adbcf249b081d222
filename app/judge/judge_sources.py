"""Where judgments came from: who proposed what was judged, the leaderboard without each source, and a plain warning."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import columns, state, widgets
from app.judge.judge_choice import Choice
from app.judge.judge_words import BOARDS, GROUPS, SOURCES, TAU
from app.language import _, n_, number, percent
from app.text import md, plain
from app.vocabulary import metric_name, word
from data.catalogue import Catalogue
from eval.judging.audit import Audit, Board


def view(catalogue: Catalogue, query_set: str, choice: Choice) -> None:
    """The warning if there is one, each model's part in the judgments, and every leaderboard."""
    judged = state.bench().judged(query_set, choice.rule)
    found = state.bench().audit(judged, choice.runs, choice.k)
    _warning(found, choice)
    _shares(found, choice)
    _boards(found, choice)


def _warning(found: Audit, choice: Choice) -> None:
    if found.warned:
        names = ", ".join(md(choice.titles.get(spec, spec)) for spec in found.warned)
        widgets.message(
            _("A compared model chose what was judged"),
            _(
                "Most judged items were proposed by {names}. What only other models find was rarely looked at, so "
                "their scores are too low. Judge the results of all models to the same depth.",
                names=f"**{names}**",
            ),
            icon="balance",
        )
    said = n_(
        "For {n} judged pair it is known which rankings proposed it",
        "For {n} judged pairs it is known which rankings proposed them", found.known,
    )  # fmt: skip
    st.caption(_("{said}; for {unknown} it is not (imported judgments without that record).", said=said,
                 unknown=number(found.unknown)))  # fmt: skip


def _shares(found: Audit, choice: Choice) -> None:
    st.header(_("Each model's part"), anchor=False)
    rows = [
        {"name": choice.names.get(one.key, one.model), "judged": one.judged, "proposed": one.proposed,
         "family": one.family, "only": one.only, "unique": one.unique}
        for one in found.shares
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=_("Each model's part"),
        column_config={
            "name": st.column_config.TextColumn(_("Model"), pinned=True, width="large"),
            "judged": columns.bars(
                metric_name(f"Judged@{found.k}"),
                help=_("Share of its first k results that have a grade: how far its score can be trusted."),
            ),
            "proposed": st.column_config.NumberColumn(
                _("Proposed"), help=_("Judged pairs that stood in its ranking when they were judged.")
            ),
            "family": st.column_config.NumberColumn(
                _("By its kin"), help=_("Pairs proposed not by it but by a model over the same weights.")
            ),
            "only": st.column_config.NumberColumn(_("By it alone"), help=_("Pairs that no other ranking proposed.")),
            "unique": st.column_config.NumberColumn(
                _("Unique finds"), help=_("Relevant items among its first k that no other chosen model shows there.")
            ),
        },
    )  # fmt: skip


def _boards(found: Audit, choice: Choice) -> None:
    st.header(_("The leaderboard without each source"), anchor=False)
    boards = [board for board in found.boards if board.kind == "all" or board.pairs]
    if len(boards) < 2:
        st.caption(_("All judgments have one and the same source, so there is nothing to leave out yet."))
        return
    kind = widgets.choose_view(_("Which judgments count"), BOARDS, "judge_boards")
    shown = [board for board in boards if board.kind in ("all", kind)]
    rows = [
        {"left": _named(board, choice), "pairs": board.pairs, "queries": board.queries,
         "tau": 1.0 if board.kind == "all" else board.tau,
         **{choice.names.get(key, key): score for key, score in board.scores.items()}}
        for board in shown
    ]  # fmt: skip
    models = [choice.names.get(key, key) for key in found.boards[0].scores]
    says = _("Mean P@{k} over the queries that still have a relevant item.", k=found.k)
    columns.table(
        pd.DataFrame(rows),
        {
            "left": st.column_config.TextColumn(_("Judgments"), pinned=True, width=300),
            "pairs": st.column_config.NumberColumn(_("Pairs")),
            "queries": st.column_config.NumberColumn(_("Queries")),
            "tau": columns.numbers(_("Kendall's tau"), 2, help=_(TAU)),
            **{name: columns.numbers(name, help=says, width=150) for name in models},
        },
        alt=_("The leaderboard without each source"),
    )
    _moved(found)


def _named(board: Board, choice: Choice) -> str:
    if board.kind == "all":
        return _("All of them")
    name = plain(choice.titles.get(board.name, word(SOURCES, board.name)))
    group = word(GROUPS, board.group).lower()
    if board.kind == "only":
        return _("Only {group}: {name}", group=group, name=name)
    return _("Without {group}: {name}", group=group, name=name)


def _moved(found: Audit) -> None:
    taus = [board.tau for board in found.boards if board.kind == "without" and board.tau is not None]
    if taus:
        changed = sum(tau < 1 - 1e-9 for tau in taus)
        st.caption(
            _("Leaving one out changes the order of models in {changed} of {total} cases; the lowest tau is {tau}.",
              changed=number(changed), total=number(len(taus)), tau=number(min(taus), 2))
            + " "
            + _("Known origin: {share} of judged pairs.",
                share=percent(found.known / max(found.known + found.unknown, 1)))
        )  # fmt: skip
