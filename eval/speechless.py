"""What is said where a model is asked with what it cannot take, words or pictures; one sentence for every family."""

from __future__ import annotations

from eval.contracts import ModelSpec

INSTEAD = "ask it with a picture, or choose a model that reads text (clip, ruclip)"


def no_text(spec: ModelSpec | str) -> LookupError:
    """The error for a text given to a picture-only encoder."""
    return LookupError(f"{spec} sees pictures and reads no text; {INSTEAD}")


def no_pictures(spec: ModelSpec | str) -> LookupError:
    """The error for a picture given to what compares words."""
    return LookupError(f"{spec} compares words and sees no picture; choose a model with an encoder, e.g. classical:hog")
