"""How pictures look by themselves, without a model: near copies, the ground they stand on, the object's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data import likeness, picture_files
from data.judgments import PictureQuery
from data.progress import Progress, silent
from data.untrusted import open_picture
from eval import objects
from eval.failures.scene import Scene

if TYPE_CHECKING:
    from PIL import Image

SAME_GROUND = 2 * objects.CALM  # levels that two grounds differ by at most
ALIKE = 1.5  # times that the object takes more of one picture than of another, at most, where both are framed alike


@dataclass(frozen=True, eq=False)
class Look:
    """One picture: its difference hash uint64 (4,), the colour of a calm ground, the object's share of the area."""

    bits: np.ndarray
    ground: np.ndarray | None
    filled: float | None

    @property
    def bare(self) -> bool:
        """True where no cell differs from its neighbour: one colour, or a plain gradient."""
        return not np.bitwise_count(self.bits).sum()

    def near(self, other: Look) -> bool:
        """True when both show nearly the same."""
        apart = int(np.bitwise_count(self.bits ^ other.bits).sum())
        return not self.bare and not other.bare and apart <= likeness.NEAR

    def stands_on(self, other: Look) -> bool:
        """True when both have a calm ground of one colour."""
        if self.ground is None or other.ground is None:
            return False
        return float(np.abs(self.ground - other.ground).max()) <= SAME_GROUND

    def framed_like(self, other: Look) -> bool:
        """True when the object takes about as much of both."""
        if not self.filled or not other.filled:
            return False
        return max(self.filled, other.filled) <= ALIKE * min(self.filled, other.filled)


def look(picture: Image.Image) -> Look:
    """Look at one picture."""
    ground = objects.ground(picture)
    box = objects.standing_out(picture) if ground is not None else None
    return Look(likeness.marks(picture), ground, box.box.area if box else None)


def looks(scene: Scene, progress: Progress = silent) -> dict[int, Look]:
    """Place → look, for the first k and the relevant items of every query that lost something."""
    wanted = {int(place) for query in scene.queries for place in scene.first(query)}
    for query in scene.queries:
        if scene.counted(query).lost > 0:
            wanted |= {int(place) for place in missed(scene, query)}
    found, digests = {}, scene.catalogue.table["sha256"].to_numpy()
    known: dict[str, Look] = {}  # equal pictures are looked at once
    for number, place in enumerate(sorted(wanted)):
        progress(number, len(wanted), "likeness")
        digest = str(digests[scene.rows[place]])
        if digest not in known:
            known[digest] = look(_thumbnail(scene, scene.ids[place]))
        found[place] = known[digest]
    return found


def missed(scene: Scene, query: str) -> np.ndarray:
    """Places of the relevant items outside the first k, the best ones first, as many as the first k could hold."""
    late = scene.relevant[query][~np.isin(scene.relevant[query], scene.first(query))]
    ranks = {int(place): rank for rank, place in enumerate(scene.ranked[query])}
    return np.array(sorted(late.tolist(), key=lambda place: ranks.get(place, len(ranks)))[: scene.k], np.int64)


def asking(scene: Scene, home: Path) -> dict[str, Look]:
    """Query → the look of the picture that asks; those whose file is gone or damaged are left out."""
    found: dict[str, Look] = {}
    there = set(scene.catalogue.ids)
    for query, one in scene.pictures.items():
        try:
            item = one in there
            query_of = PictureQuery(query, "", image=one)
            found[query] = look(_thumbnail(scene, one) if item else picture_files.opened(home, query_of))
        except (ValueError, OSError):
            continue
    return found


def _thumbnail(scene: Scene, item: str) -> Image.Image:
    path = scene.catalogue.thumbnail(item)
    return open_picture(path).picture if path.is_file() else scene.catalogue.picture(item)


def hashes(found: Mapping[int, Look]) -> dict[int, np.ndarray]:
    """Place → difference hash."""
    return {place: one.bits for place, one in found.items()}
