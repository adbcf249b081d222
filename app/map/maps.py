"""A map as a table: where each item and query stands, joined with what the catalogue says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from app.answers import Map, X, Y

if TYPE_CHECKING:
    from data.catalogue import Catalogue
    from data.queries import QuerySet
    from eval.projection import Projection

FACTS = ("seed", "judged_by", "sampled", "explained", "left_out", "query_method", "cached")


def joined(catalogue: Catalogue, laid: Projection, query_set: QuerySet | None = None) -> Map:
    """The projection with every column of its items; `queries` has id, text, X, Y. Items left out have no row."""
    table = catalogue.table.assign(**{X: laid.xy[:, 0], Y: laid.xy[:, 1]})
    table = table[table[X].notna()].reset_index(drop=True)
    queries = pd.DataFrame({"id": [], "text": [], X: [], Y: []})
    if query_set is not None:
        ids, texts = [query.id for query in query_set.queries], [query.text for query in query_set.queries]
        queries = pd.DataFrame({"id": ids, "text": texts, X: laid.query_xy[:, 0], Y: laid.query_xy[:, 1]})
    facts = {name: getattr(laid, name) for name in FACTS}
    return Map(table, queries, laid.method, laid.trustworthiness, laid.seconds, facts)
