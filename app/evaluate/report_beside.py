"""The 2025 report's published figures beside ours: apart from them, with their source and with what differs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import columns, definitions
from app.language import N_, _, language, number
from app.text import md
from app.vocabulary import POOLS, word
from app.widgets import link
from data import published
from data.published import Published
from data.queries import QuerySet
from eval.contracts import Run

PLACES = published.K * 24
NAMES = {"pretrained": N_("{model}, pretrained"), "tuned": N_("{model}, fine-tuned in 2025")}


def section(run: Run, specs: Sequence[str]) -> None:
    """The report's table and what differs from this run and the models (`specs`) beside it.

    Nothing unless the run asked the report's 24 queries.
    """
    asked = published.matched(run.facts["texts"])
    if not asked:
        return
    st.header(_("The 2025 report beside us"), anchor=False)
    source()
    st.table(_rows(), border="horizontal", hide_index=True, alt=_("Figures of the 2025 report"))
    differs = _("What differs")
    st.markdown(f"**{differs}**\n" + "\n".join(f"- {line}" for line in differences(run, specs)))
    with st.expander(_("The report's queries one by one"), icon=":material/format_list_numbered:"):
        columns.table(
            _by_query(),
            alt=_("The report's queries one by one"),
            columns={
                name: columns.numbers(name, 2, help=definitions.of(f"P@{published.K}"))
                for name in model_names().values()
            }
            | {_("Query"): st.column_config.TextColumn(_("Query"), pinned=True)},
        )
    link("ledger", _("Every number of the report, checked again"), "fact_check")


def in_short(query_sets: Sequence[QuerySet]) -> None:
    """Their four means in two lines, where one of the query sets asks the report's 24 queries; else nothing."""
    texts = ({query.id: query.text for query in query_set.queries} for query_set in query_sets)
    if not any(published.matched(asked) for asked in texts):
        return
    st.header(_("The 2025 report beside us"), anchor=False)
    source()
    st.table(_rows(), border="horizontal", hide_index=True, alt=_("Figures of the 2025 report"))
    st.caption(" ".join(differs(code) for code in ("pictures", "weights")))
    with st.container(horizontal=True):
        link("evaluate", _("Our numbers, and what differs"), "leaderboard")
        link("ledger", _("Every number of the report, checked again"), "fact_check")


def one_query(run: Run, query: str) -> None:
    """What the report's four models had on this query, in a line of its own; nothing for another query set."""
    asked = published.matched(run.facts["texts"]).get(query)
    if asked is None:
        return
    place = published.queries().index(asked)
    shown = " · ".join(f"{name}: {number(m.precision[place], 2)}" for m, name in model_names().items())
    said = _("2025 report, P@{k} of this query, {n} relevant there:", k=published.K, n=asked.relevant)
    st.caption(f":material/history_edu: {said} {shown}", help=md(published.SOURCE[language()]))


def differences(run: Run, specs: Sequence[str]) -> list[str]:
    """Why this run's numbers and the report's are not the same measurement, a sentence each, escaped for Markdown."""
    judged = run.facts["judgments"]
    relevant = {query: [item for item, grade in judged[query].items() if grade >= 1] for query in judged}
    pool = word(POOLS, run.settings["pool"]).lower()
    searched = _(
        "Gallery: the report searched its {theirs} judged pictures, this run {ours} items ({pool}).",
        theirs=published.GALLERY,
        ours=number(int(run.settings["gallery"])),
        pool=pool,
    )
    codes = ["gallery"] if run.settings["pool"] == "catalogue" else []
    codes += [] if published.own_judgments(run.facts["texts"], relevant) else ["pictures"]
    codes += ["weights"] if any(":bundled/" in spec for spec in specs) else []
    return [md(searched), *(differs(code) for code in [*codes, "judges", "schedule"])]


def differs(code: str) -> str:
    """One of the reasons why the report's numbers are another measurement, escaped for Markdown."""
    return md(published.DIFFERS[code][("en", "ru").index(language())])


def source() -> None:
    """Whose numbers these are."""
    st.caption(
        ":material/history_edu: " + _("Not our numbers. Source: {source}.", source=md(published.SOURCE[language()]))
    )


def model_names() -> dict[Published, str]:
    """The report's models as they are called on the screen."""
    return {m: word(NAMES, m.weights).format(model=m.title.partition(",")[0]) for m in published.models()}


def _rows() -> pd.DataFrame:
    """The report's table: a row a model."""
    rows = []
    for model, name in model_names().items():
        found = {metric: number(value, 4) for metric, value in model.means.items()}
        hits = _("{n} of {places}", n=sum(model.hits), places=PLACES)
        rows.append({_("Model of the report"): md(name), **{md(m): v for m, v in found.items()}, _("Hits"): hits})
    return pd.DataFrame(rows)


def _by_query() -> pd.DataFrame:
    """The report's queries with P@5 of each of its models."""
    asked = published.queries()
    table = pd.DataFrame({_("Query"): [q.text for q in asked], _("Relevant"): [q.relevant for q in asked]})
    return table.assign(**{name: list(model.precision) for model, name in model_names().items()})
