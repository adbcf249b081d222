"""Tuned weights on the screen: what they came from, how they learnt, and the way to their evaluation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import columns, picker, state
from app.language import _, figure, named, number, percent, seconds, when
from app.text import md, plain
from app.tuning import curves, tuning_gains
from app.vocabulary import CURVES, MODES, SAME_CAPTION, STAMPS, word
from app.widgets import calmly
from eval.tuned import Tuned

LOSSES = ("train_loss", "validation_loss")
SIMILARITIES = ("pair_cosine", "match_probability", "R@5")


def show(found: Sequence[Tuned]) -> None:
    """The list of everything tuned, and the chosen one's lineage, curves and link."""
    names = [one.name for one in found]
    state.seed("tuned", _opening(found), names)
    st.header(_("Tuned models"), anchor=False)
    titles = picker.titles()
    says = _(
        "Share of this tuning's own held-out pairs whose picture is among the five nearest to its caption. What tuning "
        "brought to search stands below, model by model."
    )
    columns.table(
        pd.DataFrame([_line(one, titles) for one in found]),
        alt=_("Tuned models"),
        columns={
            "name": st.column_config.TextColumn(_("Name"), pinned=True),
            "base": _("Base model"),
            "catalogue": _("Catalogue"),
            "mode": _("What is tuned"),
            "before": columns.numbers(_("R@5 at the start"), help=says),
            "after": columns.numbers(_("R@5 at the end"), help=says),
            "began": st.column_config.TextColumn(_("Started from"), help=says),
            "stamp": _("Caveat"),
            "made": _("Made"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            _("Look at"), names, format_func=named(names, plain), key="tuned", persist_state="session", width=360
        )
        one = found[names.index(st.session_state["tuned"])]
        if st.button(_("Evaluate it"), icon=":material/leaderboard:", key="evaluate_tuned", type="primary"):
            evaluate(one)
    state.publish("tuned", "")
    with calmly():
        tuning_gains.show(one)
        _curves(one)
        _lineage(one)


def evaluate(one: Tuned) -> None:
    """Open the evaluation of tuned weights beside their base, on the catalogue they learnt from where it is here."""
    learnt = one.lineage.get("catalogue", "")
    chosen = {"catalogue": learnt} if learnt in state.bench().catalogues() else {}
    state.go("evaluate", models=[str(one.base), str(one.spec)], **chosen)


def _opening(found: Sequence[Tuned]) -> str:
    """What the page opens with: of the newest day's the one whose R@5 grew most."""
    lines = {one.name: _line(one, {}) for one in found}
    grown = {name: (line["after"] or 0) - (line["before"] or 0) for name, line in lines.items()}
    return max(found, key=lambda one: (str(one.lineage.get("made", ""))[:10], grown[one.name])).name


def _line(one: Tuned, titles: Mapping[str, str]) -> dict[str, Any]:
    rows = _rows(one)
    kept = next((row for row in rows if row.get("epoch") == one.lineage.get("kept_epoch")), rows[-1] if rows else {})
    return {
        "name": plain(one.name),
        "base": plain(titles.get(str(one.base), str(one.base))),
        "catalogue": plain(one.lineage.get("catalogue", "")),
        "mode": word(MODES, one.lineage.get("mode", "")),
        "before": rows[0].get("R@5") if rows else None,
        "after": kept.get("R@5"),
        "began": tuning_gains.began(one),
        "stamp": stamp(one),
        "made": when(str(one.lineage.get("made", ""))),
    }


def stamp(one: Tuned) -> str:
    """What has to be said of tuned weights, in the visitor's language where the words are known."""
    said = []
    for part in filter(None, one.stamp.split("; ")):
        judged = re.fullmatch("learnt from items that (.+) judges", part)
        said.append(_("learnt from items that {name} judges", name=judged[1]) if judged else word(STAMPS, part))
    return plain("; ".join(said))


def _rows(one: Tuned) -> list[dict[str, float]]:
    from eval.finetuning import outcome

    try:
        return outcome.curve(one)
    except (OSError, ValueError):
        return []  # shipped weights may come without their curve


def _curves(one: Tuned) -> None:
    if stamp(one):
        st.caption(":material/warning: " + md(stamp(one)))
    rows = _rows(one)
    if not rows:
        st.caption(_("No curve was kept with these weights."))
        return
    kept = one.lineage.get("kept_epoch")
    with st.grid(2, min_column_width=340):
        for title, columns in ((_("Loss by epoch"), LOSSES), (_("Similarity by epoch"), SIMILARITIES)):
            with st.container(border=True):
                st.markdown(f"**{title}**")
                shown = curves.table(rows, {column: word(CURVES, column) for column in columns})
                st.echarts_chart(
                    curves.spec(shown, kept, _("kept")),
                    height=300,
                    key=f"curve_{columns[0]}",
                    alt=title,
                )


def _lineage(one: Tuned) -> None:
    """Where the weights come from, as a table and as the file that says it."""
    st.header(_("Lineage"), anchor=False)
    lines = facts(one)
    table = {"name": [name for name, _value in lines], "value": [value for _name, value in lines]}
    st.table(table, border="horizontal", hide_header=True)
    st.download_button(
        _("Lineage as JSON"),
        json.dumps(one.lineage, ensure_ascii=False, indent=1),
        f"{one.name}-lineage.json",
        "application/json",
        on_click="ignore",
        icon=":material/download:",
        key="lineage",
    )


def facts(one: Tuned) -> list[tuple[str, str]]:
    """What there is to say of tuned weights: base, data, recipe, seed, choice; each as a name and a value."""
    told, numbers = one.lineage, one.lineage.get("recipe", {})
    items = told.get("items", {})
    split = [
        (_("learnt from"), items.get("train")),
        (_("held out"), items.get("validation")),
        (_("of the test"), items.get("test")),
        (_("left out as like them"), items.get("held")),
    ]
    base = str(one.base) + (f"+{told['base_head']}" if told.get("base_head") else "")
    on = {"validation": _("held-out pairs"), "test": _("the test set"), "nothing": _("nothing")}
    lines = [
        (_("Model"), str(one.spec)),
        (_("Base model"), f"{base} · {str(told.get('base_weights', ''))[:16]}"),
        (_("Catalogue"), f"{told.get('catalogue', '')} · {str(told.get('catalogue_fingerprint', ''))[:16]}"),
        (_("Words"), f"{_captions(str(told.get('captions', '')))} · {number(told.get('pairs', 0))}"),
        (_("Items"), ", ".join(f"{name}: {number(count)}" for name, count in split if count is not None)),
        (_("What is tuned"), word(MODES, told.get("mode", ""))),
        (_("Recipe"), _recipe(numbers)),
        (_("Seed"), str(numbers.get("seed", ""))),
        (_("Epoch kept"), _("{n}, chosen by {what}", n=told.get("kept_epoch", ""),
                           what=on.get(told.get("chosen_on", ""), told.get("chosen_on", "")))),
        (_("Caveat"), stamp(one) or "—"),
        (_("Made"), when(str(told.get("made", "")))
                    + (f" · {seconds(told['seconds'])}" if "seconds" in told else "")),
    ]  # fmt: skip
    return [(name, md(value)) for name, value in lines]


def _captions(said: str) -> str:
    """ "file pairs.csv" in the visitor's language; other sources of captions are names."""
    kind, _space, name = said.partition(" ")
    return _("file {name}", name=name) if kind == "file" and name else said


def _recipe(numbers: Mapping[str, Any]) -> str:
    if not numbers:
        return "—"
    said = [
        f"{_('Epochs')} {numbers.get('epochs')}",
        f"{_('Learning rate')} {figure(numbers.get('rate', 0))}",
        f"{_('Batch')} {numbers.get('batch')}",
        f"{_('Weight decay')} {figure(numbers.get('weight_decay', 0))}",
        f"{_('Views of a picture')} {numbers.get('views')}",
        f"{_('Chance of mirroring')} {percent(numbers.get('flip', 0))}",
        f"{_('Smallest crop')} {percent(numbers.get('crop', 1))}",
        f"{_('Equal captions in a batch are')}: {word(SAME_CAPTION, numbers.get('same_caption', '')).lower()}",
    ]
    return "; ".join(said)
