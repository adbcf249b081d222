"""One pair of query and picture, judged by keys or buttons; what was pressed is sent until it is acknowledged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.gallery import picture_url
from app.language import _, language
from data.cleaning import visible_bidi
from eval.judging.merging import Pair
from eval.judging.pooling import Pool
from eval.judging.rows import Judgment, wording

if TYPE_CHECKING:
    from data.catalogue import Catalogue

HERE = Path(__file__).resolve().parent
GRADES = (0, 1, 2)
LONGEST_NAME, LONGEST_COMMENT, LONGEST_DESCRIPTION = 60, 1000, 300
EVENT = re.compile(r"[0-9a-f-]{32,36}")
_WORDING = re.compile(r"[0-9a-f]{64}")
_HTML = """
<div class="j">
  <div class="d" hidden>
    <div class="ask" hidden><div class="k" data-word="asked"></div><div class="from"></div></div>
    <div><div class="k shown" data-word="shown" hidden></div><div class="pic"></div><div class="next"></div></div>
    <div class="say">
      <div><div class="k" data-word="query"></div><h2 class="q"></h2></div>
      <div><div class="t"></div><div class="a"></div></div>
      <div class="b"></div>
      <div class="g" role="group">
        <button type="button" class="yes" data-do="g2"><kbd>2</kbd><span data-word="g2"></span></button>
        <button type="button" data-do="g1"><kbd>1</kbd><span data-word="g1"></span></button>
        <button type="button" class="no" data-do="g0"><kbd>0</kbd><span data-word="g0"></span></button>
      </div>
      <div class="g">
        <button type="button" data-do="unsure"><kbd>X</kbd><span data-word="unsure"></span></button>
        <button type="button" class="undo" data-do="undo"><kbd>U</kbd><span data-word="undo"></span></button>
      </div>
      <input type="text" maxlength="1000" autocomplete="off">
    </div>
  </div>
  <div class="none" hidden><span class="empty"></span>
    <button type="button" class="undo" data-do="undo"><kbd>U</kbd><span data-word="undo"></span></button></div>
  <div class="s" role="status"><div class="bar"><span></span></div>
    <span class="saved"></span><span class="wait"></span></div>
</div>
"""


def cards(
    catalogue: Catalogue,
    pairs: Iterable[Pair],
    texts: Mapping[str, str],
    turn: str = "",
    asked: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """The pairs as the card shows them: query, picture, title, category; nothing of models or ranks.

    Pairs whose item is not in the catalogue are left out. Another `turn`, or other words of the query, bring pairs back
    that were judged before. `asked` has the addresses of the pictures that ask where no words do.
    """
    found, there = [], set(catalogue.ids)
    for query, item in pairs:
        if item in there:
            of, said = catalogue.item(item), wording(texts.get(query, ""))
            found.append({
                "query": query, "item": item, "pair": f"{query}\x1f{item}\x1f{turn}\x1f{said[:8]}", "wording": said,
                "text": visible_bidi(texts.get(query, query)), "asked": (asked or {}).get(query, ""),
                "picture": picture_url(catalogue, of["sha256"]), "title": visible_bidi(of["title"] or item),
                "about": " · ".join(filter(None, (of.get("category"), of.get("source")))),
                "description": visible_bidi(of.get("description") or "")[:LONGEST_DESCRIPTION],
            })  # fmt: skip
    return found


def desk(
    shown: Sequence[Mapping[str, str]], history: Sequence[Mapping[str, str]], query_set: str, rater: str,
    acked: Sequence[str], done: int, left: int, sign: str, key: str,
) -> Any:  # fmt: skip
    """Draw the first of `shown`; return the outbox as the browser holds it, for `entries`.

    `history` are the rater's own latest pairs, newest first, that can be taken back; `acked` the events that are
    written; `done` and `left` count the pairs of the pool; the card on the screen stays while `sign` does.
    """
    answer = _desk(
        key=key,
        data={
            "cards": list(shown), "history": list(history), "set": query_set, "rater": rater, "acked": list(acked),
            "done": done, "left": left, "total": done + left, "sign": sign, "words": _words(), "lang": language(),
        },
        on_outbox_change=lambda: None,
    )  # fmt: skip
    return answer.get("outbox")


def _words() -> dict[str, str]:
    return {
        "query": _("Somebody searched for"),
        "asked": _("Somebody searched with this picture"),
        "shown": _("and was shown this one"),
        "named": _("What is asked is called"),
        "g2": _("Right"),
        "g1": _("Partly"),
        "g0": _("Wrong"),
        "unsure": _("Cannot tell"),
        "undo": _("Undo"),
        "comment": _("Comment (key C), goes with the next grade"),
        "saved": _("{n} of {total} judged and saved"),
        "waiting": _("being sent: {n}"),
        "nothing": _("Nothing is left to judge here."),
        "loading": _("Loading the next pictures …"),
    }


def entries(
    outbox: Any, query_set: str, pool: Pool, grades: Sequence[int] = GRADES
) -> tuple[list[Judgment], list[str]]:
    """What a browser sent as judgments of that query set, and the events that are not sound and will never be."""
    sound, wrong = [], []
    sent = outbox.get("entries") if isinstance(outbox, Mapping) else None
    for entry in sent if isinstance(sent, Sequence) and not isinstance(sent, str) else ():
        event = str(entry.get("event", "")) if isinstance(entry, Mapping) else ""
        if not EVENT.fullmatch(event) or entry.get("set") != query_set:
            continue
        pair = (str(entry.get("query", "")), str(entry.get("item", "")))
        kind, grade = str(entry.get("kind", "")), entry.get("grade")
        rater, comment = str(entry.get("rater", "")).strip(), str(entry.get("comment", ""))[:LONGEST_COMMENT]
        fits = grade in grades if kind == "grade" else grade is None and kind in ("unsure", "withdrawn")
        words = str(entry.get("wording", ""))
        if not all(pair) or not fits or not 0 < len(rater) <= LONGEST_NAME:
            wrong.append(event)
            continue
        sound.append(
            Judgment(
                query_set,
                *pair,
                grade,
                kind,
                rater,
                saw=pool.get(pair, ()),
                comment=comment,
                event=event,
                wording=words if _WORDING.fullmatch(words) else "",
            )
        )
    return sound, wrong


_desk = st.components.v2.component(
    "uzor_judge",
    html=_HTML,
    css=HERE.joinpath("judge_card.css").read_text(encoding="utf-8"),
    js=HERE.joinpath("judge_card.js").read_text(encoding="utf-8"),
)
