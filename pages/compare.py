"""Comparison: is one model really better than another, by how much, on which queries, in which pictures."""

import streamlit as st

from app import card, definitions, state, widgets
from app.compare import compare_choice, difference_charts, side_by_side, slices_view, verdict_card
from app.compare.compare_choice import Chosen
from app.dossier import dossier_panel
from app.evaluate import provenance, report_beside
from app.language import _, n_
from eval.comparison import Verdict


def gains(pair: Verdict, chosen: Chosen) -> list[str]:
    """The pair's difference query by query; a click on a bar opens that query. Returns the queries in that order."""
    st.header(_("Query by query"), anchor=False)
    found = chosen.found.gains(pair.better, pair.worse)
    order = difference_charts.ordered(found)

    def opened() -> None:
        selected = st.session_state["compare_gains"]["selection"]["selected"]
        at = [i for group in selected for i in group["data_indices"] if i < len(order)]
        if at:
            state.put("query", order[at[-1]])

    first, second = (chosen.names.get(label, label) for label in (pair.better, pair.worse))
    definitions.caption(
        _("{metric}: upwards {first} is ahead, downwards {second}. Click a bar to see the pictures.",
          metric=chosen.metric, first=first, second=second),
        chosen.metric,
    )  # fmt: skip
    st.echarts_chart(
        difference_charts.gains_spec(found, chosen.texts, _("Difference"), st.session_state.get("query", "")),
        height=330, key="compare_gains", on_select=opened, alt=_("Difference query by query"),
    )  # fmt: skip
    if chosen.found.left_out:
        left_out = len(chosen.found.left_out)
        st.caption(n_("{n} query that not all were asked is left out.", "{n} queries that not all were asked are left "
                      "out.", left_out))  # fmt: skip
    return order


widgets.head(
    _("Comparison"), _("Is one model really better than another? Not by the mean alone: by proof, query by query.")
)
picked, chosen = None, None
with widgets.calmly():
    chosen = compare_choice.choose()
    if chosen:
        published = not chosen.evaluations
        if published:
            report_beside.source()
        verdict_card.headline(chosen)
        dossier_panel.offer(chosen)
        left, right = st.columns(2, gap="medium")
        with left:
            verdict_card.standings(chosen)
        with right:
            pair = verdict_card.choose_pair(chosen)
            if pair:
                verdict_card.card(pair, chosen)
        verdict_card.every_pair(chosen)
        if pair:
            order = gains(pair, chosen)
            if published:
                st.markdown("\n".join(f"- {report_beside.differs(code)}" for code in ("gallery", "judges", "schedule")))
            else:
                query = side_by_side.choose_query(chosen, order)
                if query and chosen.catalogue:
                    picked = side_by_side.show(chosen, query, pair.better, chosen.catalogue)
                slices_view.show(pair, chosen)
        definitions.everything([chosen.metric])
        for evaluation in chosen.evaluations:
            provenance.show(evaluation.run, chosen.names[evaluation.run.id])
if chosen and chosen.catalogue:
    card.show(chosen.catalogue, picked, "compare")
