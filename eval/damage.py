"""What is wrong with a weights file, said before a library stumbles over it: kinds of files by their first bytes."""

from __future__ import annotations

from pathlib import Path

REMEDIES = {
    "damaged": "Download or copy the file again and compare its size with the source.",
    "checksum": "Download or copy the file again.",
    "unsafe_checkpoint": "Ask its author for a state_dict saved as safetensors; there is no way round this here.",
    "not_weights": "Save the state_dict: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
    "wrong_model": "Choose the base model this file was made from.",
    "nan_weights": "Choose an earlier checkpoint: this one was saved after its training had diverged.",
}


class BadCheckpoint(ValueError):
    """A weights, tokenizer or config file that is refused; `code` is one of REMEDIES, `path` the file."""

    def __init__(self, code: str, path: Path | str, found: str, name: str = "") -> None:
        again = f"Put the model's original {name} in its place." if name else REMEDIES[code]
        super().__init__(f"[{code}] {path}: {found.rstrip('.')}. {again}")
        self.code = code
        self.path = Path(path)


def looks_like(path: Path) -> str:
    """What a file is by its first bytes: 'text', 'a zip archive', 'an HTML page', … (a noun for a sentence)."""
    with open(path, "rb") as file:
        head = file.read(512)
    if not head:
        return "an empty file"
    if not head.strip(b"\0"):
        return "a file of zero bytes"
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        return "a pickle"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 30:
        return "safetensors"
    return _text(head)


def _text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<!--")):
        return "an HTML page"
    return "text" if not any(byte < 9 or 13 < byte < 32 for byte in head) else "binary data"


_STARTS = {
    b"version https://git-lfs": "a git-lfs pointer (the file itself was not fetched: git lfs pull)",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x93NUMPY": "a numpy array",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
}
