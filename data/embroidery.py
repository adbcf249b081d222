"""An embroidery: the needle's way in millimetres and its threads; written in the formats that machines sew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np

WRITABLE = ("PES", "DST", "EXP", "JEF", "VP3", "PEC", "XXX", "U01")
_SETTINGS = {"PES": {"version": 6}}  # the first that names its threads
_UNIT = 0.1  # millimetres, the step of nearly all formats
_TRIMMED = 3.0  # a jump of this many millimetres or more is cut


class Thread(NamedTuple):
    """A thread: what it is called, its colour (0–255 each), its number in its chart."""

    name: str
    rgb: tuple[int, int, int]
    code: str = ""


@dataclass(frozen=True, eq=False)
class Patch:
    """Cloth sewn on: rings in millimetres (even-odd), its colour, the needle point before which it is laid."""

    rings: tuple[np.ndarray, ...]
    rgb: tuple[int, int, int]
    at: int = 0


@dataclass(frozen=True, eq=False)
class Embroidery:
    """Every needle point in sewing order, y downwards; a stitch leads to each point that is no jump.

    `points` float32 (n, 2) in millimetres, `colour` int16 (n,) the row of `threads`, `jump` bool (n,): the point is
    reached without sewing. The first point is always a jump.
    """

    points: np.ndarray
    colour: np.ndarray
    jump: np.ndarray
    threads: tuple[Thread, ...]
    patches: tuple[Patch, ...] = ()

    @cached_property
    def stitches(self) -> int:
        """How many stitches are sewn; jumps do not count."""
        return int(np.count_nonzero(~self.jump))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of what is sewn, in millimetres; ValueError when nothing is."""
        ends = np.flatnonzero(~self.jump)
        if not len(ends):
            raise ValueError("This embroidery has no stitch, so it has no size")
        sewn = self.points[np.union1d(ends, ends - 1)]
        left, top = sewn.min(axis=0)
        right, bottom = sewn.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of what is sewn."""
        left, top, right, bottom = self.bounds
        return right - left, bottom - top

    @cached_property
    def used(self) -> tuple[Thread, ...]:
        """The different threads that sew something, in the order of `threads`."""
        rows = np.unique(self.colour[~self.jump])
        return tuple(dict.fromkeys(self.threads[row] for row in rows))

    @property
    def colours(self) -> int:
        """How many different threads sew something."""
        return len(self.used)

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each stretch of points in one colour."""
        edges = np.flatnonzero(np.diff(self.colour)) + 1
        return tuple(zip([0, *edges.tolist()], [*edges.tolist(), len(self.colour)], strict=True))


def written(embroidery: Embroidery, form: str) -> bytes:
    """The embroidery as a file of the format `form`, one of `WRITABLE`; LookupError for another.

    Points are rounded to 0.1 mm and the design is centred, as machines expect it.
    """
    import pystitch

    form = form.upper()
    if form not in WRITABLE:
        raise LookupError(f"{form!r} is no format that is written; there are {', '.join(WRITABLE)}")
    buffer = BytesIO()
    writer = getattr(pystitch, f"{form.capitalize()}Writer")
    pystitch.EmbPattern.write_embroidery(writer, _pattern(embroidery), buffer, _SETTINGS.get(form))
    return buffer.getvalue()


def _pattern(embroidery: Embroidery) -> Any:
    import pystitch

    left, top, right, bottom = embroidery.bounds
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    steps = np.rint((embroidery.points - centre) / _UNIT).astype(int)
    far = np.hypot(*np.diff(embroidery.points, axis=0, prepend=embroidery.points[:1]).T) >= _TRIMMED
    pattern = pystitch.EmbPattern()
    for start, end in embroidery.blocks:
        thread = embroidery.threads[embroidery.colour[start]]
        pattern.add_thread({"hex": f"#{bytes(thread.rgb).hex()}", "name": thread.name, "catalog": thread.code})
        if start:
            pattern.color_change()
        for (x, y), jump, trim in zip(
            steps[start:end].tolist(), embroidery.jump[start:end], far[start:end], strict=True
        ):
            if jump and trim:
                pattern.trim()
            pattern.add_stitch_absolute(pystitch.JUMP if jump else pystitch.STITCH, x, y)
    pattern.end()
    return pattern
