"""Charts the size of a word: a sparkline, and a ring for a score."""
from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from prm.ui.charts.plot import PAPER, Paint, Plot, Point, figures, filled, path, runs


def sparkline(
    values: Sequence,
    *,
    label: str,
    color: str = "accent",
    height: int = 36,
    width: int | None = None,
    paint: Paint = PAPER,
) -> Markup:
    """A line without axes, with a dot on the last value; gaps stay gaps."""
    breadth = width or 1000
    points = _points(figures(values), breadth, height)
    plot = Plot(height, width, paint=paint)
    if width:
        ink = paint.of(color)
        _strokes(plot, points, f'fill="none" stroke="{ink}" stroke-width="1.4"', f'fill="{ink}"')
        return plot.drawn(label)
    box = f'viewBox="0 0 {breadth} {height}" preserveAspectRatio="none" width="100%" height="{height}"'
    plot.add(f'<svg class="over" {box}>')
    _strokes(plot, points, f'class="line c-{color}" vector-effect="non-scaling-stroke"', f'class="area c-{color}"')
    plot.add("</svg>")
    known = [point for point in points if point]
    for x, y in known[-1:]:
        plot.add(f'<circle class="dot c-{color}" cx="{x / breadth * 100:.1f}%" cy="{y:.1f}" r="2.5"/>')
    return plot.drawn(label, "spark")


def _points(values: list, breadth: int, height: int) -> list[Point | None]:
    known = [value for value in values if value is not None]
    if not known:
        return []
    margin = (max(known) - min(known)) * 0.12 or 1
    low, high = min(known) - margin, max(known) + margin
    step = breadth / max(1, len(values) - 1)
    return [
        None if value is None else (at * step, height - 3 - (value - low) / (high - low) * (height - 6))
        for at, value in enumerate(values)
    ]


def _strokes(plot: Plot, points: list[Point | None], line: str, area: str) -> None:
    for run in runs(points):
        plot.add(f'<path {area} d="{filled(run, plot.height)}" opacity=".1"/>')
        plot.add(f'<path {line} d="{path(run)}"/>')


def ring(
    percent: float | None,
    *,
    label: str,
    color: str = "accent",
    size: int = 44,
    stroke: int = 5,
    on_paper: bool = False,
    paint: Paint = PAPER,
) -> Markup:
    """A circle filled to `percent` (0 to 100); the number stands beside it in text."""
    radius, middle = (size - stroke) / 2, size / 2
    circumference = 2 * math.pi * radius
    part = max(0.0, min(100.0, figures([percent])[0] or 0.0)) / 100
    circle = f'<circle cx="{middle}" cy="{middle}" r="{radius}" stroke-width="{stroke}"'
    dashes = f"{circumference * part:.1f} {circumference:.1f}"
    turn = f'stroke-dasharray="{dashes}" transform="rotate(-90 {middle} {middle})"'
    rail, arc = 'class="rail"', f'class="arc c-{color}"'
    if on_paper:
        rail = f'fill="none" stroke="{paint.grid}"'
        arc = f'fill="none" stroke="{paint.of(color)}" stroke-linecap="round"'
    return Markup('<svg {}width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        "" if on_paper else Markup('class="ring" '), size, size, size, size, label,
        Markup(f"{circle} {rail}/>{circle} {arc} {turn}/>" if part else f"{circle} {rail}/>"),  # noqa: S704 - figures
    )  # fmt: skip
