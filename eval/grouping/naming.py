"""What a group and its tags may be called, and how that is written: composed, on one line, without hidden signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from data.refusals import Refused

LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 80, 40, 20  # characters, characters, tags of one group
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # categories of Unicode that are not seen
JOINERS = "\u200c\u200d"  # seen by what they join: letters of Persian, faces of one emoji


def said(name: str) -> str:
    """A name as it is kept: composed, blanks at the ends and doubled ones inside taken away."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def checked_name(name: str) -> str:
    """The name as it is kept; refused with [group_name] when it is empty, too long, or has signs that are not seen."""
    kept = said(name)
    hidden = [sign for sign in kept if unicodedata.category(sign) in HIDDEN and sign not in JOINERS]
    if not kept.strip(JOINERS) or len(kept) > LONGEST_NAME or hidden:
        found = f"U+{ord(hidden[0]):04X}" if hidden else f"{len(kept)} characters"
        raise Refused("group_name", found=found, limit=f"{LONGEST_NAME} characters")
    return kept


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags as they are kept, each once; refused with [group_tags] for too many, a too long one, or one with «;»."""
    kept = tuple(dict.fromkeys(said(tag) for tag in tags if said(tag)))
    wrong = [tag for tag in kept if len(tag) > LONGEST_TAG or ";" in tag]
    if wrong or len(kept) > MOST_TAGS:
        raise Refused("group_tags", found=wrong[0][:60] if wrong else str(len(kept)), limit=f"{LONGEST_TAG} characters")
    return kept
