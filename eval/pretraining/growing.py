"""Says how the stages of a course grew: P@5 by epoch against chance, as tables and as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

Curve = Sequence[Mapping[str, float]]

PANEL, HEIGHT, GAP, TOP = 240, 220, 26, 34
COLOURS = ("#7a8794", "#c2410c", "#1d4ed8", "#15803d")


def growth_table(curve: Curve, chance: Mapping[str, float]) -> str:
    """A curve in Markdown: epoch, seconds, P@5 on each gallery and how many times chance the last one is."""
    if not curve:
        return "(nothing was measured)\n"
    names = [name for name in curve[0] if name not in ("epoch", "seconds")]
    head = ["epoch", "seconds", *(f"P@5 {name}" for name in names), f"{names[-1]}: × chance"]
    lines = [_line(head), _line(["---:"] * len(head))]
    for row in curve:
        times = row[names[-1]] / chance[names[-1]]
        lines.append(_line([*(f"{row[key]:g}" for key in ("epoch", "seconds", *names)), f"{times:.1f}"]))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def growth_svg(curves: Mapping[str, Curve], chance: float) -> str:
    """One panel per stage, left to right in the given order; x: epochs, y: P@5 from 0 to the best figure of all.

    ValueError when nothing was measured.
    """
    shown = {title: curve for title, curve in curves.items() if curve}
    if not shown:
        raise ValueError("No stage has a curve to draw.")
    names = list(dict.fromkeys(key for curve in shown.values() for row in curve for key in row))
    names = [name for name in names if name not in ("epoch", "seconds")]
    best = max(row[name] for curve in shown.values() for row in curve for name in names if name in row) * 1.08
    width = 44 + len(shown) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + TOP + 64}" width="{width}"',
        ' font-family="sans-serif" font-size="11" fill="#1f2937">',
        f'<rect width="{width}" height="{HEIGHT + TOP + 64}" fill="white"/>',
    ]
    for number, (title, curve) in enumerate(shown.items()):
        parts += _panel(44 + number * (PANEL + GAP), title, curve, names, best, chance)
    for number, name in enumerate(names):
        at = 44 + number * 150
        parts.append(f'<rect x="{at}" y="{HEIGHT + TOP + 44}" width="14" height="4" fill="{COLOURS[number % 4]}"/>')
        parts.append(f'<text x="{at + 20}" y="{HEIGHT + TOP + 50}">P@5 {escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: float, title: str, curve: Curve, names: list[str], best: float, chance: float) -> list[str]:
    """Frame, ticks, chance and one line per gallery."""
    last = max(row["epoch"] for row in curve)

    def height(value: float) -> float:
        return round(TOP + HEIGHT * (1 - value / best), 1)

    parts = [f'<text x="{left}" y="{TOP - 12}" font-weight="bold">{escape(title)}</text>']
    parts.append(f'<rect x="{left}" y="{TOP}" width="{PANEL}" height="{HEIGHT}" fill="none" stroke="#d1d5db"/>')
    for step in range(int(best * 10) + 1):
        parts.append(f'<text x="{left - 24}" y="{height(step / 10) + 4}">{step / 10:.1f}</text>')
        parts.append(f'<path d="M{left} {height(step / 10)}h{PANEL}" stroke="#eef0f2"/>')
    parts.append(f'<path d="M{left} {height(chance)}h{PANEL}" stroke="#9ca3af" stroke-dasharray="3 3"/>')
    parts.append(f'<text x="{left + 4}" y="{height(chance) - 3}" fill="#6b7280">chance {chance:.4f}</text>')
    parts.append(f'<text x="{left + PANEL - 62}" y="{TOP + HEIGHT + 16}">{last:g} epochs</text>')
    for number, name in enumerate(names):
        points = [f"{left + PANEL * row['epoch'] / last:.1f},{height(row[name])}" for row in curve if name in row]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{COLOURS[number % 4]}" stroke-width="2"/>'
        )
    return parts
