"""Finds model families, indexes and tasks by what their files declare; a new kind is a new file and nothing else."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from data.errors import Unavailable
from data.progress import Progress, silent
from eval import tuned
from eval.contracts import PRECISIONS, Encoder, Index, KnownModel, ModelSpec, Searcher
from eval.digests import file_state

if TYPE_CHECKING:
    from data.catalogue import Catalogue


@cache
def _found(package: str, declares: str) -> dict[str, ModuleType]:
    """Name → module for every file of `package` that declares `declares` (which has a `name`)."""
    home = importlib.import_module(package)
    names = sorted(found.name for found in pkgutil.iter_modules(home.__path__, package + "."))
    modules = [importlib.import_module(name) for name in names]
    return {getattr(module, declares).name: module for module in modules if hasattr(module, declares)}


def _named(kinds: dict[str, ModuleType], name: str, what: str) -> ModuleType:
    if name in kinds:
        return kinds[name]
    raise LookupError(f"There is no {what} {name!r}{meant(name, kinds)}; there are {', '.join(sorted(kinds))}")


def meant(name: str, known: Iterable[str]) -> str:
    """` (did you mean X?)` when something known is close to `name`, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def families() -> dict[str, ModuleType]:
    """Family name → the file of `eval/models` that declares it as `FAMILY`."""
    return _found("eval.models", "FAMILY")


def indexes() -> dict[str, ModuleType]:
    """Index name → the file of `eval/indexes` that declares it as `INDEX` and has `make() -> Index`."""
    return _found("eval.indexes", "INDEX")


def tasks() -> dict[str, ModuleType]:
    """Task name → the file of `eval/tasks` that declares it as `TASK`."""
    return _found("eval.tasks", "TASK")


def family(name: str) -> ModuleType:
    """The file of that family; LookupError names those there are."""
    return _named(families(), name, "model family")


def index(name: str) -> Index:
    """A new, empty index of that kind; LookupError names those there are."""
    made: Index = _named(indexes(), name, "index").make()
    return made


def task(name: str) -> ModuleType:
    """The file of that task; LookupError names those there are."""
    return _named(tasks(), name, "task")


def models(home: Path) -> list[KnownModel]:
    """Every model one can choose: within a group those on this machine first, then as their family lists them."""
    known = [model for module in families().values() for model in module.known(home)]
    known += tuned.known(home, known)
    groups = list(dict.fromkeys(model.group for model in known))
    return sorted(known, key=lambda model: (groups.index(model.group), not model.here))


def lexical(spec: ModelSpec) -> bool:
    """True for a family that searches words and has no vectors; LookupError for an unknown family."""
    return bool(family(spec.family).FAMILY.kind == "lexical")


def load(spec: ModelSpec, home: Path, precision: str = "fp32") -> Encoder:
    """Load the encoder of `spec` from `home` or the usual caches.

    LookupError for an unknown family or checkpoint and for a lexical family, ValueError for an unknown precision,
    Unavailable when the weights are not on this machine.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"There is no precision {precision!r}; there are {', '.join(PRECISIONS)}")
    if lexical(spec):
        raise LookupError(f"{spec} searches words and has no vectors; choose an encoder: {_listed('encoder')}")
    encoder: Encoder = family(spec.family).load(spec, home, precision)
    return encoder


def state(spec: ModelSpec, home: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Which files `load` would read for `spec` now, with their sizes and times of change; they are not read.

    Other files, other state: an encoder that is kept in memory is loaded anew then. Raises what finding them raises.
    """
    module = family(spec.family)
    if not hasattr(module, "files"):
        return ()
    return tuple(file_state(path) for path in [*module.files(spec, home), *tuned.files(spec, home)])


def words(spec: ModelSpec, catalogue: Catalogue) -> Searcher:
    """The searcher of a lexical family over `catalogue`; LookupError for a family that needs an encoder."""
    if not lexical(spec):
        raise LookupError(f"{spec} is an encoder, not a lexical model; lexical are {_listed('lexical')}")
    if spec.head:
        raise ValueError(f"{spec}: a lexical model takes no head; write {ModelSpec(spec.family, spec.checkpoint)}")
    searcher: Searcher = family(spec.family).lexical(spec, catalogue)
    return searcher


def _listed(kind: str) -> str:
    return ", ".join(sorted(name for name, module in families().items() if module.FAMILY.kind == kind)) or "none"


def fetch(spec: ModelSpec, home: Path, progress: Progress = silent) -> Path:
    """Download the weights of a published model and say where they lie; Unavailable for a family without downloads."""
    module = family(spec.family)
    if not hasattr(module, "fetch"):
        raise Unavailable(f"{spec} has nothing to download.", "See `uzor models` for where its weights are looked for.")
    where: Path = module.fetch(spec, home, progress)
    return where
