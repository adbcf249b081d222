"""The figures of the 2025 embroidery report, query by query, to stand beside ours: facts, with their source."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

K = 5
FILE = Path(__file__).resolve().parent / "bundled" / "published.csv"
_TITLE = "«Поиск картинок вышивок по текстовому описанию с помощью общего пространства эмбедингов»"
SOURCE = {
    "en": f"{_TITLE}, HSE, 2025; numbers as the notebooks of github.com/anghol/cv-project print them",
    "ru": f"{_TITLE}, НИУ ВШЭ, 2025; числа — как их печатают ноутбуки github.com/anghol/cv-project",
}
GALLERY = 328  # pictures that were searched: only those judged relevant for some query, not the 21,126 of the shops
CATALOGUE = 21_126
# SHA-256 over the report's 335 judged pairs (query, item id): tells its own judgments from others for the same queries
JUDGMENTS = "7edbf30dff9bb503ff54b7210a68d63428f7aec271f83f014e84d95ece7f7e50"


@dataclass(frozen=True)
class Published:
    """One model of the report: hits among the first five of each query, and what it printed as «Cosine Sim».

    `match` is no cosine but the mean diagonal of softmax(exp(logit_scale) · I · Tᵀ) over the 328 pairs, so it depends
    on how many pairs there are; beside it only our `match_probability` over as many pairs can stand.
    """

    key: str
    title: str
    group: str  # "clip" | "ruclip"
    tuned: bool
    match: float
    hits: tuple[int, ...]  # in the order of `queries()`

    @property
    def precision(self) -> tuple[float, ...]:
        """P@5 of each query: hits / 5."""
        return tuple(hits / K for hits in self.hits)

    @property
    def recall(self) -> tuple[float, ...]:
        """R@5 of each query: hits / relevant."""
        return tuple(hits / query.relevant for hits, query in zip(self.hits, queries(), strict=True))

    @property
    def weights(self) -> str:
        """ "pretrained" or "tuned"."""
        return "tuned" if self.tuned else "pretrained"

    @property
    def means(self) -> dict[str, float]:
        """Mean P@5 and R@5 over the 24 queries, as the report's table has them."""
        count = len(self.hits)
        return {"P@5": sum(self.hits) / (K * count), "R@5": sum(self.recall) / count}


@dataclass(frozen=True)
class PublishedQuery:
    """A query of the report, by its number there, with how many pictures were judged relevant."""

    number: int
    text: str
    relevant: int


_MODELS = {
    "clip-pretrained": ("CLIP ViT-B/32", "clip", False, 0.0315),
    "clip-finetuned": ("CLIP ViT-B/32, fine-tuned in 2025", "clip", True, 0.0910),
    "ruclip-pretrained": ("ruCLIP ViT-B/32 224", "ruclip", False, 0.1874),
    "ruclip-finetuned": ("ruCLIP ViT-B/32 224, fine-tuned in 2025", "ruclip", True, 0.2305),
}
DIFFERS = {  # code → why a number of the report and one of ours are not the same measurement, in English and Russian
    "gallery": (
        "The report searched its 328 relevant pictures only; a search in a whole catalogue is harder.",
        "В отчёте искали только среди 328 релевантных картинок; искать во всём каталоге труднее.",
    ),
    "pictures": (
        "The report's pictures are photographs and previews of two shops; the bundled catalogue is drawn.",
        "В отчёте фотографии и превью двух магазинов; встроенный каталог нарисован.",
    ),
    "weights": (
        "The report ran CLIP and ruCLIP of 150 million weights; the bundled models are 20 to 50 times smaller.",
        "В отчёте CLIP и ruCLIP на 150 миллионов весов; встроенные модели в 20–50 раз меньше.",
    ),
    "judges": (
        "Candidates for judging were the top 15 of ruCLIP and a sentence model: one of those compared chose them.",
        "Кандидатов на разметку отбирали ruCLIP и текстовая модель: одна из сравниваемых участвовала в отборе.",
    ),
    "schedule": (
        "The report's learning rate watched the loss on the test pictures; ours watches a validation part.",
        "В отчёте шаг обучения следил за ошибкой на тесте; у нас за ней следят на отложенной части.",
    ),
}


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    with open(FILE, encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@lru_cache(maxsize=1)
def queries() -> tuple[PublishedQuery, ...]:
    """The 24 queries in the report's order."""
    return tuple(PublishedQuery(int(row["number"]), row["query"], int(row["relevant"])) for row in _rows())


@lru_cache(maxsize=1)
def models() -> tuple[Published, ...]:
    """The four models in the report's order: CLIP, CLIP fine-tuned, ruCLIP, ruCLIP fine-tuned."""
    return tuple(Published(key, *about, tuple(int(row[key]) for row in _rows())) for key, about in _MODELS.items())


def model(key: str) -> Published:
    """The model of that key; LookupError names the four."""
    for one in models():
        if one.key == key:
            return one
    raise LookupError(f"The report has no model {key!r}; it has {', '.join(_MODELS)}")


def matched(texts: Mapping[str, str]) -> dict[str, PublishedQuery]:
    """Query id → the report's query of the same words, when `texts` (id → text) are its 24 queries; {} when not.

    Letter case, spaces and ё for е do not count.
    """
    known = {_plain(query.text): query for query in queries()}
    found = {query_id: known[_plain(text)] for query_id, text in texts.items() if _plain(text) in known}
    return found if len(found) == len(texts) and len(set(found.values())) == len(known) else {}


def own_judgments(texts: Mapping[str, str], relevant: Mapping[str, Collection[str]]) -> bool:
    """True when these are the report's own judgments, item by item: query id → text, query id → relevant items."""
    pairs = sorted(f"{_plain(texts[query_id])}\t{item}" for query_id in matched(texts) for item in relevant[query_id])
    return hashlib.sha256("\n".join(pairs).encode("utf-8")).hexdigest() == JUDGMENTS


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())
