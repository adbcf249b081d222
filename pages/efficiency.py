"""Efficiency: what models cost to run on this machine, measured; quality against cost, and limits one can type."""

import streamlit as st

from app import jobpanel, picker, published_beside, state, widgets
from app.efficiency import cost_form, cost_galleries, cost_quality, cost_view, cost_words
from app.language import _

widgets.head(_("Efficiency"), _("What a model costs to run on this machine, and whether its quality is worth it."))
name = widgets.catalogue_or_stop()
bench = state.bench()
catalogue = bench.catalogue(name)
jobpanel.watch(cost_form.JOB)
costs = bench.costs(name)
cost_form.form(catalogue, bool(costs))
if not costs:
    says = _("Press “Measure”: a table says how fast each model answers, what memory it takes, who fits limits.")
    jobpanel.nothing_yet(cost_form.JOB, _("Nothing has been measured yet"), says, "speed")
    st.stop()
with widgets.calmly():
    titles, grown = picker.titles(), bench.galleries(name)
    names = cost_words.names(costs, titles)
    cost_view.warned(costs, names)
    cost_view.table(costs, names)
    published_beside.show("electrical-goods-online")
    typed, looked = cost_view.limits(costs, grown)
    outside = cost_view.survivors(looked, typed, names)
    cost_view.chart(looked, cost_quality.of(name, looked), typed, outside, names)
    cost_galleries.show(grown, typed, titles)
