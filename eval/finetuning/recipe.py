"""How a model is tuned: every number of the recipe, with the 2025 report's as the default."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MODES = ("heads", "towers")
SCHEDULES = ("plateau", "cosine", "constant")


@dataclass(frozen=True)
class Recipe:
    """One way to tune. Defaults are those of the report's code where nothing else is said.

    Where they differ: `crop`, `same_caption` and `keep`; `RECIPES["report"]` has its plain form.
    """

    mode: str = "heads"  # "heads": the two projections over frozen towers; "towers": everything that is not `frozen`
    epochs: int = 5
    batch: int = 128
    rate: float = 5e-5
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-6
    weight_decay: float = 0.2  # 0.2 in the report's code, 0.01 in its text
    decoupled: bool = False  # False: Adam with the decay in the gradient, as the report; True: AdamW
    half: float = 0.5  # λ: the share of picture → text in the symmetric InfoNCE
    largest_scale: float = 100.0  # the logit scale is clamped to this
    schedule: str = "plateau"  # ReduceLROnPlateau(factor, patience) on the validation loss; or cosine, or constant
    patience: int = 2
    factor: float = 0.1
    warmup: float = 0.0  # share of all steps during which the rate grows from 0 (not with "plateau")
    views: int = 5  # cached augmented views of a picture; 0: the plain picture. The report draws a new one an epoch
    flip: float = 0.5  # chance of a mirrored view
    brightness: float = 0.2  # ± this share
    contrast: float = 0.2
    crop: float = 0.85  # smallest share of a side that a view keeps; 1: no crop, as the report
    same_caption: str = "ignored"  # pairs with the same caption or picture in a batch: "ignored" | "negative" (report)
    validation: float = 0.1  # share of the items that training never sees
    keep: str = "best"  # which epoch stays: "best" by validation loss | "last" (report)
    chosen_on: str = "validation"  # what the schedule and `keep` watch: "validation" | "test" (report; stamped)
    frozen: tuple[str, ...] = ()  # towers: beginnings of the names of tensors that stay as they are
    half_precision: bool = False  # keep the result in fp16, as the bundled models are
    seed: int = 0

    def __post_init__(self) -> None:
        """ValueError saying which number cannot be, and what could."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}; {getattr(self, name)!r} came")
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} lies between {low} and {high}; {getattr(self, name)} came")
        if self.chosen_on == "validation" and not self.validation and self.watches:
            raise ValueError(
                "Without validation nothing can be chosen: take keep=last and a cosine or constant schedule"
            )

    @property
    def watches(self) -> bool:
        """True when the schedule or the choice of the epoch depends on held-out pairs."""
        return self.schedule == "plateau" or self.keep == "best"

    def facts(self) -> dict[str, Any]:
        """Every number, as JSON holds it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def looks(self) -> dict[str, float]:
        """What the augmented views depend on."""
        return {name: float(getattr(self, name)) for name in ("flip", "brightness", "contrast", "crop", "seed")}


_CHOICES = {
    "mode": MODES,
    "schedule": SCHEDULES,
    "same_caption": ("ignored", "negative"),
    "keep": ("best", "last"),
    "chosen_on": ("validation", "test"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000), "batch": (2, 65_536), "rate": (1e-9, 10.0), "weight_decay": (0.0, 10.0), "half": (0.0, 1.0),
    "largest_scale": (1.0, 1e4), "patience": (0, 1000), "factor": (0.0, 1.0), "warmup": (0.0, 0.9), "views": (0, 64),
    "flip": (0.0, 1.0), "brightness": (0.0, 0.9), "contrast": (0.0, 0.9), "crop": (0.3, 1.0), "validation": (0.0, 0.9),
    "seed": (0, 2**31 - 1),
}  # fmt: skip

RECIPES = {
    "default": Recipe(),
    "report": Recipe(crop=1.0, same_caption="negative", keep="last"),
    "towers": Recipe(mode="towers", rate=1e-5, decoupled=True, schedule="cosine", warmup=0.1),
}


def number(name: str, text: str) -> Any:
    """The value of a recipe's number from its text, e.g. ("patience", "3") → 3; ValueError for what it cannot be."""
    known = {field.name: getattr(Recipe(), field.name) for field in fields(Recipe)}
    if name not in known:
        raise ValueError(f"A recipe has no {name!r}; it has {', '.join(sorted(known))}")
    kind = type(known[name])
    try:
        if kind is bool:
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
        if kind is tuple:
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return tuple(parts) if name == "frozen" else tuple(float(part) for part in parts)
        return kind(text)
    except (KeyError, ValueError):
        raise ValueError(f"{name}={text} cannot be read as {kind.__name__}; the default is {known[name]}") from None


def recipe(name: str = "", **changes: Any) -> Recipe:
    """The recipe of that name (by default the mode's own) with some numbers changed.

    LookupError for an unknown name, ValueError for an unknown or impossible number; changes that are None are left out.
    """
    given = {key: value for key, value in changes.items() if value is not None}
    name = name or ("towers" if given.get("mode") == "towers" else "default")
    if name not in RECIPES:
        raise LookupError(f"There is no recipe {name!r}; there are {', '.join(RECIPES)}")
    known = {field.name for field in fields(Recipe)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"A recipe has no {unknown[0]!r}; it has {', '.join(sorted(known))}")
    return replace(RECIPES[name], **given)
