"""What is said where words are asked of a model that only sees pictures; one sentence for every family and task."""

from __future__ import annotations

from eval.contracts import ModelSpec

INSTEAD = "ask it with a picture, or choose a model that reads text (clip, ruclip)"


def no_text(spec: ModelSpec | str) -> LookupError:
    """The error for a text given to a picture-only encoder."""
    return LookupError(f"{spec} sees pictures and reads no text; {INSTEAD}")
