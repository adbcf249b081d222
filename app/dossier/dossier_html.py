"""The printed report as one HTML page: everything inside it, no script, no request, light and dark, made for paper."""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from app.dossier.dossier_failures import causes, failures
from app.dossier.dossier_numbers import models, pairs, summary
from app.dossier.dossier_queries import queries
from app.dossier.dossier_sheet import Sheet, join, said
from app.dossier.dossier_sources import meanings, provenance
from app.language import _, language, when

HERE = Path(__file__).resolve().parent
POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
FONTS = {  # file → the characters it is for
    "onest-cyrillic-wght-normal": "U+0301, U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116",
    "onest-latin-wght-normal": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, "
    "U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215",
}
SECTIONS = (summary, models, pairs, queries, causes, failures, meanings, provenance)


def page(sheet: Sheet) -> str:
    """The whole page in the language that is spoken now."""
    catalogue, sets = sheet.found.runs[0].catalogue, dict.fromkeys(run.query_set for run in sheet.found.runs)
    title = _("How well {catalogue} is found", catalogue=said(catalogue))
    under = _("Query set {queries} · report of {when}", queries=said(", ".join(sets)), when=when(sheet.made))
    return Markup(
        '<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        'content="light dark"><meta name="generator" content="Uzor"><title>{title}</title><style>{style}</style></head>'
        '<body><header><p class="mark-of">Uzor</p><h1>{title}</h1><p>{under}</p></header><main>{body}</main></body>'
        "</html>\n"
    ).format(
        lang=language(), policy=POLICY, title=title, under=under, style=Markup(_style()),
        body=join(section(sheet) for section in SECTIONS),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _style() -> str:
    """The style sheet with its two fonts inside."""
    faces = []
    for name, characters in FONTS.items():
        data = base64.b64encode((HERE.parent / "static" / "fonts" / f"{name}.woff2").read_bytes()).decode()
        faces.append(
            f"@font-face{{font-family:Onest;font-weight:100 900;src:url(data:font/woff2;base64,{data}) "
            f'format("woff2");unicode-range:{characters}}}'
        )
    return "\n".join([*faces, (HERE / "dossier.css").read_text(encoding="utf-8")])
