"""What every page draws the same way: its head, messages, and the pickers of catalogue, query set and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from app import nav, state
from app.language import LANGUAGES, _, language
from app.text import md
from app.vocabulary import GROUPS, WEIGHTS, word
from data.errors import Cancelled, Unavailable
from eval.contracts import KnownModel

IMPORT_COMMAND = "uzor import products.csv --name shop"


def head(title: str, says: str = "") -> None:
    """The page's title with the language switch at its right, and a line about what the page is for."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        _language_switch()
    if says:
        st.caption(says)


def _language_switch() -> None:
    browser = "ru" if (st.context.locale or "").lower().startswith("ru") else "en"
    if st.session_state.get("lang") not in LANGUAGES:
        st.session_state["lang"] = language()
    st.segmented_control(
        _("Language"), LANGUAGES, format_func=str.upper, key="lang", required=True, label_visibility="collapsed",
        persist_state="session",
    )
    state.publish("lang", browser)


def message(title: str, body: str = "", code: str = "", icon: str = "info") -> None:
    """A calm message: what is so, what to do about it, and the command that does it."""
    with st.container(border=True):
        st.markdown(f":material/{icon}: **{md(title)}**")
        if body:
            st.markdown(body)
        if code:
            st.code(code, language=None, wrap_lines=True)


@contextmanager
def calmly() -> Iterator[None]:
    """Show what goes wrong inside as a calm message instead of an error page."""
    try:
        yield
    except Unavailable as problem:
        message(_("Something is not on this machine"), md(problem.what), problem.remedy, "download")
    except Cancelled:
        message(_("Cancelled"), _("What was finished is kept; starting again goes on from there."), icon="cancel")
    except (LookupError, ValueError, OSError) as problem:
        message(_("This did not work"), said(problem), icon="error")


def said(problem: BaseException) -> str:
    """What an error says in the visitor's language where it can, escaped for Markdown; several problems as a list."""
    several = getattr(problem, "problems", None)
    if several:
        return "\n".join(f"- {md(p.message(language()))}" for p in several[:20])
    own = getattr(problem, "message", None)
    return md(own(language()) if callable(own) else problem.args[0] if problem.args else problem)


def choose_catalogue() -> str | None:
    """Which catalogue; when there is none yet, say how to get one and return None."""
    names = state.bench().catalogues()
    if not names:
        no_catalogue()
        return None
    state.seed("catalogue", names[0], names)
    st.selectbox(_("Catalogue"), names, format_func=md, key="catalogue", persist_state="session")
    state.publish("catalogue", names[0])
    return str(st.session_state["catalogue"])


def no_catalogue() -> None:
    """Say that there is no catalogue yet and how to get one."""
    message(
        _("There is no catalogue yet"),
        _("Import a CSV file with pictures beside it, or a folder of pictures: on the import page or by the command"),
        IMPORT_COMMAND,
        "photo_library",
    )
    if st.button(_("Import a catalogue"), icon=":material/upload:", type="primary", key="to_import"):
        state.go("catalogue", view="import")


def choose_query_set(catalogue: str, optional: bool = False, label: str = "", param: str = "queries") -> str:
    """Which query set of that catalogue; "" when there is none, or none is wanted and `optional`."""
    names = [*([""] if optional else []), *state.bench().query_sets(catalogue)]
    if not names:
        return ""
    state.seed(param, names[0], names)
    st.selectbox(
        label or _("Query set"), names, format_func=lambda name: md(name) or _("none"), key=param,
        persist_state="session", disabled=len(names) == 1,
    )
    state.publish(param, names[0])
    return str(st.session_state[param])


def title_of(model: KnownModel) -> str:
    """The model's name on screen, escaped; a small bundled model and one whose weights are elsewhere say so."""
    if model.bundled:
        return _("{name} (small bundled model)", name=md(model.title.partition(" (")[0]))
    return md(model.title) if model.here else _("{name} (not here)", name=md(model.title))


def titles() -> dict[str, str]:
    """Spec → the model's name on screen, unescaped, for tables and charts."""
    return {str(m.spec): m.title.partition(" (")[0] if m.bundled else m.title for m in state.bench().models()}


def default_model(models: Sequence[KnownModel]) -> str:
    """The spec a newcomer starts with: ruCLIP that is here, then CLIP, then anything here; published before bundled."""
    order = {"ruclip": 0, "clip": 1, "other": 2}
    here = sorted((m for m in models if m.here), key=lambda m: (order.get(m.group, 3), m.bundled, m.tuned))
    return str(here[0].spec) if here else str(models[0].spec) if models else ""


def choose_model(param: str = "model", label: str = "", default: str = "") -> KnownModel | None:
    """Which model: family × weights × checkpoint, those on this machine first; None where there is none of the kind."""
    models = state.bench().models()
    specs = {str(m.spec): m for m in models}
    state.seed(param, default or default_model(models), specs)
    _follow(param, specs)
    family, weights = f"{param}_family", f"{param}_weights"
    moved = _mover(param, models)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            label or _("Family"), list(GROUPS), format_func=lambda g: word(GROUPS, g), key=family, required=True,
            on_change=moved, persist_state="session",
        )
        st.segmented_control(
            _("Weights"), list(WEIGHTS), format_func=lambda w: word(WEIGHTS, w), key=weights, required=True,
            on_change=moved, persist_state="session",
        )
        fitting = _fitting(models, st.session_state[family], st.session_state[weights])
        if fitting:
            if st.session_state[param] not in fitting:
                st.session_state[param] = fitting[0]
            st.selectbox(
                _("Model"), fitting, format_func=lambda spec: title_of(specs[spec]), key=param,
                persist_state="session", width=320,
            )
    st.session_state[f"{param}_of"] = st.session_state[param]
    state.publish(param, default or default_model(models))
    return specs[st.session_state[param]] if fitting else None


def _follow(param: str, specs: dict[str, KnownModel]) -> None:
    """Set family and weights to those of the spec when it came from the URL or from another page."""
    spec = st.session_state[param]
    if spec in specs and (spec != st.session_state.get(f"{param}_of") or f"{param}_family" not in st.session_state):
        st.session_state[f"{param}_family"] = specs[spec].group
        st.session_state[f"{param}_weights"] = "tuned" if specs[spec].tuned else "pretrained"


def _mover(param: str, models: Sequence[KnownModel]) -> Callable[[], None]:
    def moved() -> None:
        fitting = _fitting(models, st.session_state[f"{param}_family"], st.session_state[f"{param}_weights"])
        if fitting:
            st.session_state[param] = st.session_state[f"{param}_of"] = fitting[0]

    return moved


def _fitting(models: Sequence[KnownModel], group: str, weights: str) -> list[str]:
    fitting = [m for m in models if m.group == group and m.tuned == (weights == "tuned")]
    return [str(m.spec) for m in sorted(fitting, key=lambda m: not m.here)]


def usable(model: KnownModel | None) -> bool:
    """True when the model can be asked now; otherwise say what is missing and how to get it."""
    if model is None:
        message(
            _("There is no such model yet"),
            _("Put a checkpoint (.pt, .bin or .safetensors) or a model folder into {folder}; it will appear here.",
              folder=f"`{state.bench().home / 'models'}`"),
            icon="deployed_code",
        )
        return False
    if model.here:
        return True
    message(
        _("{name}: the weights are not on this machine", name=model.title),
        _("They are looked for in {where}. Meanwhile the bundled models work.", where=md(model.where)),
        model.remedy,
        "download",
    )
    return False


def link(slug: str, label: str, icon: str = "arrow_forward") -> None:
    """A link to another page."""
    st.page_link(nav.page(slug), label=label, icon=f":material/{icon}:")
