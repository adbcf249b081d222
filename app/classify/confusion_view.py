"""The confusion matrix on the screen: click a cell to see its pictures; and the classes one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import columns, gallery, state
from app.classify import probe_charts, probe_tables
from app.classify.probe_words import CLASSIFIERS
from app.language import _, figure, n_, named, percent
from app.text import md, plain
from app.vocabulary import word
from data.catalogue import Catalogue
from eval.probing.outcome import Probe

SHOWN = 60


def choose(group: Sequence[Probe], names: Mapping[str, str]) -> Probe:
    """Which model and which classifier is looked at: the best on validation until somebody chooses."""
    specs = {one.spec: one for one in group}
    spec, classifier = probe_tables.best_of(group)
    state.seed("class_model", spec, specs)
    one = specs[st.session_state["class_model"]]
    kinds = [name for name in probe_tables.columns(group) if name in one.cells]
    state.seed("class_classifier", classifier if classifier in kinds else kinds[0], kinds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Features"),
            list(specs),
            format_func=named(specs, lambda s: names.get(s, plain(s))),
            key="class_model",
            persist_state="session",
            width=360,
        )
        st.segmented_control(
            _("Classifier"),
            kinds,
            format_func=named(kinds, lambda name: word(CLASSIFIERS, name)),
            key="class_classifier",
            required=True,
            persist_state="session",
        )
    state.publish("class_model", "")
    state.publish("class_classifier", "")
    return specs[st.session_state["class_model"]]


def show(one: Probe, catalogue: Catalogue) -> str | None:
    """The matrix, the pictures of the cell that is chosen, the classes; returns the item clicked."""
    classifier = st.session_state["class_classifier"]
    found = probe_tables.mistakes(one, classifier)
    st.header(_("What is taken for what"), anchor=False)
    _clicked(one, found)
    st.echarts_chart(
        probe_charts.confusion_spec(one, found, st.context.theme.type == "dark"),
        height=min(900, max(420, 34 * len(one.classes) + 150)),
        key="confusion",
        on_select="rerun",
        alt=_("What is taken for what"),
    )
    st.caption(
        _("Rows are true classes, columns what they were taken for; the colour is the share of the row. Click a cell.")
    )
    picked = _pictures(one, classifier, catalogue)
    _classes(one, classifier)
    return picked


def _clicked(one: Probe, found: Sequence[tuple[int, int, int]]) -> None:
    """Choose what the visitor has just clicked in the matrix."""
    event = st.session_state.get("confusion") or {"selection": {"selected": []}}
    rows = [i for group in event["selection"]["selected"] for i in group["data_indices"] if i < len(found)]
    seen = (one.key, st.session_state["class_classifier"], rows[:1])
    if rows and seen != st.session_state.get("_confusion_seen"):
        true, said, _count = found[rows[0]]
        st.session_state["class_true"], st.session_state["class_said"] = one.classes[true], one.classes[said]
    st.session_state["_confusion_seen"] = seen


def _pictures(one: Probe, classifier: str, catalogue: Catalogue) -> str | None:
    """The test items of the cell: two pickers, and a grid, the surest mistake first."""
    true, said = _worst(one, classifier)
    state.seed("class_true", true, one.classes)
    state.seed("class_said", said, one.classes)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for label, key in ((_("True class"), "class_true"), (_("Taken for"), "class_said")):
            st.selectbox(label, one.classes, format_func=plain, key=key, persist_state="session", width=300)
            state.publish(key, "")
    places = [one.classes.index(st.session_state[key]) for key in ("class_true", "class_said")]
    items = one.items(classifier, *places)
    whole = int(one.confusion[classifier][places[0]].sum())
    st.caption(
        n_("{n} picture", "{n} pictures", len(items))
        + " · "
        + _("of {n} of this class in the test", n=whole)
        + (f" · {percent(len(items) / whole)}" if whole else "")
    )
    if not items:
        return None
    cell, rows = one.cells[classifier], {item: row for row, item in enumerate(one.test)}
    sure = [cell.sure[rows[item]][0] for item in items[:SHOWN]]
    marks = ["hit" if places[0] == places[1] else "miss"] * len(sure)
    grid = gallery.cards(catalogue, items[:SHOWN], sure, marks, digits=2)
    return gallery.gallery(grid, "confused", _("Pictures"), st.session_state.get("item", ""), 120)


def _worst(one: Probe, classifier: str) -> tuple[str, str]:
    """The commonest mistake; the first class when there is none."""
    wrong = [cell for cell in probe_tables.mistakes(one, classifier) if cell[0] != cell[1]]
    true, said, _count = max(wrong, key=lambda cell: cell[2]) if wrong else (0, 0, 0)
    return one.classes[true], one.classes[said]


def _classes(one: Probe, classifier: str) -> None:
    st.header(_("Class by class"), anchor=False)
    columns.table(
        probe_tables.per_class(one, classifier),
        {
            "class": st.column_config.TextColumn(_("Class"), pinned=True),
            "items": columns.numbers(_("In the test"), 0, width="small"),
            "precision": columns.bars(
                _("Precision of the class"), 2, help=_("Of what was taken for this class, the share that is of it.")
            ),
            "recall": columns.bars(
                _("Recall of the class"), 2, help=_("Of what is of this class, the share that was taken for it.")
            ),
            "f1": columns.bars("F1", 2),
            "taken": st.column_config.TextColumn(_("Most often taken for")),
        },
        height=390,
        alt=_("Class by class"),
    )
    cell = one.cells[classifier]
    said = ", ".join(f"{name} = {_written(value)}" for name, value in cell.params.items()) or "—"
    at = figure(float(f"{cell.temperature:.3g}"))
    st.caption(_("Chosen settings: {settings} · temperature {t}", settings=md(said), t=at))


def _written(value: object) -> str:
    return figure(value) if isinstance(value, float) else str(value)
