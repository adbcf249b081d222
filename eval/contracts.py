"""The shapes that meet in the bench: specs, encoders, indexes, searchers, rankings; no work is done here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from data.queries import Query

PRECISIONS = ("fp32", "bf16")
HEAD_NAME = r"(?!.*\.(?:pt|pth|bin|safetensors)$)[\w.-]+"  # no slash: what follows the last + of a path is no head


@dataclass(frozen=True)
class ModelSpec:
    """Which model: `family:checkpoint`, with `+head` for projection heads tuned over it.

    `str(ModelSpec("openclip", "ViT-B-32/openai", "heads-2026-11")) == "openclip:ViT-B-32/openai+heads-2026-11"`.
    A family without checkpoints (`bm25`, `chance`) has an empty one.
    """

    family: str
    checkpoint: str = ""
    head: str = ""

    @classmethod
    def parse(cls, text: str) -> ModelSpec:
        """Read `family[:checkpoint][+head]`; a path in the checkpoint may hold colons and plus signs.

        A head is one word without a slash that is no file of weights. ValueError when there is no family.
        """
        family, _, rest = text.strip().partition(":")
        if not family:
            raise ValueError(
                f"Model {text!r} names no family; write family:checkpoint, e.g. ruclip:bundled/mini-ruclip"
            )
        checkpoint, plus, head = rest.rpartition("+")
        if not plus or not re.fullmatch(HEAD_NAME, head):
            checkpoint, head = rest, ""
        return cls(family, checkpoint, head)

    def __str__(self) -> str:
        return self.family + (f":{self.checkpoint}" if self.checkpoint else "") + (f"+{self.head}" if self.head else "")


@dataclass(frozen=True)
class KnownModel:
    """One line of the model picker: a spec somebody can choose, and whether its weights are on this machine."""

    spec: ModelSpec
    title: str  # as shown: "ruCLIP ViT-B/32 384", "mini-ruclip (small bundled model)"
    group: str  # "clip" | "ruclip" | "pictures" | "other"
    tuned: bool  # fine-tuned rather than pretrained
    here: bool  # weights are on this machine
    where: str  # the file or folder that is used, or where weights are looked for
    remedy: str = ""  # when not here: the command or action that brings it
    bundled: bool = False  # a small model that ships with Uzor
    fetch: str = ""  # the published spec to download when its weights (or, tuned, its base's) are not here
    reads_text: bool = True  # False: sees pictures only, so it is not offered where words are asked


@dataclass(frozen=True)
class Family:
    """What a file of `eval/models` declares as `FAMILY`.

    The file also has `known(home: Path) -> list[KnownModel]` (cheap: no torch) and one of
    `load(spec: ModelSpec, home: Path, precision: str) -> Encoder` or
    `lexical(spec: ModelSpec, catalogue: Catalogue) -> Searcher`; `home` is the workspace folder, `home / "models"`
    holds what the user dropped there. A family that reads files also has `files(spec: ModelSpec, home: Path) ->
    Sequence[Path]`, all that `load` reads for that spec (cheap: no torch), so that changed ones are read again.
    """

    name: str
    says: str  # one English sentence for `uzor models` and the docs
    kind: str = "encoder"  # "encoder" (has load) | "lexical" (has lexical)


@dataclass(frozen=True)
class IndexInfo:
    """What a file of `eval/indexes` declares as `INDEX`; the file also has `make() -> Index`."""

    name: str
    says: str  # one English sentence


@dataclass(frozen=True)
class TaskInfo:
    """What a file of `eval/tasks` declares as `TASK`; the file also has `evaluate(…)` and `scores(…)` of its result."""

    name: str
    says: str  # one English sentence


@runtime_checkable
class Encoder(Protocol):
    """Turns pictures and words into unit rows of one space; deterministic, in eval mode, without gradients."""

    spec: ModelSpec
    fingerprint: str  # sha256 hex over weights, tokenizer, preprocessing, precision: same fingerprint, same vectors
    size: int  # columns of a vector
    reads_text: bool
    precision: str  # "fp32" | "bf16"

    def prepare(self, picture: Image.Image) -> np.ndarray:
        """One RGB picture → float32 of one shape, (3, H, W) for a network; the model's own way; thread-safe."""

    def encode(self, prepared: np.ndarray) -> np.ndarray:
        """Prepared pictures float32 (n, …) → unit rows float32 (n, size); thread-safe."""

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Pictures → unit rows float32 (n, size): `encode` of the stacked `prepare`d pictures."""

    def texts(self, words: Sequence[str]) -> np.ndarray:
        """Texts → unit rows float32 (n, size); LookupError where `reads_text` is False."""

    def truncated(self, text: str) -> bool:
        """True when the model reads only the beginning of `text` (its context is shorter)."""


@dataclass(frozen=True)
class Vectors:
    """A catalogue seen by one encoder: row i belongs to catalogue item i."""

    matrix: np.ndarray  # float32 (n, size), unit rows, read-only (memory-mapped)
    ids: tuple[str, ...]
    key: str  # content key: encoder fingerprint × catalogue fingerprint × precision
    encoder: str  # encoder fingerprint
    catalogue: str  # catalogue fingerprint


class Index(Protocol):
    """Inner-product search over unit rows; immutable once `add` has been called; answers rows, never ids."""

    def add(self, matrix: np.ndarray) -> None:
        """Take float32 (n, size). Called once; ValueError on a second call, a wrong shape or non-finite rows."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that searching takes, every copy of the rows counted."""

    def search(self, matrix: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Queries float32 (q, size) → scores float32 (q, m) and rows int64 (q, m), m = min(k, n).

        Scores fall; ties go to the smaller row. ValueError when sizes differ, k < 1, or a query is not finite.
        """


@dataclass(frozen=True)
class Ranking:
    """What one query got: item ids, best first, and their scores (higher is better, ties in catalogue order)."""

    query: str
    items: tuple[str, ...]
    scores: tuple[float, ...]


class Searcher(Protocol):
    """The seam of search: dense or lexical, local or remote."""

    spec: ModelSpec
    fingerprint: str
    settings: Mapping[str, Any]  # what a run has to record: index, precision, fields …
    fingerprints: Mapping[str, str]  # of the parts: encoder, vectors …

    def search(self, queries: Sequence[Query], k: int, rows: np.ndarray | None = None) -> list[Ranking]:
        """Best `k` items for each query, only among the catalogue `rows` (int64, ascending) when given.

        The item whose picture is asked with is left out by its id. LookupError for a kind of query it cannot take.
        A lexical searcher leaves out items that share no word with the query; rankings may be shorter than `k`.
        """

    def truncated(self, text: str) -> bool:
        """True when only the beginning of `text` is read."""

    def facts(self, queries: Sequence[Query], relevant: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """What this searcher can say of the correct pairs (query id → relevant item ids); empty when nothing."""


@dataclass(frozen=True)
class Run:
    """One evaluation: rankings with everything needed to know what they came from. Scores are computed from it."""

    id: str
    made: str  # UTC ISO 8601, a label; order is by the store's sequence
    task: str
    spec: str
    catalogue: str  # name
    query_set: str  # name
    rankings: tuple[Ranking, ...]
    settings: dict[str, Any] = field(default_factory=dict)  # k, pool, where, depth, precision, index, seed, size
    fingerprints: dict[str, str] = field(default_factory=dict)  # catalogue, query_set, encoder, vectors
    environment: dict[str, str] = field(default_factory=dict)  # python, platform, library versions
    facts: dict[str, Any] = field(default_factory=dict)  # relevant per query, unknown judgments, cosine of pairs …
    seconds: float = 0.0
