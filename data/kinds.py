"""What kind of thing a file is: the pictures and embroidery files that are read, what other files look like."""

from __future__ import annotations

import re
import stat

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif",),
}
PICTURE_EXTENSIONS = frozenset(extension for extensions in EXTENSIONS.values() for extension in extensions)
# Embroidery files that are read, by extension; the library's readers are named after the formats.
DESIGNS = {
    f".{name.lower()}": name
    for name in (
        "PES", "VP3", "JEF", "HUS", "XXX", "PEC", "SEW", "SHV", "PCS", "PCQ", "PCD", "JPX", "PHB", "PHC", "EMD", "TBF",
        "SPX", "BRO", "MIT", "INB", "KSM", "TAP", "STX", "STC", "EXY", "FXY", "ZHS", "ZXY", "DSZ", "DSB", "U01", "DST",
        "EXP",
    )
}  # fmt: skip
UNREAD_DESIGNS = frozenset((".emb", ".art", ".vip", ".cnd", ".ofm", ".pxf", ".can", ".vf3", ".ngs", ".hqf", ".pat"))
TABLE_EXTENSIONS = frozenset((".csv", ".tsv", ".txt"))
WANTED = frozenset((*PICTURE_EXTENSIONS, *DESIGNS, *UNREAD_DESIGNS, ".csv", ".tsv"))
_LOOKS = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n", "PNG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"BM", "BMP"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"....ftypavi[fs]", "AVIF"),
    (rb"....ftyp(hei|hev|mif|msf)", "HEIC picture of a phone"),
    (rb"#PE[SC]", "embroidery PES"),
    (rb"%vsm%", "embroidery VP3"),
    (rb"LA:", "embroidery DST"),
    (rb"\x5b\xaf\xc8\0", "embroidery HUS"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript"),
    (rb"%PDF", "PDF document"),
    (rb"PK\x03\x04", "ZIP archive"),
    (rb"(?i)\s*(<!doctype html|<html|<head|<body)", "HTML page, saved by a crawler?"),
    (rb"(?is)\s*(<\?xml.{0,500})?<svg", "SVG drawing"),
    (rb"(?i)\s*<\?xml", "XML"),
    (rb"\s*[\[{]", "JSON"),
)


def kind_of(mode: int) -> str:
    """What a `st_mode` that is no regular file stands for, in one English word."""
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"), (stat.S_ISLNK, "link"))
    return next((name for test, name in kinds if test(mode)), "device")


def looks_like(data: bytes) -> str:
    """What the first bytes say a file is, in a few English words."""
    for pattern, name in _LOOKS:
        if re.match(pattern, data[:1024], re.DOTALL):
            return name
    try:
        data[:512].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < 500:
            return f"starts with {data[:8].hex(' ')}"
    return "text"
