"""The model picker, the same on every page: family × weights × checkpoint, what is here first, how to get the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app import jobpanel, state
from app.evaluate.run_names import TUNED, brief
from app.language import _, named
from app.text import plain
from app.vocabulary import GROUPS, TITLES, WEIGHTS, word
from app.widgets import message
from eval.contracts import KnownModel


def title_of(model: KnownModel) -> str:
    """The model's name on screen, unescaped; a small bundled model and one whose weights are elsewhere say so."""
    name = plain(word(TITLES, model.title))
    if TUNED in model.title:
        name = _("{name} (fine-tuned)", name=plain(brief(model.title)))
    elif model.bundled:
        name = _("{name} (small bundled model)", name=name.partition(" (")[0])
    return name if model.here else _("{name} (not here)", name=name)


def titles() -> dict[str, str]:
    """Spec → the model's name on screen, unescaped, for tables and charts."""
    return {str(m.spec): plain(brief(m.title)) for m in state.models()}


def default_model(models: Sequence[KnownModel]) -> str:
    """The spec a newcomer starts with: ruCLIP that is here, then CLIP, then anything here; published before bundled.

    Ready vectors come last: they see one catalogue only.
    """
    order = {"ruclip": 0, "clip": 1, "pictures": 2, "other": 3}
    here = sorted(
        (m for m in models if m.here),
        key=lambda m: (m.spec.family == "ready", order.get(m.group, 4), m.bundled, m.tuned),
    )
    return str(here[0].spec) if here else str(models[0].spec) if models else ""


def reading(models: Sequence[KnownModel]) -> list[KnownModel]:
    """Those that can be asked in words."""
    return [model for model in models if model.reads_text]


def several(models: Mapping[str, KnownModel], param: str, most: int | None = None) -> None:
    """A field for one or several models, kept under `param`; whoever calls has seeded it."""
    st.multiselect(
        _("Models"), list(models), format_func=named(models, lambda spec: title_of(models[spec])), key=param,
        max_selections=most, placeholder=_("Choose one or several"), persist_state="session",
    )  # fmt: skip


def single(models: Mapping[str, KnownModel], param: str, label: str, width: int) -> None:
    """A field for one model, kept under `param`; whoever calls has seeded it."""
    st.selectbox(
        label, list(models), format_func=named(models, lambda spec: title_of(models[spec])), key=param,
        persist_state="session", width=width,
    )  # fmt: skip


def choose_model(param: str = "model", label: str = "", default: str = "", pictures: bool = False) -> KnownModel | None:
    """Which model: family × weights × checkpoint, those on this machine first; None where there is none of the kind.

    Models that see pictures only are offered where no words are asked (`pictures`).
    """
    models = state.models() if pictures else reading(state.models())
    groups = [group for group in GROUPS if pictures or group != "pictures"]
    specs = {str(m.spec): m for m in models}
    state.seed(param, default or default_model(models), specs)
    _follow(param, specs)
    family, weights = f"{param}_family", f"{param}_weights"
    moved = _mover(param, models)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            label or _("Family"),
            groups,
            format_func=named(groups, lambda g: word(GROUPS, g)),
            key=family,
            required=True,
            on_change=moved,
            persist_state="session",
        )
        st.segmented_control(
            _("Weights"),
            list(WEIGHTS),
            format_func=named(WEIGHTS, lambda w: word(WEIGHTS, w)),
            key=weights,
            required=True,
            on_change=moved,
            persist_state="session",
        )
        fitting = _fitting(models, st.session_state[family], st.session_state[weights])
        if fitting:
            if st.session_state[param] not in fitting:
                st.session_state[param] = fitting[0]
            st.selectbox(
                _("Model"),
                fitting,
                format_func=named(fitting, lambda spec: title_of(specs[spec])),
                key=param,
                persist_state="session",
                width=400,
            )
    st.session_state[f"{param}_of"] = st.session_state[param]
    state.publish(param, "")
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
            _(
                "Put a checkpoint (.pt, .bin or .safetensors) or a model folder into {folder}; it will appear here.",
                folder=f"`{state.bench().home / 'models'}`",
            ),
            icon="deployed_code",
        )
        return False
    if model.here:
        return True
    message(
        _("{name}: the weights are not on this machine", name=plain(model.title)),
        _("They are looked for in {where}. Meanwhile the bundled models work.", where=f"`{plain(model.where)}`"),
        f"uzor fetch {model.fetch}" if model.fetch else model.remedy,
        "download",
    )
    if jobpanel.watch("fetch") is None and jobpanel.busy("fetch"):
        return False
    if model.fetch and st.button(
        _("Download now"),
        icon=":material/download:",
        key=f"fetch_{model.spec}",
        help=_("Needs the network; hundreds of megabytes come from huggingface.co."),
    ):
        jobpanel.begin("fetch", spec=model.fetch)
    return False
