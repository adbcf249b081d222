"""What people said of pairs of items: judgments in the one log, under a name that belongs to the two sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eval.judging import merging
from eval.judging.rows import Judgment
from eval.matching.truth import Labels

MATCH, OTHER = 1, 0  # grades of a pair
PREFIX = "matching: "  # no query set begins so: their names hold no colon


def name(left: Mapping[str, str], right: Mapping[str, str]) -> str:
    """Under which name the labels of two sides stand, whichever of them is on the left.

    Labels are of items, so they stay when a catalogue is imported anew.
    """
    sides = sorted(f"{side['catalogue']}/{side['source']}" for side in (left, right))
    return PREFIX + " × ".join(sides)


def ordered(left: Mapping[str, str], right: Mapping[str, str], pair: tuple[str, str]) -> tuple[str, str]:
    """A pair of items (one of `left`, one of `right`) in the order in which the log has it."""
    sides = [f"{side['catalogue']}/{side['source']}" for side in (left, right)]
    if sides[0] == sides[1]:
        return min(pair), max(pair)
    return pair if sides[0] < sides[1] else (pair[1], pair[0])


def rows(
    judgments: Iterable[Judgment], left: Mapping[str, str], right: Mapping[str, str],
    left_ids: Sequence[str], right_ids: Sequence[str],
) -> Labels:  # fmt: skip
    """(left row, right row) → is it a match, by the majority of raters; where they are even, it is none.

    «Cannot tell» says nothing. Labels of items that are not here are left out.
    """
    places = [{item: row for row, item in enumerate(ids)} for ids in (left_ids, right_ids)]
    swapped = ordered(left, right, ("a", "b")) == ("b", "a")
    same = (left["catalogue"], left["source"]) == (right["catalogue"], right["source"])
    found = {}
    for first, graded in merging.labels(merging.opinions(judgments)).items():
        for second, grade in graded.items():
            one, other = (second, first) if swapped else (first, second)
            pair = places[0].get(one), places[1].get(other)
            if pair[0] is not None and pair[1] is not None:
                found[(min(pair[0], pair[1]), max(pair[0], pair[1])) if same else (pair[0], pair[1])] = grade == MATCH
    return found
