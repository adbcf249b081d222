"""Probes on the screen: the table features by classifiers, and the layout with loss, sizes and latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import columns, definitions, one_tower, picker, searched, state, widgets
from app.classify import probe_tables
from app.classify.probe_words import CLASSIFIERS, METRICS, SAYS
from app.language import _, n_, named, number
from app.text import md, plain
from app.vocabulary import FIELDS, word
from data.catalogue import Catalogue
from eval.probing.outcome import Probe


def choose(probes: Sequence[Probe]) -> list[Probe]:
    """The probes over one split, the newest of the column asked for at first; a picker where there are several."""
    groups = probe_tables.splits(probes)
    wanted = [key for key in groups if key.startswith(f"{st.session_state.get('class_column')}·")] or list(groups)
    first = max(wanted, key=lambda key: sum(len(one.cells) for one in groups[key]))  # of equal ones the newest
    state.seed("split", first, groups)
    if len(groups) > 1:
        st.selectbox(
            _("Look at"),
            list(groups),
            format_func=named(groups, lambda key: about(groups[key][0])),
            key="split",
            persist_state="session",
            width=480,
        )
    state.publish("split", "")
    return groups[st.session_state["split"]]


def about(one: Probe) -> str:
    """Over what a probe was made: column, filter, what is apart, seed; for an option, unescaped."""
    column = word(FIELDS, one.column) if one.column in FIELDS else one.column
    where = searched.said(one.settings["where"])
    bound = _("together: {columns}", columns=", ".join(one.settings["together"])) if one.settings["together"] else ""
    apart = "" if one.settings["near"] else _("near copies apart")
    template = one.settings["template"] if one.settings["template"] != "{}" else ""
    said = [column, where, bound, apart, _("seed {n}", n=one.settings["seed"]), template]
    return plain(" · ".join(part for part in said if part))


def table(group: Sequence[Probe], names: Mapping[str, str]) -> None:
    """Features by classifiers, in the metric that is chosen; a cell that is clicked opens below."""
    state.seed("class_metric", "F1 macro", METRICS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            _("Metric"),
            list(METRICS),
            format_func=named(METRICS, lambda m: word(METRICS, m)),
            key="class_metric",
            required=True,
            persist_state="session",
        )
        st.toggle(_("Intervals"), value=True, key="class_intervals", persist_state="session")
    metric = st.session_state["class_metric"]
    state.publish("class_metric", "F1 macro")
    shown = probe_tables.features_by_classifiers(group, names, metric, st.session_state["class_intervals"])
    kinds = probe_tables.columns(group)

    def opened() -> None:
        cells = st.session_state["class_table"]["selection"]["cells"]
        if cells and cells[0][1] in kinds:
            state.later(class_model=group[cells[0][0]].spec, class_classifier=cells[0][1])

    st.dataframe(
        shown,
        hide_index=True,
        key="class_table",
        on_select=opened,
        selection_mode="single-cell",
        alt=_("Features by classifiers"),
        column_config={
            "model": st.column_config.TextColumn(_("Features"), pinned=True, width="medium"),
            **{k: st.column_config.TextColumn(word(CLASSIFIERS, k), help=word(SAYS, k)) for k in kinds},
        },
    )
    said = _("{star}: best of its row on the validation part. In brackets: 95% bootstrap interval over designs.",
             star=probe_tables.BEST)  # fmt: skip
    definitions.caption(said, metric)
    _same(group, names)


def _same(group: Sequence[Probe], names: Mapping[str, str]) -> None:
    """Say which models give the very same vectors, for then their learnt classifiers are the same, too."""
    for specs in one_tower.groups({one.spec: one.fingerprints["features"] for one in group}):
        one_tower.caption([names.get(spec, spec) for spec in specs], _("What is learnt from their vectors is equal."))


def parts(one: Probe) -> None:
    """How the items were parted, and which classes took no part."""
    counts = one.counts
    said = [
        n_("{n} class", "{n} classes", len(one.classes)),
        _("learnt from {a}, validation {b}, test {c}", a=number(counts["train"]), b=number(counts["validation"]),
          c=number(counts["test"])),
        n_("{n} group that stays together", "{n} groups that stay together", counts["groups"]),
    ]  # fmt: skip
    st.caption(
        " · ".join(map(md, said)),
        help=_(
            "60, 20 and 20 percent, as even by classes as whole groups allow. One group is what shares a picture, "
            "nearly the same picture, or the value of: {columns}. Settings are chosen by cross-validation inside the "
            "first part; the second gives the temperature of the probabilities; the third is only measured on.",
            columns=md(", ".join(one.settings["together"]) or "—"),
        ),
    )
    if one.left_out:
        listed = ", ".join(f"{name} ({count})" for name, count in one.left_out.items())
        with st.expander(n_("{n} class is too small and left out", "{n} classes are too small and left out",
                            len(one.left_out))):  # fmt: skip
            st.caption(md(listed))


def sizes(group: Sequence[Probe], names: Mapping[str, str], catalogue: Catalogue) -> None:
    """Top-1, Top-3, loss, size, parameters and latency of each model with the classifier that is looked at."""
    classifier = st.session_state["class_classifier"]
    precision = group[0].settings["precision"]
    costs = {one.spec: one for one in state.bench().costs(catalogue.name) if one.precision == precision}
    shown = probe_tables.losses_and_sizes(group, names, classifier, costs)
    st.header(_("Quality, size, latency"), anchor=False)
    columns.table(
        shown,
        {
            "model": st.column_config.TextColumn(_("Features"), pinned=True, width="medium"),
            "Top-1": columns.numbers("Top-1", help=definitions.of("Top-1")),
            "Top-3": columns.numbers("Top-3", help=definitions.of("Top-3")),
            "loss": columns.numbers(_("Cross-entropy"), help=definitions.of("Cross-entropy")),
            "vector": columns.numbers(_("Vector"), 0, help=_("Numbers of one vector.")),
            "file": st.column_config.TextColumn(_("Size, MB"), help=_("The files that loading the model reads.")),
            "parameters": st.column_config.TextColumn(_("Parameters, millions")),
            "latency": st.column_config.TextColumn(
                _("Latency, ms"), help=_("Median for one decoded picture, as Efficiency measured it.")
            ),
        },
        alt=_("Quality, size, latency"),
    )
    doubtful = [spec for spec, cost in costs.items() if "loaded" in cost.flags and spec in {one.spec for one in group}]
    if doubtful:
        st.caption(":material/warning: " + _("The latency was measured while others used the machine; see Efficiency."))
    if len(shown) and (shown["latency"] == "—").any():
        widgets.link("efficiency", _("Measure size and latency"), "speed")


def titles() -> dict[str, str]:
    """Spec → the model's name on screen."""
    return picker.titles()
