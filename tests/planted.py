"""A small world in which queries fail on purpose: one for every cause, built by hand from vectors, words, copies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tiny_worlds

from data.catalogue import Catalogue
from data.judgments import QuerySet, TextQuery
from eval.contracts import ModelSpec, Vectors
from eval.search import VectorSearcher

SIZE, K, FILLERS = 96, 5, 90
CAUSES = {  # query → the cause that is planted; hubs and unread words need several queries
    "лиса": "label_gap", "яблоко": "unread", "ключ": "unread", "стол": "unread", "река": "unread",
    "маяк": "crowding", "ракета": "hub", "якорь": "hub", "корона": "hub", "гитара": "hub",
    "красный кит": "attribute", "лук": "ambiguous", "ёж": "near_miss", "сова": "text", "пчела": "picture",
    "уют": "abstract", "роза": "found", "кот": "found", "дом": "found", "море": "found",
}  # fmt: skip


class Dictionary:
    """An encoder that knows the vectors of some texts; any other text gets one drawn from its own hash."""

    spec, precision, reads_text, size = ModelSpec("planted"), "fp32", True, SIZE

    def __init__(self, known: dict[str, np.ndarray]) -> None:
        self.known = known
        self.fingerprint = hashlib.sha256(repr(sorted(known)).encode()).hexdigest()

    def texts(self, words: list[str]) -> np.ndarray:
        return np.stack([self.known.get(text, drawn(text)) for text in words]).astype(np.float32)

    def truncated(self, text: str) -> bool:
        return False


def drawn(text: str) -> np.ndarray:
    """A unit vector without a part along the queries' own directions."""
    row = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")).normal(size=SIZE)
    row[: len(CAUSES)] *= 0.05
    return row / np.linalg.norm(row)


def axis(number: int) -> np.ndarray:
    return np.eye(SIZE)[number]


def near(direction: np.ndarray, cosine: float, name: str) -> np.ndarray:
    """A unit vector at that cosine to the unit vector `direction`, the rest drawn for `name`."""
    rest = drawn(name)
    rest -= (rest @ direction) * direction
    rest /= np.linalg.norm(rest)
    return cosine * direction + np.sqrt(1 - cosine**2) * rest


@dataclass
class World:
    """What has been planted so far."""

    titles: list[str] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
    judged: dict[str, dict[str, int]] = field(default_factory=dict)
    known: dict[str, np.ndarray] = field(default_factory=dict)

    def item(self, title: str, row: np.ndarray, seed: int | None = None) -> str:
        name = f"i{len(self.titles):03d}"
        self.titles.append(f"{title} {name}")
        self.seeds.append(len(self.titles) if seed is None else seed)
        self.rows.append(row)
        return name

    def several(self, count: int, title: str, direction: np.ndarray, cosine: float) -> list[str]:
        start = len(self.titles)
        return [self.item(title, near(direction, cosine - 0.004 * i, f"{title} {start + i}")) for i in range(count)]

    def judge(self, query: str, right: list[str], wrong: list[str] = ()) -> None:  # type: ignore[assignment]
        self.judged[query] = {item: 1 for item in right} | {item: 0 for item in wrong}


def grown() -> World:
    """Every case of CAUSES."""
    world = World()
    at = {query: axis(number) for number, query in enumerate(CAUSES)}
    world.known |= at
    away = lambda count, title, query: world.several(count, title, at[query], -0.3)  # noqa: E731
    for query in ("роза", "кот", "дом", "море"):
        world.judge(query, world.several(6, query, at[query], 0.8))
    world.several(5, "лиса", at["лиса"], 0.9)  # as good as the judged ones, and nobody judged them
    world.judge("лиса", world.several(6, "лиса", at["лиса"], 0.5))
    blurred = ("яблоко", "ключ", "стол", "река")  # one blur to the model, which shows all of them the same
    middle = sum(at[query] for query in blurred) / 2
    mud = world.several(5, "пятно", middle, 0.95)
    for query in blurred:
        world.known[query] = near(middle, 0.99, query)
        world.judge(query, away(6, "вещь", query), mud)
    copy = near(at["маяк"], 0.9, "copy")
    world.judge("маяк", away(6, "башня", "маяк"), [world.item("берег", copy, seed=7000) for _ in range(5)])
    hubs = ("ракета", "якорь", "корона", "гитара")
    middle = sum(at[query] for query in hubs) / 2
    everywhere = world.several(5, "узор", middle, 0.95)
    for query in hubs:
        world.judge(query, away(6, "предмет", query), everywhere)
    world.known["кит"] = at["красный кит"]
    world.judge(
        "красный кит", away(6, "красный кит", "красный кит"), world.several(5, "синий кит", at["красный кит"], 0.9)
    )
    arrows, onion = near(at["лук"], 0.62, "стрелы"), near(at["лук"], 0.52, "овощ")
    wrong = world.several(24, "лук стрелы", arrows, 0.9)
    world.judge("лук", world.several(24, "лук овощ", onion, 0.9)[:6], wrong)
    wrong = world.several(5, "клубок", at["ёж"], 0.9)
    world.judge("ёж", world.several(6, "зверь", at["ёж"], 0.7), wrong)
    world.judge("сова", away(6, "сова", "сова"), world.several(5, "ветка", at["сова"], 0.8))
    right = away(6, "насекомое", "пчела")
    world.known |= {title: at["пчела"] for title in world.titles if title.startswith("насекомое")}
    world.judge("пчела", right, world.several(5, "полоски", at["пчела"], 0.8))
    world.known["уют"] = drawn("уют и покой")
    world.judge("уют", [world.item("плед", drawn(f"плед {i}")) for i in range(3)])
    for number in range(FILLERS):
        world.item("узорчатый край", drawn(f"край {number}"))
    return world


def scene(root: Path) -> tuple[Catalogue, QuerySet, VectorSearcher]:
    """The planted world as a catalogue on the disk, its query set, and a searcher over its vectors."""
    world = grown()
    catalogue = tiny_worlds.catalogue(root, world.seeds, "planted", {"title": world.titles})
    ids = {query: str(number) for number, query in enumerate(CAUSES)}
    queries = tuple(TextQuery(number, query) for query, number in ids.items())
    judged = {ids[query]: items for query, items in world.judged.items()}
    encoder = Dictionary(world.known)
    matrix = np.stack(world.rows).astype(np.float32)
    vectors = Vectors(matrix, catalogue.ids, "planted", encoder.fingerprint, catalogue.fingerprint)
    return catalogue, QuerySet("planted", "1", "planted", queries, judged), VectorSearcher(encoder, vectors)  # type: ignore[arg-type]
