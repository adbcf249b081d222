"""In which encoding a text file is written: by its mark, its NULs, strict UTF-8, else by what reads as language."""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from pathlib import Path

from data.kinds import looks_like
from data.refusals import Refused

LEGACY = ("cp1251", "koi8_r", "cp866", "mac_cyrillic", "cp1252")
_SAMPLE = 1 << 16
# How often each letter stands in Russian text, in per mille (National Corpus of the Russian Language).
_RUSSIAN = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3,
    3, 1, 1), strict=True))  # fmt: skip
_SIGNS = "«»—–№…“”„’°×±\xa0"


@dataclass(frozen=True)
class Encoding:
    """A Python codec and whether it was guessed rather than known."""

    name: str
    guessed: bool


def named(name: str) -> Encoding:
    """An encoding that the user named; LookupError for one that Python does not know."""
    try:
        return Encoding(codecs.lookup(name).name, False)
    except LookupError:
        raise LookupError(f"Encoding {name!r} is not known; try utf-8, cp1251, koi8-r, cp866 or utf-16") from None


def detected(path: Path) -> Encoding:
    """The encoding of a text file, read through once.

    Refused [spreadsheet], [not_a_table], [empty], or [encoding] when it is not UTF-8 and no other guess is sure.
    """
    with open(path, "rb") as file:
        head = file.read(_SAMPLE)
    if not head:
        raise Refused("empty", file=path.name)
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig", False)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", False)
    if wide := _wide(head):
        return Encoding(wide, True)
    _refuse_binary(path, head)
    return _by_lines(path)


def _refuse_binary(path: Path, head: bytes) -> None:
    looks = looks_like(head)
    zipped = looks == "ZIP archive"
    if head.startswith(b"\xd0\xcf\x11\xe0") or (zipped and (b"xl/" in head or b"[Content_Types]" in head)):
        raise Refused("spreadsheet", file=path.name, found="Excel")
    if zipped and b"opendocument.spreadsheet" in head:
        raise Refused("spreadsheet", file=path.name, found="OpenDocument")
    if not _plain(looks):
        raise Refused("not_a_table", file=path.name, found=looks)
    odd = sum(head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 27))
    if odd + head.count(0) > len(head) * 0.05:
        raise Refused("not_a_table", file=path.name, found=f"binary data, starts with {head[:8].hex(' ')}")


def _plain(looks: str) -> bool:
    """False for what some other kind of file begins with ("BM" may begin a text)."""
    return looks in ("text", "JSON", "BMP") or looks.startswith("starts with")


def _wide(head: bytes) -> str:
    """UTF-16 without a mark shows by zero bytes in every second place where the text is Latin, digits or separators."""
    pairs = len(head) // 2
    if pairs < 2 or not _plain(looks_like(head)):
        return ""
    first, second = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if second > pairs * 0.1 and second > 10 * first:
        return "utf-16-le"
    return "utf-16-be" if first > pairs * 0.1 and first > 10 * second else ""


def _by_lines(path: Path) -> Encoding:
    good, bad, sample = 0, 0, b""
    with open(path, "rb") as file:
        while line := file.readline(1 << 20):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                sample += line if len(sample) < _SAMPLE else b""
    if good >= bad:
        return Encoding("utf-8", False)
    return Encoding(_legacy(path, sample), True)


def _legacy(path: Path, sample: bytes) -> str:
    """The old 8-bit encoding in which the sample reads as language; Refused [encoding] when none surely does."""
    scores = {name: score for name in LEGACY[:-1] if (score := russian(sample, name)) is not None}
    best = max(scores, key=lambda name: scores[name], default="")
    if best and scores[best] > -5.0:
        return best
    if _western(sample):
        return LEGACY[-1]
    raise Refused("encoding", file=path.name, row=1, found=f"not UTF-8, starts with {sample[:16].hex(' ')}",
                  hint="Known: " + ", ".join(("utf-8", "utf-16", *LEGACY)) + ".")  # fmt: skip


def _western(sample: bytes) -> bool:
    """True when the sample reads as cp1252: signs beyond ASCII are letters or typography, and the mixture is sane."""
    from charset_normalizer import from_bytes

    match = from_bytes(sample, cp_isolation=[LEGACY[-1]]).best()
    if match is None or match.chaos > 0.1:
        return False
    return all(sign.isalpha() or sign in _SIGNS for sign in re.findall(r"[^\x00-\x7f]", str(match)))


def russian(sample: bytes, encoding: str) -> float | None:
    """Mean natural log of letter frequency over the sample's characters beyond ASCII; None when it does not decode.

    Russian text lies near -2.9, the same bytes in another Cyrillic encoding about 1 lower or more. A capital after a
    small letter and a Latin letter beside a Cyrillic one are scored as foreign signs.
    """
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    signs = re.findall(r"[^\x00-\x7f]", text)
    if not signs:
        return None
    total = sum(math.log(_RUSSIAN.get(sign.lower(), 3 if sign in _SIGNS else 0.05) / 1000) for sign in signs)
    broken = len(re.findall("[а-яё](?=[А-ЯЁA-Za-z])|[A-Za-z](?=[А-яЁё])", text))
    return (total + broken * math.log(0.05 / 1000)) / len(signs)
