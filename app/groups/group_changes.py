"""Before and after on the pages Classification and Matching: what leaving groups out changed, where both are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app import columns, definitions, searched, state
from app.classify.probe_words import CLASSIFIERS
from app.compare import verdict_words
from app.language import _, n_
from app.text import md, plain
from app.vocabulary import word
from eval.grouping import excluded
from eval.grouping.probes import Change, changes

if TYPE_CHECKING:
    from eval.probing.outcome import Probe
    from eval.tasks.matching import Matches, Side


def of_probes(group: Sequence[Probe], stored: Sequence[Probe], names: Mapping[str, str], metric: str) -> None:
    """Classifier by classifier, on the test items that both judge; nothing where no group was left out."""
    if not excluded.parted(group[0].settings["where"])[1]:
        return
    st.header(_("Before and after"), anchor=False)
    pairs = [(whole, one) for one in group if (whole := _whole(one, stored))]
    found = [change for whole, one in pairs for change in _changes(whole.key, one.key, metric, whole, one)]
    if not found:
        st.caption(_("Classify with the same settings and no group left out: then what it changes stands here."))
        return
    said = n_("On {n} test item outside the group, the same before and after.",
              "On {n} test items outside the group, the same before and after.", found[0].items)  # fmt: skip
    st.caption(said + " " + md(searched.said(group[0].settings["where"])))
    columns.table(
        pd.DataFrame([_line(change, names) for change in found]), key="class_changes", alt=_("Before and after"),
        columns={
            "name": st.column_config.TextColumn(_("Features"), pinned=True, width="medium"),
            "classifier": st.column_config.TextColumn(_("Classifier")),
            "before": columns.numbers(_("With the group")),
            "after": columns.numbers(_("Without the group")),
            "change": st.column_config.TextColumn(_("Difference"), help=definitions.of("difference")),
            "interval": st.column_config.TextColumn(_("Interval, 95 %"), help=definitions.of("interval")),
        },
    )  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=64)
def _changes(before: str, after: str, metric: str, _before: Probe, _after: Probe) -> list[Change]:
    """Probes of a key never change, so they are compared once."""
    return changes(_before, _after, metric)


def _whole(one: Probe, stored: Sequence[Probe]) -> Probe | None:
    """The newest stored probe like that one, with nothing left out."""
    plain_where = excluded.parted(one.settings["where"])[0]
    wanted = {**one.settings, "where": plain_where}
    same = ("spec", "column")
    return next((other for other in stored if other.settings == wanted
                 and all(getattr(other, name) == getattr(one, name) for name in same)), None)  # fmt: skip


def _line(change: Change, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": plain(names.get(change.spec, change.spec)), "classifier": word(CLASSIFIERS, change.classifier),
        "before": change.before, "after": change.after, "change": verdict_words.signed(change.difference),
        "interval": verdict_words.interval(change.low, change.high),
    }  # fmt: skip


def of_matches(found: Mapping[str, Matches], sides: tuple[Side, Side], names: Mapping[str, str], rule: str) -> None:
    """Recall and precision at the document's thresholds with everything and without; nothing where none was left out.

    The pairs of the group are gone from both counts, so that the two columns are of different pairs.
    """
    from eval.matching import sweep

    if not any(side.without.groups for side in sides):
        return
    st.header(_("Before and after"), anchor=False)
    bench = state.bench()
    left, right = (bench.side(side.catalogue.name, side.source, side.key) for side in sides)
    whole = bench.matched(left, right)
    rows = [
        {
            "name": plain(names.get(spec, spec)), "threshold": after.threshold,
            "recall0": before.recall, "recall1": after.recall,
            "precision0": before.precision, "precision1": after.precision,
        }
        for spec in found if spec in whole
        for before, after in zip(sweep.sweep(whole[spec].tally(rule), sweep.THRESHOLDS),
                                 sweep.sweep(found[spec].tally(rule), sweep.THRESHOLDS), strict=True)
    ]  # fmt: skip
    if not rows:
        st.caption(_("Match the same sides with no group left out: then what it changes stands here."))
        return
    columns.table(
        pd.DataFrame(rows), key="match_changes", alt=_("Before and after"),
        columns={
            "name": st.column_config.TextColumn(_("Model"), pinned=True, width="medium"),
            "threshold": columns.numbers(_("Threshold"), 2),
            "recall0": columns.numbers(_("Recall with the group")),
            "recall1": columns.numbers(_("without")),
            "precision0": columns.numbers(_("Precision with the group")),
            "precision1": columns.numbers(_("without")),
        },
    )  # fmt: skip
