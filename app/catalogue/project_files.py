"""Files of the 2025 project on the screen: uploaded or on the server, and the import that reads them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from app import columns, jobpanel, state
from app.catalogue import project_taken, server_places, uploads
from app.language import _, n_, named, number
from app.text import plain
from app.vocabulary import PROJECT_FILES, word
from data.kinds import PICTURE_EXTENSIONS
from data.report_files import kind_of

NAME = "report-2025"
MOST_MB = 1000
EXTENSIONS = ["csv", "pkl", "json", "pt", "pth", "safetensors", "zip", "jpg", "jpeg", "png", "webp"]


def show() -> None:
    """The job while it works, else what it took, else the form that starts it."""
    st.caption(
        _(
            "products.csv, tables total / train / test, ready vectors (embeddings*.pkl), semantic_test_queries.json, "
            "clip_finetuned.pt, ruclip_finetuned.pt, pictures: any of them will do."
        )
    )
    ended = jobpanel.watch(project_taken.JOB, keep=True)
    if jobpanel.busy(project_taken.JOB):
        return
    if ended is not None and ended.status == "done":
        project_taken.show(ended.result)
        return
    form()


def form() -> None:
    """Where the files lie, and the button that starts the job."""
    state.seed("project_from", "upload", ("upload", "server"))
    words = {"upload": _("Upload files"), "server": _("Folder or ZIP on the server")}
    st.segmented_control(
        _("Where they lie"),
        list(words),
        format_func=named(words, lambda w: words[w]),
        key="project_from",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    folder = (
        _uploaded()
        if st.session_state["project_from"] == "upload"
        else server_places.path_of("project_path", words["server"], "/data/visual-search-2025")
    )
    st.session_state.setdefault("project_name", NAME)
    name = st.text_input(_("Name of the catalogue"), key="project_name", width=260, persist_state="session")
    server_places.told_if_taken(name)
    if st.button(_("Import"), type="primary", icon=":material/download:", key="start_project", disabled=not folder):
        jobpanel.begin(project_taken.JOB, folder=str(folder and folder.resolve()), name=name.strip() or NAME)


def _uploaded() -> Path | None:
    """The folder of what was uploaded so far; files go to the disk at once, so that no session holds their bytes."""
    turn = st.session_state.setdefault("project_turn", 0)
    files = st.file_uploader(
        _("Files"),
        EXTENSIONS,
        accept_multiple_files=True,
        key=f"project_files_{turn}",
        max_upload_size=MOST_MB,
        help=_(
            "Up to {n} MB a file. Pictures of two shops may have equal names: bring them in a ZIP with their folders. "
            "Put what is larger into a folder on the server.",
            n=number(MOST_MB),
        ),
    )
    folder = Path(st.session_state.get("project_folder") or "/nowhere")
    if files:
        if not folder.is_dir():
            folder = uploads.folder(state.bench().home)
            state.put("project_folder", str(folder))
        for file in files:
            uploads.keep_in(folder, file)
        state.later(project_turn=turn + 1)
        st.rerun()
    return _listed(folder) if folder.is_dir() else None


def _listed(folder: Path) -> Path | None:
    """What lies in the folder and what each file is taken for; None when nothing of it is of use."""
    there = sorted(path for path in folder.iterdir() if path.is_file())
    pictures = [path for path in there if path.suffix in PICTURE_EXTENSIONS]
    rows = [[plain(p.name), _meant(p), p.stat().st_size / 1e6] for p in there if p not in pictures]
    if pictures:
        size = sum(path.stat().st_size for path in pictures) / 1e6
        rows.append([n_("{n} picture", "{n} pictures", len(pictures)), word(PROJECT_FILES, "picture"), size])
    columns.table(
        pd.DataFrame(rows, columns=[_("File"), _("Taken for"), _("MB")]),
        alt=_("Uploaded files"),
        columns={_("MB"): columns.numbers(_("MB"), 2)},
    )
    with st.container(horizontal=True):
        st.button(_("Start over"), key="project_clear", icon=":material/delete:", on_click=_clear)
    return folder if any(kind_of(path.name) or path.suffix == ".zip" for path in there) else None


def _meant(path: Path) -> str:
    return word(PROJECT_FILES, "archive" if path.suffix == ".zip" else kind_of(path.name) or "unknown")


def _clear() -> None:
    state.put("project_folder", "")
