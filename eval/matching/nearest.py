"""The nearest pairs out of all that are shown, kept in bounded memory in an order that ties cannot upset."""

from __future__ import annotations

import numpy as np

from eval.matching.scale import bins, threshold


class Nearest:
    """A buffer of at most `keep` nearest pairs out of all that are shown to it."""

    def __init__(self, keep: int) -> None:
        if keep < 1:
            raise ValueError(f"At least one pair has to be kept; {keep} were asked for")
        self.keep, self.floor, self.complete = keep, np.float32(-np.inf), -1.0
        self.parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.size = 0

    def take(self, block: np.ndarray, rows: np.ndarray) -> None:
        """Look at a block of cosines of those left rows; −inf stands for no pair."""
        lines, columns = np.nonzero(block > self.floor)
        if len(lines):
            self.parts.append((rows[lines].astype(np.int32), columns.astype(np.int32), block[lines, columns]))
            self.size += len(lines)
        if self.size > 2 * self.keep:
            self._cut()

    def _cut(self) -> None:
        """Leave the nearest `keep`, by their rows where equal, and remember what can no longer be complete."""
        left, right, cosine = self._joined()
        if len(cosine) > self.keep:
            line = np.partition(cosine, len(cosine) - self.keep)[len(cosine) - self.keep]
            above = np.flatnonzero(cosine > line)
            tied = np.flatnonzero(cosine == line)
            room = self.keep - len(above)
            tied_kept = tied[np.lexsort((right[tied], left[tied]))[:room]]
            kept = np.concatenate([above, tied_kept])
            dropped = line if room < len(tied) else cosine[cosine < line].max()
            self.complete = max(self.complete, float(threshold(bins(np.array([dropped], np.float32))[0] + 1)))
            left, right, cosine = left[kept], right[kept], cosine[kept]
            self.floor = max(self.floor, np.nextafter(np.float32(line), np.float32(-2)))
        self.parts, self.size = [(left, right, cosine)], len(cosine)

    def _joined(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if not self.parts:
            return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)
        left, right, cosine = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return left, right, cosine

    def sorted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The kept pairs: left rows, right rows, cosines; nearest first."""
        self._cut()
        left, right, cosine = self._joined()
        order = np.lexsort((right, left, -cosine))
        return left[order], right[order], cosine[order]
