"""Bringing a catalogue in through the screen: where it lies, how its table is read, what the import refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app import jobpanel, state
from app.catalogue import server_places, uploads
from app.language import _, language, named, number
from app.text import md, plain
from app.vocabulary import FIELDS, word
from app.widgets import calmly, message
from data.columns import REQUIRED
from data.sniffing import Sniffed, sniff
from data.sources import UPLOADED, is_table

ENCODINGS = ["", "utf-8", "utf-8-sig", "cp1251", "utf-16"]
DELIMITERS = {"": "", ",": "comma", ";": "semicolon", "\t": "tab", "|": "|"}
MAPPED = ("id", "title", "image", "description", "category", "source", "price", "url")
MOST_MB = 100


def source() -> Path | None:
    """Where the catalogue lies: a path on the server, or an uploaded table kept in the workspace."""
    if st.session_state["from_where"] == "upload":
        st.caption(
            _(
                "CSV, TSV, ZIP or an embroidery file up to {n} MB. Pictures that a table names stay on the server.",
                n=number(MOST_MB),
            )
        )
        return _uploaded()
    return server_places.path_of("import_path", _("Table, folder, ZIP or embroidery file"), "/data/shop/products.csv")


def _uploaded() -> Path | None:
    """The uploaded table: moved to the disk at once, and the uploader emptied so that no session holds its bytes."""
    kept = st.session_state.get("import_upload", "")
    if kept and Path(kept).is_file():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_("Uploaded: {name}", name=md(st.session_state["import_uploaded_as"])))
            st.button(_("Another file"), key="another_file", on_click=state.put, args=("import_upload", ""))
        return Path(kept)
    turn = st.session_state.setdefault("import_turn", 0)
    file = st.file_uploader(_("File"), UPLOADED, key=f"import_file_{turn}", max_upload_size=MOST_MB)
    if file is None:
        return None
    state.put("import_upload", str(uploads.keep(state.bench().home, file)))
    state.put("import_uploaded_as", file.name)
    state.later(import_turn=turn + 1, import_upload_name=uploads.plain_name(file.name))
    st.rerun()


def form(path: Path) -> None:
    """How the table is read, with five rows of it, and the button that starts the import."""
    if not path.exists():
        message(_("There is nothing at this path"), code=str(path), icon="error")
        return
    choices: dict[str, Any] = {}
    table = is_table(path)
    if table:
        with calmly():
            choices = _reading(path)
        if not choices:
            return
    else:
        st.caption(
            _("Every picture or embroidery becomes an item, its file name the title, its subfolder the category.")
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get("import_named_for") != str(path):
            st.session_state["import_named_for"] = str(path)
            st.session_state["import_name"] = st.session_state.pop("import_upload_name", uploads.plain_name(path.name))
        st.text_input(_("Name of the catalogue"), key="import_name", width=260)
        if table:
            st.text_input(
                _("Folder of the pictures"), key="import_pictures", placeholder=_("beside the table"), width=320
            )
        st.color_picker(
            _("Background"), "#ffffff", key="import_background", help=_("What transparent pictures are laid on.")
        )
    server_places.told_if_taken(st.session_state["import_name"])
    lacking = [f for f in REQUIRED if table and f not in choices["mapping"]]
    if lacking:
        st.caption(
            ":material/error: " + _("Choose columns for: {names}", names=", ".join(word(FIELDS, f) for f in lacking))
        )
    if st.button(_("Import"), type="primary", icon=":material/download:", key="start_import", disabled=bool(lacking)):
        pictures = st.session_state.get("import_pictures", "").strip()
        jobpanel.begin(
            "import",
            path=str(path.resolve()),
            name=st.session_state["import_name"] or uploads.plain_name(path.name),
            pictures=(table and pictures) or None,
            background=st.session_state["import_background"],
            **choices,
        )


def _reading(path: Path) -> dict[str, Any]:
    """Encoding, delimiter and columns as recognised or as overridden; draws the preview."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        encoding = st.selectbox(
            _("Encoding"),
            ENCODINGS,
            key="import_encoding",
            width=180,
            format_func=named(ENCODINGS, lambda e: e or _("recognise")),
        )
        delimiter = st.selectbox(
            _("Delimiter"),
            list(DELIMITERS),
            key="import_delimiter",
            width=180,
            format_func=named(DELIMITERS, lambda d: _delimiter(d) or _("recognise")),
        )
    found = sniff(path, encoding or None, delimiter or None)
    st.caption(_("Recognised: {encoding}, {delimiter}", encoding=found.encoding, delimiter=_delimiter(found.delimiter)))
    mapping = _mapping(found)
    for note in found.notes:
        st.caption(":material/info: " + md(note.message(language())))
    _preview(found, mapping)
    return {"mapping": mapping, "encoding": encoding or None, "delimiter": delimiter or None}


def _delimiter(sign: str) -> str:
    return {",": _("comma"), ";": _("semicolon"), "\t": _("tab")}.get(sign, sign)


def _mapping(found: Sniffed) -> dict[str, str]:
    """Field → column, as recognised unless another column is chosen."""
    columns = ["", *(name for name in found.header if name)]
    chosen = {}
    with st.grid(4, min_column_width=190):
        for field in MAPPED:
            key = f"import_column_{field}"
            recognised = found.mapping.get(field, "")
            if st.session_state.get(f"{key}_of") != (found.header, recognised):
                st.session_state[key], st.session_state[f"{key}_of"] = recognised, (found.header, recognised)
            label = word(FIELDS, field) + (" *" if field in REQUIRED else "")
            column = st.selectbox(label, columns, key=key, format_func=lambda c: plain(c) or "—")
            if column:
                chosen[field] = column
    return {**({"tags": found.mapping["tags"]} if "tags" in found.mapping else {}), **chosen}


def _preview(found: Sniffed, mapping: Mapping[str, str]) -> None:
    import pandas as pd

    names = [name or "—" for name in found.header]
    meant = {column: field for field, column in mapping.items()}
    rows = pd.DataFrame([list(row) + [""] * (len(names) - len(row)) for row in found.preview])
    rows = rows.iloc[:, : len(names)].set_axis(names[: rows.shape[1]], axis=1)
    st.dataframe(
        rows,
        hide_index=True,
        alt=_("The first rows"),
        column_config={
            n: st.column_config.TextColumn(f"{n} → {word(FIELDS, meant[n])}" if n in meant else n) for n in names
        },
    )
