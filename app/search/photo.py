"""The picture of the Search page: brought, pasted or an item's; its part, its share beside words, what is unwanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import state, widgets
from app.catalogue import uploads
from app.language import _, named
from app.search.cropper import cropper, shown
from app.search.seeing import Look
from app.text import md, plain, short
from data.boxes import Box
from data.catalogue import Catalogue
from eval import detecting
from eval.contracts import KnownModel

PATH, BOX, SHARE, WITHOUT, DETECTOR = "photo", "box", "share", "without", "detector"
MOST_MB = 64
SUFFIXES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "bmp", "tif", "tiff", "pes", "dst", "jef", "vp3", "exp"]


@dataclass(frozen=True)
class _Pasted:
    content: bytes
    name: str = "pasted.png"

    def getvalue(self) -> bytes:
        return self.content


def seed(catalogue: Catalogue) -> None:
    """What the page remembers of the picture, before anything is drawn."""
    state.seed(BOX, "")
    state.seed(SHARE, 50, range(101))
    state.seed(WITHOUT, [], set(catalogue.ids))
    path = st.session_state.setdefault(PATH, "")
    if path and not Path(path).is_file():  # swept after a day
        _off()
    if st.session_state[BOX]:
        try:
            Box.read(st.session_state[BOX])
        except ValueError:
            state.put(BOX, "")


def publish() -> None:
    """Keep in the URL what can be there: a brought picture stays in the session."""
    state.publish(SHARE, 50)
    state.publish(WITHOUT, [])
    if st.session_state[PATH] or not st.session_state["like"]:
        st.query_params.pop(BOX, None)
    else:
        state.publish(BOX, "")


def there() -> bool:
    """True while a picture is asked with."""
    return bool(st.session_state.get(PATH) or st.session_state.get("like"))


def look(model: KnownModel) -> Look | None:
    """What is asked of that model; None where only words are, and nothing is unwanted."""
    without = tuple(st.session_state[WITHOUT])
    if not there() and not without:
        return None
    path = Path(st.session_state[PATH]) if st.session_state[PATH] else None
    item = "" if path else st.session_state["like"]
    box = Box.read(st.session_state[BOX]) if st.session_state[BOX] and there() else None
    text = st.session_state["q"] if model.reads_text else ""
    return Look(text, item, path, box, st.session_state[SHARE] / 100, without)


def panel(catalogue: Catalogue) -> None:
    """The picture with its frame and what goes with it; where there is none, how to bring one."""
    if there():
        with st.container(border=True, key="photo_panel"):
            parts = st.columns([3, 2])
            with parts[0], widgets.calmly():
                _framed(catalogue)
            with parts[1]:
                _beside(catalogue)
    else:
        with st.expander(_("Search with a picture"), icon=":material/photo_camera:"):
            st.caption(_("Or click any item and choose “More like this”."))
            _take(st.file_uploader(_("Picture"), SUFFIXES, key="photo_file", max_upload_size=MOST_MB), None)
            _take(None, cropper("", "", "paste")[1])
    _unwanted(catalogue)


def told(spec: str) -> None:
    """Say above the results that the words were not asked; nothing where they were."""
    reads = all(model.reads_text for model in state.models() if str(model.spec) == spec)
    if there() and st.session_state["q"].strip() and not reads:
        st.caption(":material/info: " + _("This model reads no words; the picture alone is asked."))


def _take(file: uploads.Uploaded | None, content: bytes | None) -> None:
    """Keep what was brought in this run and start with it."""
    if file is None and content is None:
        return
    with widgets.calmly():
        if content == b"":
            raise ValueError(_("What was pasted is no picture, or too large; save it as a file and bring that."))
        kept = uploads.keep(state.bench().home, _Pasted(content) if content else file)  # type: ignore[arg-type]
        path = state.bench().bring(kept)
        state.later(**{PATH: str(path), BOX: "", "like": ""})
        st.rerun()


@st.cache_data(show_spinner=False, max_entries=64)
def _uri(path: str, item: str, fingerprint: str, _catalogue: Catalogue) -> str:
    return shown(state.bench().looked_at(_catalogue.name, Look(item=item, path=Path(path) if path else None)))


def _framed(catalogue: Catalogue) -> None:
    path, item = st.session_state[PATH], "" if st.session_state[PATH] else st.session_state["like"]
    picture = _uri(path, item, catalogue.fingerprint, catalogue)
    box, content = cropper(picture, st.session_state[BOX], f"cropper_{path}{item}")
    _take(None, content)
    if box is not None and box != st.session_state[BOX]:
        state.put(BOX, box)


def _beside(catalogue: Catalogue) -> None:
    """Under or beside the picture: what it is, the proposal of the object, the share beside words, the way back."""
    if st.session_state[PATH]:
        st.markdown(_("Your picture; it is forgotten within a day."))
    else:
        title = catalogue.item(st.session_state["like"])["title"] or st.session_state["like"]
        st.markdown(_("Items like “{title}”", title=md(title)))
    detectors = {path.name: path for path in detecting.dropped(state.bench().home)}
    state.seed(DETECTOR, "", {"", *detectors})
    if detectors:
        st.selectbox(
            _("How the object is found"),
            ["", *detectors],
            format_func=named(["", *detectors], lambda name: plain(name) or _("by its background")),
            key=DETECTOR,
            persist_state="session",
        )
    with st.container(horizontal=True):
        if st.button(_("Find the object"), key="find_object", icon=":material/center_focus_strong:"):
            with widgets.calmly():
                _proposed(catalogue, detectors.get(st.session_state[DETECTOR]))
        st.button(_("Whole picture"), key="whole", icon=":material/crop_free:", on_click=state.put, args=(BOX, ""),
                  disabled=not st.session_state[BOX])  # fmt: skip
    if st.session_state["q"].strip():
        st.slider(
            _("Share of the picture, %"),
            0,
            100,
            key=SHARE,
            step=5,
            persist_state="session",
            help=_("0 asks with the words alone, 100 with the picture alone; between them their vectors are added."),
        )
    st.button(_("Back to words"), icon=":material/close:", on_click=_off, key="unlike")


def _proposed(catalogue: Catalogue, detector: Path | None) -> None:
    path = Path(st.session_state[PATH]) if st.session_state[PATH] else None
    asked = Look(item="" if path else st.session_state["like"], path=path)
    found = state.bench().objects_in(catalogue.name, asked, detector)
    if not found:
        st.toast(_("Nothing stands out; draw the frame yourself."), icon=":material/info:")
        return
    state.put(BOX, str(found[0].box))
    st.rerun()


def _off() -> None:
    for param in ("like", PATH, BOX):
        state.put(param, "")


def avoid(item: str) -> None:
    """From now on search away from that item."""
    state.put(WITHOUT, list(dict.fromkeys([*st.session_state.get(WITHOUT, []), item])))


def _unwanted(catalogue: Catalogue) -> None:
    """The items that are searched away from, each with the way to take it back."""
    unwanted = st.session_state[WITHOUT]
    if not unwanted:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/do_not_disturb_on: " + _("Not like:"))
        for item in unwanted:
            title = short(catalogue.item(item)["title"] or item, 40)
            st.button(md(title), key=f"wanted_{item}", icon=":material/close:", on_click=_wanted, args=(item,),
                      help=_("Allow it again"))  # fmt: skip


def _wanted(item: str) -> None:
    state.put(WITHOUT, [one for one in st.session_state[WITHOUT] if one != item])
