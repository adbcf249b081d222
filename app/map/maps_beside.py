"""All maps of one model side by side: PCA, truncated SVD, t-SNE and UMAP of the same vectors, with their honesty."""

from __future__ import annotations

import streamlit as st

from app import jobpanel, state, widgets
from app.answers import Map, X, Y
from app.gallery import picture_url
from app.groups import group_map
from app.language import _, number
from app.legend import legend
from app.map import charts
from app.vocabulary import METHODS, word
from data.catalogue import Catalogue

ORDER = ("pca", "svd", "tsne", "umap")
HEIGHT = 340


def shown(spec: str, catalogue: Catalogue, colour: str) -> bool:
    """True when the switch is on: then the four maps stand here instead of the one."""
    widgets.switch("beside", _("All maps side by side"))
    state.publish("beside", "")
    if not st.session_state["beside"]:
        return False
    with widgets.calmly():
        _show(spec, catalogue, colour)
        state.settle(spec)
    return True


def _show(spec: str, catalogue: Catalogue, colour: str) -> None:
    """Four maps in two rows, each with its trustworthiness; those not drawn yet have a button."""
    dark, order, missing = st.context.theme.type == "dark", list[str](), list[str]()
    found = {method: state.laid_out(spec, catalogue.name, method, "") for method in ORDER}
    found = {method: laid and group_map.coloured(laid, catalogue) for method, laid in found.items()}
    for pair in (ORDER[:2], ORDER[2:]):
        for column, method in zip(st.columns(2), pair, strict=True):
            with column, st.container(border=True):
                laid = found[method]
                if laid is None:
                    missing.append(method)
                    st.markdown(f"**{word(METHODS, method)}**")
                    st.caption(_("This map has not been drawn yet"))
                    continue
                trust = number(laid.trustworthiness, 3)
                st.markdown(f"**{word(METHODS, method)}** · " + _("trustworthiness {value}", value=trust))
                order = _drawn(laid, catalogue, colour, method, dark)
    if len(order) > 1:
        names = [_("other") if v == charts.REST else v for v in order]
        legend(names, charts.map_colours(order, dark), "beside_legend")
    if missing and not jobpanel.busy("map"):
        if st.button(_("Draw the maps"), key="draw_beside", icon=":material/play_arrow:", type="primary"):
            jobpanel.begin("map", spec=spec, catalogue=catalogue.name, method=missing, seed=0, query_set=None)


def _drawn(laid: Map, catalogue: Catalogue, colour: str, method: str, dark: bool) -> list[str]:
    table = laid.table
    grouped, order = charts.groups(table[colour] if colour else table["id"].str.slice(0, 0))
    points = table[[X, Y]].assign(
        group=grouped.to_numpy(),
        title=table["title"].to_numpy(),
        thumb=table["sha256"].to_numpy(),
        about=(table["source"] + " · " + table["category"]).str.strip(" ·").to_numpy(),
    )
    words = {"rect": _("Rectangle"), "polygon": _("Lasso"), "clear": _("Clear")}
    spec = charts.map_spec(points, order, picture_url(catalogue, "").rsplit("/", 1)[0], words, dark)
    spec["grid"]["top"] = 8  # there are no tools above
    spec.pop("toolbox")
    spec.pop("brush")
    st.echarts_chart(spec, height=HEIGHT, key=f"beside_{method}", alt=word(METHODS, method))
    return list(order)
