"""Classify: which category a picture belongs to, by simple classifiers over every model's vectors."""

import streamlit as st

from app import card, jobpanel, published_beside, state, widgets
from app.classify import confusion_view, photo_view, probe_form, probe_view
from app.groups import group_changes
from app.language import _

widgets.head(
    _("Classification"),
    _("Picture → category: which model guesses best, and what it mixes up, on designs that were never learnt."),
)
name = widgets.catalogue_or_stop()
bench = state.bench()
catalogue = bench.catalogue(name)
columns = bench.class_columns(name)
if not columns:
    widgets.message(_("There is nothing to predict"), probe_form.nothing_to_predict(len(catalogue)), icon="category")
    st.stop()
ended = jobpanel.watch(probe_form.JOB)
if ended is not None and ended.status == "done":
    st.session_state.pop("split", None)
probes = bench.probes(name)
probe_form.form(catalogue, columns, bool(probes))
if not probes:
    says = _("Press “Classify”: a table says which model tells the categories apart, and what is taken for what.")
    jobpanel.nothing_yet(probe_form.JOB, _("Nothing has been classified yet"), says, "category")
    st.stop()
picked = None
with widgets.calmly():
    names = probe_view.titles()
    group = probe_view.choose(probes)
    probe_view.parts(group[0])
    probe_view.table(group, names)
    group_changes.of_probes(group, probes, names, st.session_state["class_metric"])
    one = confusion_view.choose(group, names)
    probe_view.sizes(group, names, catalogue)
    published_beside.show("sneakers", "sneakers-soles", "electrical-goods")
    picked = confusion_view.show(one, catalogue)
    picked = photo_view.show(one, catalogue) or picked
card.show(catalogue, picked, "classify")
