"""Surfaces cut into parallel rows and rows joined into sections: what every kind of filling starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin

import numpy as np

_STRAIGHT = 4.0  # mm: an edge is bent in pieces of this length


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a surface in a frame of its own: row number, left and right end, height; all (n,), from top to bottom.

    `back` takes points of that frame to millimetres.
    """

    number: np.ndarray
    left: np.ndarray
    right: np.ndarray
    height: np.ndarray
    angle: float
    bow: float
    middle: float  # where the bow's top is, along the rows

    def back(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Points of the rows' frame as float64 (n, 2) in millimetres."""
        y = y + self.bow * (x - self.middle) ** 2
        return np.column_stack((x * cos(self.angle) - y * sin(self.angle), x * sin(self.angle) + y * cos(self.angle)))


def rows(rings: Sequence[np.ndarray], angle: float, spacing: float, bow: float = 0.0) -> Rows:
    """Rows `spacing` apart, running at `angle` (radians), inside the rings (even-odd).

    With a `bow` (1/mm) the rows are parabolas: y grows by bow · (x - middle)². Rows of no length are left out.
    """
    start, end, middle = _edges(rings, angle, bow)
    flat = start[:, 1] == end[:, 1]
    start, end = start[~flat], end[~flat]
    down = (start[:, 1] < end[:, 1])[:, None]
    upper, lower = np.where(down, start, end), np.where(down, end, start)
    first = np.ceil(upper[:, 1] / spacing - 0.5).astype(np.int64)
    count = np.ceil(lower[:, 1] / spacing - 0.5).astype(np.int64) - first
    edge = np.repeat(np.arange(len(first)), count)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (lower[:, 0] - upper[:, 0]) / (lower[:, 1] - upper[:, 1])
    height = (number + 0.5) * spacing
    x = upper[edge, 0] + (height - upper[edge, 1]) * slope[edge]
    order = np.lexsort((x, number))
    number, x, height = number[order], x[order], height[order]
    left, right = x[0::2], x[1::2]
    whole = right - left > 1e-6
    return Rows(number[0::2][whole], left[whole], right[whole], height[0::2][whole], angle, bow, middle)


def _edges(rings: Sequence[np.ndarray], angle: float, bow: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Starts and ends of all edges in the rows' frame, and the middle of the surface along the rows."""
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    starts, ends = [], []
    frame = [(refined(ring, _STRAIGHT) if bow else ring) @ turn for ring in rings]
    middle = float(max(ring[:, 0].max() for ring in frame) + min(ring[:, 0].min() for ring in frame)) / 2
    for turned in frame:
        turned[:, 1] -= bow * (turned[:, 0] - middle) ** 2
        starts.append(turned)
        ends.append(np.roll(turned, -1, axis=0))
    return np.concatenate(starts), np.concatenate(ends), middle


def refined(ring: np.ndarray, longest: float) -> np.ndarray:
    """The ring with points put on edges longer than `longest`, so that they can be bent."""
    edge = np.roll(ring, -1, axis=0) - ring
    parts = np.maximum(np.ceil(np.hypot(edge[:, 0], edge[:, 1]) / longest), 1).astype(np.int64)
    which = np.repeat(np.arange(len(ring)), parts)
    share = (np.arange(len(which)) - (np.cumsum(parts) - parts)[which]) / parts[which]
    return ring[which] + edge[which] * share[:, None]


def sections(found: Rows) -> list[np.ndarray]:
    """Rows grouped so that each group can be sewn to and fro without leaving the surface: indices, top to bottom.

    A group ends where the surface splits or joins.
    """
    if not len(found.number):
        return []
    if np.all(np.diff(found.number) == 1):
        return [np.arange(len(found.number))]
    groups: list[list[int]] = []
    above: list[tuple[int, int]] = []  # (row index, group) of the row before
    edges = np.flatnonzero(np.diff(found.number)) + 1
    left, right, number = found.left.tolist(), found.right.tolist(), found.number.tolist()
    before = number[0] - 2
    for start, end in zip([0, *edges.tolist()], [*edges.tolist(), len(number)], strict=True):
        if number[start] != before + 1:
            above = []
        before = number[start]
        above = _joined(range(start, end), above, left, right, groups)
    return [np.array(group) for group in groups]


def _joined(row: Sequence[int], above: list[tuple[int, int]], left: list[float], right: list[float],
            groups: list[list[int]]) -> list[tuple[int, int]]:  # fmt: skip
    """Give each piece of a row the group of the one piece above it that it alone touches, else a new group."""
    touching = {piece: [at for at, (up, _) in enumerate(above) if left[up] < right[piece] and left[piece] < right[up]]
                for piece in row}  # fmt: skip
    taken = [at for found in touching.values() for at in found]
    result = []
    for piece, found in touching.items():
        if len(found) == 1 and taken.count(found[0]) == 1:
            group = above[found[0]][1]
        else:
            group = len(groups)
            groups.append([])
        groups[group].append(piece)
        result.append((piece, group))
    return result


def principal(ring: np.ndarray) -> float:
    """The direction (radians) in which a ring is longest, its edges counted by their length."""
    edges = np.roll(ring, -1, axis=0) - ring
    weight = np.hypot(edges[:, 0], edges[:, 1])
    middle = ring + edges / 2
    centre = (middle * weight[:, None]).sum(axis=0) / max(weight.sum(), 1e-9)
    x, y = (middle - centre).T
    xx, yy, xy = (weight * x * x).sum(), (weight * y * y).sum(), (weight * x * y).sum()
    return float(0.5 * np.arctan2(2 * xy, xx - yy))


def area(rings: Sequence[np.ndarray]) -> float:
    """The area of the outermost ring, by the shoelace formula; holes are not taken off."""
    sizes = []
    for ring in rings:
        x, y = ring.T
        sizes.append(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
    return float(max(sizes))
