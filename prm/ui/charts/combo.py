"""Columns, lines, areas and a dashed target over time, on one y axis."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from prm.ui.charts.plot import linked, PAPER, Figure, Paint, Plot, Point, figures, filled, path, runs, ticks
from prm.ui.formats import short_number

Show = Callable[[float], str]
MOST_DOTS = 16  # a dot for each value of a line, as long as they do not touch
WIDE = 110  # letters fit under a chart as wide as a page
NARROW = 60  # and that many under one in half a page
MANY = 12  # with more labels than these only some are written
CROWDED = 6  # with more labels every other one is hidden in a narrow box


@dataclass
class Series:
    """`kind` is bar, line, area or target; `color` is accent, other, or the number of a series colour. `links` are addresses of
    what is behind each value."""

    name: str
    values: Sequence
    kind: str = "bar"
    color: str = "accent"
    links: Sequence[str] = ()
    drawn: list[Figure] = field(init=False)

    def __post_init__(self):
        self.drawn = figures(self.values)

    def link(self, at: int) -> str:
        return self.links[at] if at < len(self.links) else ""


@dataclass
class Scale:
    """From a value to its height, 0 at the lowest tick and 1 at the highest."""

    steps: list[float]

    def __call__(self, value: float) -> float:
        return (value - self.steps[0]) / (self.steps[-1] - self.steps[0])


def combo(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    label: str,
    show: Show = short_number,
    height: int = 240,
    width: int | None = None,
    current: int | None = None,
    paint: Paint = PAPER,
) -> Markup:
    """`show` writes a value for the axis and the tips; `current` is the index of a period that is still open."""
    values = [value for each in series for value in each.drawn if value is not None]
    if not values:
        return Markup('<p class="empty small">{}</p>').format("No figures yet.")
    scale = Scale(ticks(min(0, *values), max(0, *values)))
    gutter = max(len(show(step)) for step in scale.steps)
    plot = Plot(height, width, left=gutter * 5.5 + 10 if width else 0, right=4 if width else 0, bottom=26, paint=paint)
    _axis(plot, scale, show)
    _columns(plot, labels, series, scale, show, current)
    for each in series:
        if each.kind != "bar":
            _line(plot, each, scale, labels, show)
    _captions(plot, labels, current)
    drawn = plot.drawn(label, "chart")
    return drawn if plot.on_paper else Markup('<div class="plot g{}">{}</div>').format(min(max(gutter, 2), 9), drawn)


def _axis(plot: Plot, scale: Scale, show: Show) -> None:
    for step in scale.steps:
        y = plot.y(scale(step))
        plot.rule(y, base=step == 0)
        if plot.on_paper:
            plot.text(plot.left - 8, y + 3.5, show(step), anchor="end")
        else:
            plot.text(0, y + 4, show(step), anchor="end", dx=-10)


def _columns(plot: Plot, labels, series: Sequence[Series], scale: Scale, show: Show, current: int | None) -> None:
    """One group for each label: its columns, and on a page the tip and the band that lights up under the pointer."""
    bars = [each for each in series if each.kind == "bar"]
    band = 1 / len(labels)
    for at, caption in enumerate(labels):
        if not plot.on_paper:
            size = f'width="{plot.across(band)}" height="{plot.depth}"'
            plot.add(f'<g class="hit"><rect class="band" x="{plot.x(at * band)}" y="{plot.top}" {size} rx="6"/>')
        for place, each in enumerate(bars):
            _column(plot, each, at, band, place, len(bars), scale, caption, show, soft=at == current)
        if not plot.on_paper:
            plot.add(f"<title>{escape(_tip(caption, series, at, show))}</title></g>")


def _column(
    plot: Plot, each: Series, at: int, band: float, place: int, beside: int, scale: Scale, caption: str, show: Show, *, soft: bool
) -> None:  # fmt: skip
    value = each.drawn[at]
    if value is None:
        return
    breadth = band * (0.56 if beside == 1 else 0.66) / beside
    left = at * band + (band - breadth * beside) / 2 + place * breadth
    top, floor = plot.y(scale(value)), plot.y(scale(0))
    x, across = plot.x(left + breadth * 0.04), plot.across(breadth * 0.92)
    plot.rect(x, min(top, floor), across, abs(floor - top), each.color, css="bar soft" if soft else "bar")
    if not plot.on_paper:
        plot.marks[-1] = linked(plot.marks[-1], each.link(at), f"{caption}: {each.name} {show(value)}")


def _tip(caption: str, series: Sequence[Series], at: int, show: Show) -> str:
    known = [f"{each.name} {show(each.drawn[at])}" for each in series if each.drawn[at] is not None]
    return f"{caption}: " + (", ".join(known) or "no figures")


def _line(plot: Plot, each: Series, scale: Scale, labels: Sequence[str], show: Show) -> None:
    band = 1 / len(each.drawn)
    points = [
        None if value is None else ((at + 0.5) * band, plot.y(scale(value))) for at, value in enumerate(each.drawn)
    ]
    if plot.on_paper:
        _line_on_paper(plot, each, points, plot.y(scale(0)))
    else:
        _line_on_page(plot, each, points, plot.y(scale(0)), labels, show)


def _line_on_paper(plot: Plot, each: Series, points: list[Point | None], floor: float) -> None:
    target = each.kind == "target"
    colour = plot.paint.text if target else plot.paint.of(each.color)
    dash = ' stroke-dasharray="4 3"' if target else ""
    for run in runs(points):
        placed = [(float(plot.x(x)), y) for x, y in run]
        if each.kind == "area":
            plot.add(f'<path d="{filled(placed, floor)}" fill="{colour}" opacity=".12"/>')
        plot.add(
            f'<path d="{path(placed)}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"{dash}/>'
        )


def _line_on_page(plot: Plot, each: Series, points: list[Point | None], floor: float, labels: Sequence[str], show: Show) -> None:
    """In a box of its own that is stretched to the width; dots are outside of it, so that they stay round."""
    css = f"{'target' if each.kind == 'target' else 'line'} c-{each.color}"
    box = f'viewBox="0 0 1000 {plot.height}" preserveAspectRatio="none" width="100%" height="{plot.height}"'
    plot.add(f'<svg class="over" {box}>')
    for run in runs(points):
        placed = [(x * 1000, y) for x, y in run]
        if each.kind == "area":
            plot.add(f'<path class="area c-{each.color}" d="{filled(placed, floor)}"/>')
        plot.add(f'<path class="{css}" vector-effect="non-scaling-stroke" d="{path(placed)}"/>')
    plot.add("</svg>")
    if each.kind != "target" and len(points) <= MOST_DOTS:
        for at, (point, value) in enumerate(zip(points, each.drawn, strict=True)):
            if point and value is not None:
                dot = f'<circle class="dot c-{each.color}" cx="{plot.x(point[0])}" cy="{point[1]}" r="3"/>'
                plot.add(linked(dot, each.link(at), f"{labels[at]}: {each.name} {show(value)}"))


def _captions(plot: Plot, labels: Sequence[str], current: int | None) -> None:
    """Under their columns; long ones are cut short so that they do not touch, and stand whole in the tips."""
    most = max(4, WIDE // max(1, len(labels)))
    longest = max(map(len, labels), default=0)
    every = -(-len(labels) // max(6, NARROW // (longest + 2))) if len(labels) > MANY else 1
    if plot.on_paper:  # where the breadth is known, as many as do not run into each other
        room = max(1, int((plot.width or 0) / (6 * (min(longest, most) + 1.5))))
        every = -(-len(labels) // room)
    for at, caption in enumerate(labels):
        if at % every:
            continue
        caption = caption if len(caption) <= most * every else f"{caption[: most * every - 1]}…"
        css = "t now" if at == current else "t"
        hidden = " alt" if len(labels) > CROWDED and at % 2 else ""
        plot.text(plot.x((at + 0.5) / len(labels)), plot.height - 8, caption, css=css + hidden)
