"""What is wrong with a weights file, said before a library stumbles over it: kinds of files by their first bytes."""

from __future__ import annotations

from pathlib import Path

REMEDIES = {  # code → what to do, in English and in Russian
    "damaged": (
        "Download or copy the file again and compare its size with the source.",
        "Скачайте или скопируйте файл ещё раз и сверьте его размер с источником.",
    ),
    "checksum": ("Download or copy the file again.", "Скачайте или скопируйте файл ещё раз."),
    "unsafe_checkpoint": (
        "Ask its author for a state_dict saved as safetensors; there is no way round this here.",
        "Попросите автора сохранить state_dict в safetensors; обойти эту защиту здесь нельзя.",
    ),
    "not_weights": (
        "Save the state_dict: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        "Сохраните state_dict: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
    ),
    "wrong_model": (
        "Choose the model this file was made for.",
        "Выберите модель, для которой сделан этот файл.",
    ),
    "nan_weights": (
        "Choose an earlier checkpoint: this one was saved after its training had diverged.",
        "Возьмите более раннюю контрольную точку: эта сохранена после того, как обучение разошлось.",
    ),
}


class BadCheckpoint(ValueError):
    """A weights, tokenizer or config file that is refused.

    `code` is one of REMEDIES, `path` the file, `found` what is wrong with it (English, technical).
    """

    def __init__(self, code: str, path: Path | str, found: str, name: str = "") -> None:
        self.code, self.path, self.found, self.name = code, Path(path), found.rstrip("."), name
        super().__init__(self.message("en"))

    def message(self, lang: str = "en") -> str:
        """Place, what was found and what to do, the last in `lang` ("en" or "ru")."""
        remedy = REMEDIES[self.code][lang == "ru"]
        if self.name:
            put = ("Put the model's original {} in its place.", "Положите на его место исходный {} этой модели.")
            remedy = put[lang == "ru"].format(self.name)
        return f"[{self.code}] {self.path} {self.found}. {remedy}"

    def __reduce__(self) -> tuple[type[BadCheckpoint], tuple[str, Path, str, str]]:
        return BadCheckpoint, (self.code, self.path, self.found, self.name)


def looks_like(path: Path) -> str:
    """What a file is by its first bytes: 'text', 'a zip archive', 'an HTML page', … (a noun for a sentence)."""
    with open(path, "rb") as file:
        head = file.read(512)
    if not head:
        return "nothing"
    if not head.strip(b"\0"):
        return "zero bytes only"
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
    b"version https://git-lfs": "a git-lfs pointer (the file itself was not fetched; try git lfs pull)",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x93NUMPY": "a numpy array",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
}
