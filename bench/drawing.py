"""How long does a design take from its shapes to a picture on the disk, against drawing its stitches one by one?"""

from __future__ import annotations

from io import BytesIO

import numpy as np

from bench import timing

DESIGNS, REPEATS, PIXELS = 24, 3, 256


def _flower(seed: int, mm: float = 45.0):  # type: ignore[no-untyped-def]
    """Petals, a middle, leaves and a stem about `2 · mm` across, a little different every time."""
    from data.demo.shapes import Shape

    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    oval = np.column_stack((np.cos(turn), np.sin(turn)))
    shapes = []
    for petal in np.linspace(0, 2 * np.pi, int(rng.integers(5, 9)), endpoint=False):
        spin = np.array([[np.cos(petal), np.sin(petal)], [-np.sin(petal), np.cos(petal)]])
        shapes.append(Shape(((oval * (12, 8) + (18, 0)) @ spin - (0, 12),), True, 0.0, "main"))
    shapes.append(Shape((oval * 8 - (0, 12),), True, 0.0, "accent"))
    shapes.append(Shape((np.array([[0.0, 6.0], [2.0, mm]]),), False, 4.0, "second"))
    shapes += [Shape((oval * (13, 5) + (side * 15, 30),), True, 0.0, "second") for side in (-1, 1)]
    return tuple(shapes)


def measure() -> str:
    """`DESIGNS` designs in all styles, one thread: the naive way of drawing, then Uzor's steps alone and together."""
    from PIL import Image, ImageDraw

    from data.demo.stitching import STYLES, sewn
    from data.rendering import render
    from data.threads import thread

    palette = {"main": thread("poppy"), "second": thread("leaf"), "accent": thread("sun")}
    jobs = [(_flower(number), list(STYLES)[number % len(STYLES)], number) for number in range(DESIGNS)]
    designs = [sewn(shapes, palette, style, seed) for shapes, style, seed in jobs]
    pictures = [render(design, PIXELS, "white linen", "photo", at) for at, design in enumerate(designs)]

    def naive() -> None:
        for design in designs:
            canvas = Image.new("RGB", (2 * PIXELS, 2 * PIXELS), "white")
            draw = ImageDraw.Draw(canvas)
            left, top, right, bottom = design.bounds
            points = (design.points - (left, top)) * (2 * PIXELS / max(right - left, bottom - top))
            for at in np.flatnonzero(~design.jump):
                one, other = tuple(points[at - 1].tolist()), tuple(points[at].tolist())
                rgb = design.threads[design.colour[at]].rgb
                draw.line([one, other], fill=tuple(int(value * 0.7) for value in rgb), width=3)
                draw.line([one, other], fill=rgb, width=1)
            canvas.resize((PIXELS, PIXELS), Image.Resampling.BOX)

    def rendering() -> None:
        for at, design in enumerate(designs):
            render(design, PIXELS, "white linen", "photo", at)

    def whole() -> None:
        for shapes, style, seed in jobs:
            render(sewn(shapes, palette, style, seed), PIXELS, "white linen", "photo", seed).save(
                BytesIO(), "WEBP", quality=82, method=2
            )

    ways = {
        "every stitch as two lines by Pillow, no light, no cloth": naive,
        "Uzor: threads with light on cloth": rendering,
        "Uzor: the stitches of the shapes alone": lambda: [sewn(*job[:1], palette, *job[1:]) for job in jobs],
        "WebP alone": lambda: [picture.save(BytesIO(), "WEBP", quality=82, method=2) for picture in pictures],
        "Uzor: shapes → stitches → picture → WebP": whole,
    }
    stitches = sum(design.stitches for design in designs) / DESIGNS
    return timing.table(
        f"A drawn design of {stitches:,.0f} stitches on average, {PIXELS} px, one thread",
        timing.side_by_side(ways, REPEATS), DESIGNS, "design",
    )  # fmt: skip
