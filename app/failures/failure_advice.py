"""What helps against a failure: the cause's remedy, and another one where a model has been tuned already."""

from __future__ import annotations

from app import state
from app.failures.failure_words import CAUSES
from app.language import N_, _, number
from app.text import md
from app.vocabulary import MODES, word
from eval.contracts import ModelSpec
from eval.failures.causes import UNEXPLAINED
from eval.tuned import Tuned

TUNED = {  # instead of «fine-tune»: which training pairs are lacking
    "attribute": N_(
        "Add training pairs in which this word alone makes the difference: like designs with it and without it. Or "
        "fuse with word search, which hears every word."
    ),
    "text": N_(
        "Add training pairs whose captions say it as visitors do; meanwhile word search (BM25) or a fusion with it "
        "answers such queries."
    ),
    "picture": N_(
        "Add training pairs whose pictures look like the missed ones: their style, fabric, shop; meanwhile search by "
        "captions beside pictures."
    ),
    "unlike": N_(
        "Add training pairs of pictures of one item that look as different as these; meanwhile add words to the "
        "picture."
    ),
    "abstract": N_(
        "Add training pairs whose captions name mood and occasion beside what is drawn, or ask for something that can "
        "be seen."
    ),
}


def tuned(spec: str) -> bool:
    """True for weights that were tuned, here or elsewhere."""
    return bool(ModelSpec.parse(spec).head) or any(m.tuned for m in state.models() if str(m.spec) == spec)


def helps(code: str, spec: str) -> str:
    """What to do about a failure of that cause under that model, Markdown."""
    if code not in TUNED or not tuned(spec):
        return _(CAUSES.get(code, CAUSES[UNEXPLAINED]).helps)
    return learnt(spec) + " " + _(TUNED[code])


def learnt(spec: str) -> str:
    """That a model is tuned already, and on what where its lineage says so."""
    one = next((one for one in state.bench().tuned() if str(one.spec) == spec), None)
    return _("This model is tuned already.") if one is None else _on(one)


def _on(one: Tuned) -> str:
    told = one.lineage
    return _(
        "This model is tuned already, on {pairs} pairs of “{catalogue}” ({mode}).",
        pairs=number(told.get("pairs", 0)),
        catalogue=md(str(told.get("catalogue", ""))),
        mode=word(MODES, str(told.get("mode", ""))).lower(),
    )
