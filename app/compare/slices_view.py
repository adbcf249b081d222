"""The pair's verdict over parts of the query set: by category or shop of the relevant items, by kind of query."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import columns, definitions, state
from app.compare import verdict_words
from app.compare.compare_choice import Chosen
from app.language import N_, _, named
from app.text import plain
from app.vocabulary import word
from eval import slices
from eval.comparison import Verdict

BY = {"category": N_("Category of the relevant items"), "kind": N_("Kind of query"), "source": N_("Shop")}


def show(pair: Verdict, chosen: Chosen) -> None:
    """A table: a row a part, with means, difference, interval, corrected p and counts."""
    st.header(_("The same over parts of the query set"), anchor=False)
    state.seed("slice_by", "category", BY)
    st.segmented_control(
        _("Parts by"), list(BY), key="slice_by", required=True, persist_state="session",
        format_func=named(BY, lambda by: word(BY, by)),
    )  # fmt: skip
    state.publish("slice_by", "category")
    by, home = str(st.session_state["slice_by"]), str(state.bench().home)
    first, second = chosen.found.values[pair.better], chosen.found.values[pair.worse]
    parts, found = _found(pair.better, pair.worse, chosen.metric, by, home, _version(chosen), chosen)
    rows = [_row(value, verdict, first, second, parts) for value, verdict in found.items()]
    names = [plain(chosen.names.get(label, label)) for label in (pair.better, pair.worse)]
    column = st.column_config
    columns.table(
        pd.DataFrame(rows), alt=_("The same over parts of the query set"),
        columns={
            "part": column.TextColumn(_("Part"), pinned=True, width="medium"),
            "queries": columns.numbers(_("Queries"), 0, width="small"),
            "first": columns.numbers(f"{chosen.metric} · {names[0]}", help=definitions.of(chosen.metric)),
            "second": columns.numbers(f"{chosen.metric} · {names[1]}", help=definitions.of(chosen.metric)),
            "difference": column.TextColumn(_("Difference"), help=definitions.of("difference"), width="small"),
            "interval": column.TextColumn(_("Interval, 95 %"), help=definitions.of("interval")),
            "corrected": column.TextColumn(_("p, corrected"), help=definitions.of("corrected"), width="small"),
            "proven": column.CheckboxColumn(_("Proven"), help=definitions.of("corrected"), width="small"),
            "counts": column.TextColumn(_("Better · equal · worse"), help=definitions.of("wins")),
        },
    )  # fmt: skip
    st.caption(_("A query belongs to the value that more than half of its relevant items have; else it is mixed."))
    st.caption(_("Parts change this table alone: ranks, pairs and charts above are over the whole query set."))


def _row(
    value: str, verdict: Verdict, first: dict[str, float], second: dict[str, float], parts: dict[str, tuple[str, ...]]
) -> dict[str, object]:
    queries = [query for query in parts[value] if query in first and query in second]
    return {
        "part": plain(value) or _("mixed or none"),
        "queries": len(queries),
        "first": sum(first[query] for query in queries) / len(queries),
        "second": sum(second[query] for query in queries) / len(queries),
        "difference": verdict_words.signed(verdict.difference),
        "interval": verdict_words.interval(verdict.low, verdict.high),
        "corrected": verdict_words.p(verdict.corrected)[1:].strip("=\u00a0"),
        "proven": verdict.proven,
        "counts": f"{verdict.wins} · {verdict.ties} · {verdict.losses}",
    }


def _version(chosen: Chosen) -> str:
    return chosen.catalogue.fingerprint if chosen.catalogue else ""


@st.cache_resource(show_spinner=False, max_entries=64)
def _found(
    better: str, worse: str, metric: str, by: str, home: str, version: str, _chosen: Chosen
) -> tuple[dict[str, tuple[str, ...]], dict[str, Verdict]]:
    """The parts and the pair's verdict in each; runs never change, so it is computed once."""
    parts = state.bench().slices(better, by)
    return parts, slices.verdicts(_chosen.found.values[better], _chosen.found.values[worse], parts)
