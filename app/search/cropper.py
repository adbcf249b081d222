"""The picture that is searched with, with a frame over it: drawn by mouse, finger or keys; and what is pasted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.language import _
from data.boxes import Box

if TYPE_CHECKING:
    from PIL import Image

HERE = Path(__file__).resolve().parent
SHOWN = 640  # pixels of the longer side of what the browser gets: encoded anew, never the file itself
MOST = 24 * 2**20  # characters of a pasted picture
HEAD = "data:image/png;base64,"
_HTML = """
<div class="k">
  <div class="w" tabindex="0" role="group" hidden><img alt="" draggable="false"><div class="f" hidden>
    <i data-corner="lt"></i><i data-corner="rt"></i><i data-corner="lb"></i><i data-corner="rb"></i></div></div>
  <div class="h"></div>
</div>
"""


def shown(picture: Image.Image) -> str:
    """The picture as a data URI of at most SHOWN pixels a side."""
    small, file = picture.copy(), io.BytesIO()
    small.thumbnail((SHOWN, SHOWN))
    small.save(file, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def cropper(picture: str, box: str, key: str) -> tuple[str | None, bytes | None]:
    """Draw the frame `box` over the data URI `picture` ("" where there is none yet, then only pasting works).

    Returns the frame somebody drew in this run ("" for the whole picture, None when nobody did), and the bytes of a
    picture that was pasted. What is no box or no picture is left out.
    """
    words = {
        "label": _("Picture to search with: draw a frame; arrow keys move it, with Shift they resize it"),
        "alt": _("Picture to search with"),
        "hint": _("Draw a frame around the object; Escape takes it off."),
        "paste": _("A picture from the clipboard: Ctrl+V."),
    }
    sign = hashlib.sha256(f"{picture} {box}".encode()).hexdigest()[:16]
    answer = _cropper(
        key=key,
        data={"picture": picture, "box": box, "sign": sign, "words": words},
        on_box_change=lambda: None,
        on_pasted_change=lambda: None,
    )
    return drawn(answer.get("box")), pasted(answer.get("pasted"))


def drawn(said: object) -> str | None:
    """What a browser sent as a frame: its box, "" for the whole picture, None for anything else."""
    if said == "whole":
        return ""
    try:
        return str(Box.read(said)) if isinstance(said, str) and said else None
    except ValueError:
        return None


def pasted(said: object) -> bytes | None:
    """The bytes of a pasted picture, b"" for what cannot be one, None when nothing was pasted."""
    if not said:
        return None
    if not isinstance(said, str) or not said.startswith(HEAD) or len(said) > MOST:
        return b""
    try:
        return base64.b64decode(said.removeprefix(HEAD), validate=True)
    except (binascii.Error, ValueError):
        return b""


_cropper = st.components.v2.component(
    "uzor_cropper",
    html=_HTML,
    css=HERE.joinpath("cropper.css").read_text(encoding="utf-8"),
    js=HERE.joinpath("cropper.js").read_text(encoding="utf-8"),
)
