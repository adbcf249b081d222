"""Diagnosis: does a model hold on the whole shop, and which side answers: words, descriptions or pictures?"""

import streamlit as st

from app import card, state, widgets
from app.diagnosis import sizes_view, towers_view
from app.evaluate import runs
from app.language import N_, _

VIEWS = {"sizes": N_("Size of the gallery"), "towers": N_("Words, descriptions, pictures")}

widgets.head(_("Diagnosis"), _("Does a model hold on the whole shop, and what answers a query: texts or pictures?"))
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = widgets.choose_catalogue()
    queries = widgets.choose_query_set(name, pictures=True) if name else ""
if not name:
    st.stop()
if not queries:
    runs.add_query_set(name, opened=True)
    st.stop()
view = widgets.choose_view(_("What is diagnosed"), VIEWS, "diagnosis")
picked = None
with widgets.calmly():
    catalogue = state.bench().catalogue(name)
    if view == "sizes":
        sizes_view.show(catalogue, queries)
    else:
        picked = towers_view.show(catalogue, queries)
    card.show(catalogue, picked, "diagnosis")
