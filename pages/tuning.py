"""Tuning: teach a model a catalogue's pictures and words, watch it learn, and see what every tuning came from."""

import streamlit as st

from app import jobpanel, state, widgets
from app.language import _
from app.text import md
from app.tuning import tuning_form, tunings

widgets.head(_("Tuning"), _("Teach a model the pictures and words of a catalogue; what queries judge stays out."))
ended = jobpanel.watch(tuning_form.JOB)
if ended is not None and ended.status == "done":
    state.put("tuned", ended.result["name"])
    st.success(_("Tuned: {name}", name=md(ended.result["name"])), icon=":material/check_circle:")
if name := widgets.choose_catalogue():
    if not jobpanel.busy(tuning_form.JOB):
        with widgets.calmly():
            tuning_form.form(state.bench().catalogue(name))
        tuning_form.unfinished()
if found := state.bench().tuned():
    tunings.show(found)
elif name:
    widgets.message(_("Nothing has been tuned yet"), _("Choose a model above and press “Tune”."), icon="model_training")
