"""Map: a catalogue as a model sees it, in two dimensions; what is selected there lies beside as pictures."""

import streamlit as st

from app import card, exports, jobpanel, picker, preparing, state, widgets
from app.answers import Map, X, Y
from app.evaluate import runs
from app.gallery import picture_url
from app.groups import group_list, group_map
from app.language import _, n_, named, number
from app.legend import legend
from app.map import charts, map_job, map_selected, maps_beside, selection, sight_charts, sight_pictures, sight_view
from app.text import plain
from app.vocabulary import FIELDS, METHOD_SAYS, METHODS, word
from data.catalogue import Catalogue
from eval.sights import Sight

NO_COLOUR = {"id", "title", "image", "sha256", "description", "url"}


def colour_columns(catalogue: Catalogue, groups: bool) -> list[str]:
    """Columns worth a colour: at least two different values, and at most half as many as items; and the groups."""
    counts = {c: catalogue.table[c].nunique() for c in catalogue.table.columns if c not in NO_COLOUR}
    named_groups = [group_map.COLOUR] if groups else []
    return [c for c, n in counts.items() if 1 < n <= max(2, len(catalogue) // 2)] + named_groups


def drawn(laid: Map, catalogue: Catalogue, colour: str, seen: Sight | None, group: list[int]) -> list[int]:
    """Draw the map and return the rows that are selected: there, by the link that was opened, or as the `group`."""
    table, dark = laid.table, st.context.theme.type == "dark"
    grouped, order = charts.groups(table[colour] if colour else table["id"].str.slice(0, 0))
    points = table[[X, Y]].assign(
        group=grouped.to_numpy(),
        title=table["title"].to_numpy(),
        thumb=table["sha256"].to_numpy(),
        about=(table["source"] + " · " + table["category"]).str.strip(" ·").to_numpy(),
    )
    rows, linked = selection.follow("map_chart", len(points), catalogue.fingerprint[:8])
    rows, linked = (rows, linked) if rows or seen else (group, bool(group))
    queries_drawn = laid.queries[laid.queries["id"] == seen.query] if seen else laid.queries
    spec = charts.map_spec(
        points,
        order,
        picture_url(catalogue, "").rsplit("/", 1)[0],
        {"rect": _("Rectangle"), "polygon": _("Lasso"), "clear": _("Clear")},
        dark,
        queries_drawn[[X, Y, "text"]] if len(queries_drawn) else None,
        points.iloc[rows][[X, Y]] if linked else None,
    )
    st.echarts_chart(
        sight_charts.laid_over(spec, laid, seen, sight_view.words(), dark) if seen else spec,
        height=620,
        key="map_chart",
        on_select="rerun",
        alt=n_("Map of {n} item", "Map of {n} items", len(points)),
    )
    if len(order) > 1:
        names = [_("other") if v == charts.REST else v for v in order]
        legend(names, charts.map_colours(order, dark), "map_legend")
    return rows


def facts(laid: Map, items: int) -> None:
    """How far the map may be trusted, and how it was made."""
    st.caption(
        " · ".join(
            (
                n_("{n} item", "{n} items", items),
                _("trustworthiness {value}", value=number(laid.trustworthiness, 3)),
                word(METHODS, laid.method) + ": " + word(METHOD_SAYS, laid.method),
            )
        ),
        help=_(
            "Trustworthiness, from 0 to 1: how rarely a neighbour on the map is a stranger in the model's own space "
            "(Venna and Kaski, 2001). At 1 every neighbour on the map is a true one."
        ),
    )


widgets.head(_("Map"), _("Pictures that the model finds alike lie close together."))
bench = state.bench()
above = st.container()  # the model stands above the catalogue whose best one it is at first
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue(220)
    if not name:
        st.stop()
    if preparing.unfinished(name):  # the best model is not known yet
        map_job.comes()
        st.stop()
    catalogue = bench.catalogue(name)
    label = _("Queries on the map")
    queries = widgets.choose_query_set(name, True, label, "map_queries", 220, pictures=True)
    colours = colour_columns(catalogue, bool(bench.groups(name)))
    preferred = "category" if "category" in colours else colours[0] if colours else ""
    state.seed("method", "umap", METHODS)
    state.seed("colour", preferred, ["", *colours])
    st.segmented_control(
        _("Method"),
        list(METHODS),
        format_func=named(METHODS, lambda m: word(METHODS, m)),
        key="method",
        required=True,
        persist_state="session",
    )
    st.selectbox(
        _("Colour"),
        ["", *colours],
        format_func=named(["", *colours], lambda c: word(FIELDS, c) if c in FIELDS else plain(c) or _("none")),
        key="colour",
        persist_state="session",
        width=220,
    )
with above:
    model = picker.choose_model(default=runs.best_encoder(name), pictures=True)
state.publish("method", "umap")
state.publish("colour", preferred)
if not picker.usable(model):
    st.stop()
jobpanel.watch("map")
spec, method = str(model.spec), st.session_state["method"]
if maps_beside.shown(spec, catalogue, st.session_state["colour"]):
    st.stop()
queries, words = sight_pictures.laid_out_with(queries, model.reads_text)
joint = bool(words) and sight_view.together()
laid, failed = None, True
with widgets.calmly():
    laid, failed = state.laid_out(spec, name, method, words, joint=joint), False
    state.settle(spec)
if laid is None:
    if not failed:
        how = {"joint": True} if joint else {}
        map_job.not_yet(spec, catalogue, method=method, seed=0, query_set=words or None, **how)
    st.stop()
facts(laid, len(catalogue))
seen = None
with widgets.calmly():
    seen = sight_view.choose(spec, name, queries)
laid = group_map.coloured(sight_pictures.placed(laid, seen, queries), catalogue)
looked = group_map.chosen(catalogue)
left, right = st.columns([3, 2], gap="medium")
with left:
    rows = drawn(laid, catalogue, st.session_state["colour"], seen, group_map.rows(laid, looked))
    if seen:
        sight_view.strip(seen, catalogue, joint, queries)
    st.download_button(
        _("The map as a page of its own"),
        lambda: exports.map_html(laid, f"{name}: {spec}", st.session_state["colour"] or "source").encode(),
        f"{name}-{method}.html",
        "text/html",
        on_click="ignore",
        icon=":material/download:",
        key="map_html",
    )
with right:
    beside = seen is not None and not rows
    if beside:
        picked = sight_view.panel(seen, catalogue, queries)
    else:
        named_so = bool(rows) and rows == group_map.rows(laid, looked)
        picked = map_selected.show(spec, laid, catalogue, rows, named_so)
group_list.show(catalogue, looked)
card.show(catalogue, picked, "map")
