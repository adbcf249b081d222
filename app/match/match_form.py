"""What is matched with what: two shops, two catalogues or one's duplicates, the column that tells, and the models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import jobpanel, picker, searched, state, widgets
from app.groups import group_choice
from app.language import N_, _, n_, named
from app.match.match_words import column_name
from app.text import md, plain
from app.vocabulary import word
from data.catalogue import Catalogue
from eval.tasks.matching import SOURCE, Side

JOB = "match"
WAYS = {"shops": N_("Two shops"), "catalogues": N_("Two catalogues"), "duplicates": N_("Duplicates in one")}
WORDS_ONLY = ("bm25", "chance")  # families without vectors of pictures
SELDOM = 0.2  # a column with fewer different values, as a share of the items, is no key and stands last


def choose() -> tuple[Side, Side] | None:
    """The two sides as the visitor names them; None, and said why, while there is nothing to match."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.seed("match_way", "shops", WAYS)
        st.segmented_control(
            _("What is matched"), list(WAYS), format_func=named(WAYS, lambda way: word(WAYS, way)), key="match_way",
            required=True, persist_state="session",
        )  # fmt: skip
        state.publish("match_way", "shops")
        name = widgets.choose_catalogue(width=220)
        if not name:
            return None
        catalogue = state.bench().catalogue(name)
        named_sides = _WAYS[str(st.session_state["match_way"])](catalogue)
        if named_sides is None:
            return None
        (left, first), (right, second) = named_sides
        keys = _keys([state.bench().catalogue(one) for one in (left, right)])
        group_choice.seed(name, "match_without")
        group_choice.leave_out(name, "match_without")
        state.publish("match_without", [])
    with widgets.calmly():
        out = [group_choice.labels(name, "match_without") if one == name else [] for one in (left, right)]
        return state.bench().side(left, first, keys[0], out[0]), state.bench().side(right, second, keys[1], out[1])
    return None


Named = tuple[tuple[str, str], tuple[str, str]]  # catalogue and shop of each side


def _shops(catalogue: Catalogue) -> Named | None:
    sources = _sources(catalogue)
    if len(sources) < 2:
        widgets.message(
            _("This catalogue has one shop only"),
            _("Two shops are two values of the column “source”. Look for duplicates, or choose two catalogues."),
        )
        return None
    lately = [shop for shop in state.bench().shops_matched(catalogue.name) or () if shop in sources]
    left = _choice("match_left", _("Shop"), sources, lately[0] if lately else sources[0])
    rest = [source for source in sources if source != left]
    right = _choice("match_right", _("With the shop"), rest, lately[-1] if lately and lately[-1] in rest else rest[0])
    return (catalogue.name, left), (catalogue.name, right)


def _catalogues(catalogue: Catalogue) -> Named | None:
    rest = [name for name in state.bench().catalogues() if name != catalogue.name]
    if not rest:
        widgets.message(
            _("There is no second catalogue yet"), _("Import the other shop, too, under a name of its own."),
            widgets.IMPORT_COMMAND,
        )  # fmt: skip
        return None
    return (catalogue.name, ""), (_choice("match_other", _("With the catalogue"), rest, rest[0]), "")


def _duplicates(catalogue: Catalogue) -> Named | None:
    sources = _sources(catalogue)
    shop = _choice("match_left", _("Shop"), ["", *sources], "") if len(sources) > 1 else ""
    return (catalogue.name, shop), (catalogue.name, shop)


_WAYS = {"shops": _shops, "catalogues": _catalogues, "duplicates": _duplicates}


def _sources(catalogue: Catalogue) -> list[str]:
    return sorted(set(catalogue.table[SOURCE]) - {""})


def _choice(param: str, label: str, options: Sequence[str], default: str, empty: str = "") -> str:
    state.seed(param, default, options)
    st.selectbox(
        label, options, key=param, persist_state="session", width=170,
        format_func=named(options, lambda one: plain(one) or empty or _("all")),
    )  # fmt: skip
    state.publish(param, "")
    return str(st.session_state[param])


def _keys(catalogues: Sequence[Catalogue]) -> tuple[str, str]:
    """The columns whose equal values mean a match, "" where nobody knows."""
    first = _key(catalogues[0], "match_truth", _("A match is equal"))
    if catalogues[0].name == catalogues[1].name:
        return first, first
    return first, _key(catalogues[1], "match_truth_other", _("and in the other")) if first else ""


def _key(catalogue: Catalogue, param: str, label: str) -> str:
    names = likely_keys(catalogue)
    guessed = state.bench().side(catalogue.name).key
    return _choice(param, label, [*names, ""], guessed if guessed in names else "", _("nobody knows"))


def likely_keys(catalogue: Catalogue) -> list[str]:
    """The columns that may tell articles apart, those with the most different values first."""
    counts = {str(name): catalogue.table[name].nunique() for name in catalogue.table.columns}
    several = {
        name: count for name, count in counts.items() if count > 1 and name not in ("id", "image", "sha256", SOURCE)
    }
    return sorted(several, key=lambda name: (several[name] < SELDOM * len(catalogue), -several[name], name))


def start(sides: tuple[Side, Side], folded: bool) -> None:
    """Which models; the button starts the job."""
    models = {str(m.spec): m for m in state.models() if m.here and m.spec.family not in WORDS_ONLY}
    if not models:
        widgets.message(_("No model here sees pictures"), _("Matching compares pictures by a model."), "uzor models")
        return
    state.seed("match_models", [picker.default_model(list(models.values()))], models)
    opened = st.expander(
        _("Match with other models"), expanded=not folded, icon=":material/play_circle:", key="match_form"
    )
    with opened, st.form("match_asked", border=False):
        picker.several(models, "match_models")
        counts = [len(side.rows) for side in sides]
        st.caption(said(sides, counts))
        go = st.form_submit_button(_("Match"), type="primary", icon=":material/join_inner:")
    if go and not st.session_state["match_models"]:
        widgets.message(_("No model is chosen"), _("Choose at least one model above."))
    elif go:
        left, right = sides
        jobpanel.begin(
            JOB, specs=st.session_state["match_models"], catalogue=left.catalogue.name, left=asked(left),
            right=asked(right),
        )  # fmt: skip


def asked(side: Side) -> dict[str, Any]:
    """A side as the job's arguments name it."""
    return {"catalogue": side.catalogue.name, "source": side.source, "key": side.key,
            "exclude": side.without.labels}  # fmt: skip


def said(sides: tuple[Side, Side], counts: Sequence[int]) -> str:
    """How much is compared and by what it will be judged, in one line."""
    left, right = sides
    parts = [n_("{n} item on one side", "{n} items on one side", counts[0])]
    if left.record() == right.record():
        parts = [n_("{n} item, each with every other", "{n} items, each with every other", counts[0])]
    else:
        parts.append(n_("{n} on the other", "{n} on the other", counts[1]))
    known = " = ".join(dict.fromkeys(column_name(key) for key in (left.key, right.key) if key))
    parts.append(_("a match is equal “{column}”", column=known) if known else _("only people's labels tell matches"))
    return " · ".join([*parts, *map(md, searched.parts(left.without.where))])
