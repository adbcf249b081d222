"""A run that was asked with pictures: its space of vectors, and what is observed of each query beside the ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.judgments import PictureQuery, TextQuery
from data.progress import Progress, silent
from eval import spoken
from eval.failures import asking, looks
from eval.failures.looks import Look
from eval.failures.observed import Observed, Pictured
from eval.failures.scene import Scene
from eval.failures.space import Space, standing
from eval.search import VectorSearcher

if TYPE_CHECKING:
    from data.catalogue import Catalogue

CATEGORY = "category"


def queries(scene: Scene) -> list[PictureQuery]:
    """The scene's queries as they were asked: an item of the catalogue, or a kept file."""
    there = set(scene.catalogue.ids)
    return [
        PictureQuery(query, scene.texts[query], item=one) if one in there else
        PictureQuery(query, scene.texts[query], image=one)
        for query, one in ((query, scene.pictures[query]) for query in scene.queries)
    ]  # fmt: skip


@dataclass(frozen=True, eq=False)
class PictureSpace(Space):
    """A space that pictures ask in: an asking item is no candidate, and captions are asked by its own caption."""

    own: Mapping[str, int]  # query → place of the item that asks, −1 where none stands in the gallery
    said: Mapping[str, np.ndarray]  # query → the vector of the asking item's caption, where it has one

    def scores(self, query: str) -> np.ndarray:
        """Cosines of the asking picture to every picture of the gallery, float32 (n,), −2 to itself."""
        return self._without(query, super().scores(query))

    def standing(self, query: str) -> tuple[float, float]:
        """As `Space.standing`, the asking item left out."""
        found = super().scores(query)
        return standing(np.delete(found, self.own[query]) if self.own[query] >= 0 else found)

    def described(self, query: str) -> np.ndarray | None:
        """Cosines of the asking item's caption to every caption, float32 (n,), −2 to none and its own."""
        if self.captions is None or query not in self.said:
            return None
        found = np.where(self.silent, np.float32(-2), self.captions @ self.said[query])
        return self._without(query, found)

    def _without(self, query: str, scores: np.ndarray) -> np.ndarray:
        if self.own[query] >= 0:
            scores[self.own[query]] = -2
        return scores


def space(scene: Scene, plain: VectorSearcher, home: Path, progress: Progress = silent) -> tuple[Space, list[str]]:
    """The vectors of asking pictures, of the gallery, and of captions where the model reads them (noted if not)."""
    asked = queries(scene)
    rows = dict(zip(scene.queries, plain.asked(asked), strict=True))
    own = dict(zip(scene.queries, scene.own.tolist(), strict=True))
    pictures = np.asarray(plain.vectors.matrix[scene.rows])
    try:
        captions, _source = spoken.captions(scene.catalogue, plain.encoder)
        read = spoken.vectors(captions, plain.encoder, home, progress)
        silent_ = np.array([not captions[row] for row in scene.rows.tolist()])
        place = {item: row for row, item in enumerate(scene.catalogue.ids)}
        said = {q.id: read[place[q.item]] for q in asked if q.item and captions[place[q.item]]}
        return PictureSpace(scene, rows, pictures, read[scene.rows], silent_, own, said), []
    except LookupError:
        return PictureSpace(scene, rows, pictures, None, np.ones(len(pictures), bool), own, {}), ["no_captions"]


def by_titles(scene: Scene, depth: int) -> dict[str, np.ndarray]:
    """Query → places that BM25 finds by the words of the asking item, itself left out; only where an item asks."""
    named = [TextQuery(query.id, query.text) for query in queries(scene) if query.item and query.text.strip()]
    own = dict(zip(scene.queries, scene.own.tolist(), strict=True))
    found = asking.by_words(scene, named, depth + 1) if named else {}
    return {query: places[places != own[query]][:depth] for query, places in found.items()}


def categories(catalogue: Catalogue) -> np.ndarray:
    """The category of every item, object (n,); "" everywhere in a catalogue without any."""
    there = CATEGORY in catalogue.table.columns
    return np.array(list(catalogue.table[CATEGORY]) if there else [""] * len(catalogue), dtype=object)


def kinds(scene: Scene) -> tuple[np.ndarray, Counter[str]]:
    """The category of every place of the gallery, object (n,), and how many items each has."""
    values = categories(scene.catalogue)[scene.rows]
    return values, Counter(values.tolist())


def observed(
    scene: Scene, one: Observed, own: Look | None, seen: Mapping[int, Look], space_: Space | None,
    of_kind: tuple[np.ndarray, Counter[str]],
) -> Pictured:  # fmt: skip
    """What the asking picture, the results and the missed ones say of each other."""
    wrong, late = scene.wrong(one.query).tolist(), looks.missed(scene, one.query).tolist()
    relevant, values = scene.relevant[one.query], of_kind[0]
    judged = scene.judgments[one.query]
    kind, many = Counter(values[relevant].tolist()).most_common(1)[0] if len(relevant) else ("", 0)
    kind = kind if 2 * many > len(relevant) else ""
    found = Pictured(
        kind=str(kind), kindred=sum(values[place] == kind for place in wrong) if kind else 0,
        common=of_kind[1][kind] / len(scene.rows) if kind else 1.0, ahead=_ahead(scene, one.query, space_),
        missed=len(late),
    )  # fmt: skip
    if one.lost <= 0:
        return found
    right = [seen[place] for place in [*late, *scene.first(one.query).tolist()] if place in relevant]
    open_ = [place for place in wrong if scene.ids[place] not in judged]
    gaps = [place for place in open_ if any(seen[place].near(other) for other in right)]
    bare = [scene.ids[place] for place in late if seen[place].bare]
    found = replace(found, gaps=_ids(scene, gaps), bare=tuple(bare))
    return found if own is None else _beside(scene, found, own, seen, wrong, late)


def _beside(
    scene: Scene, found: Pictured, own: Look, seen: Mapping[int, Look], wrong: list[int], late: list[int]
) -> Pictured:
    """The results and the missed ones beside the asking picture."""
    shares = [share for place in late if (share := seen[place].filled)]
    calm = own.ground is not None
    return replace(
        found,
        lookalikes=_ids(scene, [place for place in wrong if own.near(seen[place])]),
        bare=("", *found.bare) if own.bare else found.bare,
        filled=own.filled,
        filled_missed=float(np.median(shares)) if shares else None,
        filled_alike=sum(own.framed_like(seen[place]) for place in wrong),
        ground_alike=sum(own.stands_on(seen[place]) for place in wrong),
        ground_missed=sum(own.stands_on(seen[place]) for place in late) if calm else None,
    )


def _ids(scene: Scene, places: list[int]) -> tuple[str, ...]:
    return tuple(scene.ids[place] for place in places)


def _ahead(scene: Scene, query: str, space_: Space | None) -> int | None:
    """How many items of the whole gallery are nearer than the nearest relevant one; None without vectors."""
    relevant = scene.relevant[query]
    if space_ is None or not len(relevant):
        return None
    scores = space_.scores(query)
    return int((scores > scores[relevant].max()).sum())
