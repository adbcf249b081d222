"""What a query got and what it missed, in pictures; where a missed item stands under every model and behind what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app import asked, state
from app.evaluate import runs, tables
from app.failures.failure_runs import name_of
from app.gallery import cards, gallery, place
from app.language import _, n_, number
from app.search import explain_view
from app.text import md
from data.catalogue import Catalogue
from eval.contracts import Ranking, Run
from eval.corrections import NONE
from eval.store import RunSummary

SHOWN, MISSED, BEFORE = 10, 20, 12  # pictures on the screen


def retrieved(catalogue: Catalogue, run: Run, ranking: Ranking, k: int) -> str | None:
    """The first results with the marks of the judgments; returns the item clicked."""
    judged = runs.judgments_of(run, ranking.query)
    there = set(catalogue.ids)
    shown = [(i, s, n) for n, (i, s) in enumerate(zip(ranking.items, ranking.scores, strict=True), 1) if i in there]
    ids, scores, ranks = [list(column) for column in zip(*shown[: max(k, SHOWN)], strict=True)] or ([], [], [])
    st.markdown("**" + _("What the model shows") + "**")
    if not ids:
        st.caption(_("Nothing was found"))
        return None
    return gallery(
        cards(catalogue, ids, scores, tables.marks(judged, ids), ranks), "failed_shown", _("Results"), "", 116
    )


def missed(catalogue: Catalogue, run: Run, ranking: Ranking, k: int, lost: bool = True) -> str:
    """The relevant items that do not stand among the first k; returns the one that is looked at, "" for none.

    Nothing was missed where nothing was lost: then the places are full of relevant items, and the rest has no room.
    """
    there = set(catalogue.ids)
    late = [(i, rank) for i, rank in tables.missed(runs.judgments_of(run, ranking.query), ranking.items, k)
            if i in there]  # fmt: skip
    if not late:
        return ""
    if not lost:
        st.caption(
            ":material/check_circle: "
            + n_(
                "Nothing is missed: the first places are taken by relevant items, and {n} more has no room there.",
                "Nothing is missed: the first places are taken by relevant items, and {n} more have no room there.",
                len(late),
            )
        )
        return ""
    st.markdown(
        "**"
        + n_("{n} relevant item is not among the first {k}", "{n} relevant items are not among the first {k}",
             len(late), k=number(k))
        + "** · "
        + _("click one to see what stands before it")
    )  # fmt: skip
    late = late[:MISSED]
    ids = [item for item, _rank in late]
    chosen = str(state.seed("missed", ids[0], ids))
    again = gallery(
        cards(catalogue, ids, marks=["hit"] * len(ids), ranks=[rank for _item, rank in late]),
        "failed_missed", _("Missed"), chosen, 96,
    )  # fmt: skip
    if again and again in ids and again != chosen:
        state.put("missed", again)
        chosen = again
    state.publish("missed", ids[0])
    return chosen


def under_models(
    catalogue: Catalogue, run: Run, group: Sequence[RunSummary], names: Mapping[str, str], query: str, item: str
) -> None:
    """The rank of a missed item under every comparable run, and the pictures that stand before it in this one."""
    st.subheader(_("Why is this one missed: {title}", title=md(catalogue.item(item)["title"] or item)), anchor=False)
    if asked.of_run(run):
        asked.not_explained()
    elif st.button(_("What keeps it away?"), icon=":material/help_center:", key="why_missed"):
        kind = str(run.settings.get("correction", NONE))
        explain_view.open_for(run.catalogue, run.spec, run.facts["texts"][query], item, kind)
    left, right = st.columns([2, 3], gap="medium")
    found = {one.id: state.bench().ranking(one.id, query) for one in group}
    with left:
        st.markdown("**" + _("Its rank under every model") + "**")
        rows = [_row(one, found[one.id], item, run, names) for one in group]
        order = pd.DataFrame(rows).sort_values("order", kind="stable")
        st.dataframe(
            order,
            hide_index=True,
            column_order=["model", "rank", "hits"],
            alt=_("Its rank under every model"),
            column_config={
                "model": st.column_config.TextColumn(_("Model"), width=250),
                "rank": st.column_config.TextColumn(
                    _("Rank"),
                    width="small",
                    help=_("Where this item stands for this query; the list is kept to the run's depth."),
                ),
                "hits": st.column_config.NumberColumn(
                    _("Hits"), help=_("Relevant items among the first k under that model."), format="%d"
                ),
            },
        )
    with right:
        _before(catalogue, run, found[run.id], item)


def _row(one: RunSummary, ranking: Ranking, item: str, run: Run, names: Mapping[str, str]) -> dict[str, str | int]:
    rank = ranking.items.index(item) + 1 if item in ranking.items else 0
    judged, k = runs.judgments_of(run, ranking.query), int(one.settings["k"])
    hits = tables.marks(judged, ranking.items[:k]).count("hit")
    mark = "▸ " if one.id == run.id else ""
    return {"model": mark + name_of(one, names), "rank": place(rank), "hits": hits, "order": rank or 10**9}


def _before(catalogue: Catalogue, run: Run, ranking: Ranking, item: str) -> None:
    if item in ranking.items:
        rank = ranking.items.index(item) + 1
        ahead = [(i, n) for n, i in enumerate(ranking.items[: rank - 1], 1)]
        said = n_("{n} picture stands before it", "{n} pictures stand before it", rank - 1)
    else:
        ahead = [(i, n) for n, i in enumerate(ranking.items, 1)]
        said = n_("It is not among the first {n} at all", "It is not among the first {n} at all", len(ahead))
    if len(ahead) > BEFORE:
        said += " · " + n_("the nearest {n}:", "the nearest {n}:", BEFORE)
    st.markdown(f"**{said}**")
    there = set(catalogue.ids)
    near = [(i, n) for i, n in ahead if i in there][-BEFORE:]
    ids = [i for i, _n in near]
    marks = tables.marks(runs.judgments_of(run, ranking.query), ids)
    gallery(cards(catalogue, ids, marks=marks, ranks=[n for _i, n in near]), "failed_before", _("Before it"), "", 96)
