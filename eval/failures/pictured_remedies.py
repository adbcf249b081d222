"""What a correction would change where pictures ask: fitted to the catalogue's pictures, counted over their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.progress import Progress, silent
from eval import corrections
from eval.failures import pictured
from eval.failures.heard import Askers
from eval.failures.remedies import Remedy, compared
from eval.failures.scene import Scene

if TYPE_CHECKING:
    from eval.search import VectorSearcher


def remedies(
    scene: Scene, plain: VectorSearcher, asked: np.ndarray, progress: Progress = silent
) -> tuple[tuple[Remedy, ...], Askers | None]:
    """The plain ranking and every correction over the scene's gallery, and the lists asked by the catalogue's pictures.

    `asked` are the queries' unit rows (q, size). No item gets itself. Nothing in a catalogue of one picture.
    """
    matrix = np.asarray(plain.vectors.matrix)
    rows = corrections.sample(len(matrix))
    if len(rows) < 2:
        return (), None
    tried = [corrections.Correction(kind, matrix, matrix[rows], rows) for kind in corrections.KINDS]
    place = np.full(len(matrix), -1, np.int64)
    place[scene.rows] = np.arange(len(scene.rows))
    own = (scene.own, place[rows])
    found, lists = compared(scene, matrix, (asked, matrix[rows]), tried, own, progress)
    whole = pictured.categories(scene.catalogue)
    items = tuple(scene.catalogue.ids[row] for row in rows.tolist())
    return found, Askers(items, whole[rows], whole[scene.rows], lists)
