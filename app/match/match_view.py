"""A matching on the screen: which model, rule and threshold are looked at, and the view of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from app import picker, state, typed, widgets
from app.groups import group_changes
from app.language import N_, _, n_, named, number, seconds, when
from app.match import match_equal, match_labels, match_prices, match_probability, match_thresholds
from app.match.match_words import RULE_SAYS, RULES, sides_of
from app.text import md, plain
from app.vocabulary import word
from eval.matching import equal_recall, sweep
from eval.matching.tally import Tally
from eval.tasks.matching import Matches, Side

CONTENT = {"encoder": N_("encoder"), "left": N_("vectors left"), "right": N_("vectors right")}
VIEWS = {
    "thresholds": N_("Thresholds"),
    "prices": N_("Prices"),
    "probability": N_("Probability"),
    "recall": N_("Equal recall"),
    "pairs": N_("Pairs to check"),
}
USUAL = 0.85  # the first threshold of the groceries document


@dataclass(frozen=True)
class Looked:
    """What the visitor looks at: all models' matchings and counts, one model, a rule, a threshold."""

    sides: tuple[Side, Side]
    found: Mapping[str, Matches]
    tallies: Mapping[str, Tally]
    titles: Mapping[str, str]
    spec: str
    rule: str
    threshold: float

    @property
    def matches(self) -> Matches:
        """The matching of the model looked at."""
        return self.found[self.spec]

    @property
    def tally(self) -> Tally:
        """Its counts."""
        return self.tallies[self.spec]

    def title(self, spec: str) -> str:
        """A model's name on screen, unescaped."""
        return plain(self.titles.get(spec, spec))


_SHOWN: dict[str, Callable[[Looked], None]] = {
    "thresholds": match_thresholds.show,
    "prices": match_prices.show,
    "probability": match_probability.show,
    "recall": match_equal.show,
    "pairs": match_labels.show,
}


def show(found: Mapping[str, Matches], sides: tuple[Side, Side]) -> None:
    """Everything there is to say of these matchings."""
    titles = picker.titles()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.seed("match_rule", "all", RULES)
        state.seed("match_model", _best(found), found)
        st.selectbox(
            _("Model"), list(found), key="match_model", persist_state="session", width=320,
            format_func=named(found, lambda spec: plain(titles.get(spec, spec))),
        )  # fmt: skip
        rule = st.session_state["match_rule"]
        st.segmented_control(
            _("Which pairs are shown"), list(RULES), key="match_rule", required=True, persist_state="session",
            format_func=named(RULES, lambda one: word(RULES, one)), help=word(RULE_SAYS, rule),
        )  # fmt: skip
        threshold = _threshold()
    state.seed("match_view", "thresholds", VIEWS)
    st.segmented_control(
        _("View"), list(VIEWS), key="match_view", required=True, persist_state="session",
        format_func=named(VIEWS, lambda one: word(VIEWS, one)), label_visibility="collapsed",
    )  # fmt: skip
    for param, usual in (("match_model", ""), ("match_rule", "all"), ("match_view", "thresholds")):
        state.publish(param, usual)
    rule = str(st.session_state["match_rule"])
    tallies = {spec: matches.tally(rule) for spec, matches in found.items()}
    looked = Looked(sides, found, tallies, titles, str(st.session_state["match_model"]), rule, threshold)
    if not all(side.key for side in sides):
        _unknown(looked)
    with widgets.calmly():
        _SHOWN[str(st.session_state["match_view"])](looked)
        group_changes.of_matches(found, sides, titles, rule)
    _counted(looked)


def _unknown(looked: Looked) -> None:
    """Without a column only labelled pairs are counted: say what that means before any number is read."""
    widgets.message(
        _("Only labelled pairs are counted"),
        _("No column tells the matches, so the numbers rest on what people said. Labelled pairs lie near the "
          "thresholds they were looked at with: recall speaks of them, not of all matches."),
        icon="front_hand",
    )  # fmt: skip


def _best(found: Mapping[str, Matches]) -> str:
    """The model with the highest precision where it finds four matches of five; the newest where none does."""
    tallies = {spec: matches.tally() for spec, matches in found.items()}
    places = {spec: equal_recall.reaching(tally, 0.8) for spec, tally in tallies.items()}
    reached = {spec: sweep.at_bin(tallies[spec], place).precision for spec, place in places.items() if place}
    return max(reached, key=reached.__getitem__) if reached else next(iter(found))


def _threshold() -> float:
    says = _("Models have scales of their own: the same threshold means another thing for another model.")
    return typed.decimal("match_at", _("Cosine from"), USUAL, -1.0, 1.0, 0.005, 3, says)


def _counted(looked: Looked) -> None:
    """What the numbers rest on, in a line."""
    whole, matches = looked.tally.whole, looked.matches
    said = [
        sides_of(matches),
        n_("{n} match", "{n} matches", whole.matches),
        n_("{n} other pair", "{n} other pairs", whole.others),
    ]
    if matches.counted.labels:
        said.append(n_("{n} label of people", "{n} labels of people", len(matches.counted.labels)))
    if looked.tally.unjudged:
        said.append(n_("{n} pair of unknown truth", "{n} pairs of unknown truth", looked.tally.unjudged))
    said += [_("seed {n}", n=number(int(matches.settings["seed"]))), seconds(matches.seconds), when(matches.made)]
    prints = [f"{word(CONTENT, name)} {value[:8]}" for name, value in matches.fingerprints.items()]
    st.caption(" · ".join([*said, *map(md, prints)]))
