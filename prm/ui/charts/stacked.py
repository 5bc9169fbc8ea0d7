"""Columns whose parts stand on each other, and points on two axes."""
from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from prm.ui.charts.combo import Scale, Series, Show, _axis, _captions, _tip
from prm.ui.charts.plot import linked, PAPER, Paint, Plot, figures, ticks
from prm.ui.formats import short_number


def stacked(
    labels: Sequence[str], series: Sequence[Series], *, label: str, show: Show = short_number, height: int = 240,
    width: int | None = None, paint: Paint = PAPER,
) -> Markup:
    """One column for each label; parts below zero hang from it."""
    sums = [_ends(series, at) for at in range(len(labels))]
    if not any(value is not None for each in series for value in each.drawn):
        return Markup('<p class="empty small">{}</p>').format("No figures yet.")
    scale = Scale(ticks(min(0, *(low for low, _ in sums)), max(0, *(high for _, high in sums))))
    gutter = max(len(show(step)) for step in scale.steps)
    plot = Plot(height, width, left=gutter * 5.5 + 10 if width else 0, right=4 if width else 0, bottom=26, paint=paint)
    _axis(plot, scale, show)
    for at, caption in enumerate(labels):
        _column(plot, caption, series, at, len(labels), scale, show)
    _captions(plot, labels, None)
    drawn = plot.drawn(label, "chart")
    return drawn if plot.on_paper else Markup('<div class="plot g{}">{}</div>').format(min(max(gutter, 2), 9), drawn)


def _ends(series: Sequence[Series], at: int) -> tuple[float, float]:
    values = [each.drawn[at] or 0.0 for each in series]
    return sum(v for v in values if v < 0), sum(v for v in values if v > 0)


def _column(plot: Plot, caption: str, series: Sequence[Series], at: int, many: int, scale: Scale, show: Show) -> None:
    band = 1 / many
    if not plot.on_paper:
        size = f'width="{plot.across(band)}" height="{plot.depth}"'
        plot.add(f'<g class="hit" tabindex="0"><rect class="band" x="{plot.x(at * band)}" y="{plot.top}" {size} rx="6"/>')
    up = down = 0.0
    for each in series:
        value = each.drawn[at] or 0.0
        if not value:
            continue
        start, up, down = (up, up + value, down) if value > 0 else (down, up, down + value)
        top, bottom = sorted((plot.y(scale(start)), plot.y(scale(start + value))))
        plot.rect(plot.x(at * band + band * 0.22), top, plot.across(band * 0.56), bottom - top, each.color, radius=0)
        if not plot.on_paper:
            plot.marks[-1] = linked(plot.marks[-1], each.link(at), f"{caption}: {each.name} {show(value)}")
    if not plot.on_paper:
        plot.add(f"<title>{escape(_tip(caption, series, at, show))}</title></g>")


def scatter(
    points: Sequence[tuple[str, float | None, float | None]], *, x_title: str, y_title: str, label: str, show_x: Show = short_number,
    show_y: Show = short_number, height: int = 260, width: int | None = None, paint: Paint = PAPER, links: Sequence[str] = (),
) -> Markup:
    """(name, x, y) each; what lacks one of them is left out."""
    numbers = [(name, *figures([x, y]), links[at] if at < len(links) else "") for at, (name, x, y) in enumerate(points)]
    known = [(name, x, y, href) for name, x, y, href in numbers if x is not None and y is not None]
    if not known:
        return Markup('<p class="empty small">{}</p>').format("No figures yet.")
    across = Scale(ticks(min(0, *(x for _, x, _, _ in known)), max(0, *(x for _, x, _, _ in known))))
    up = Scale(ticks(min(0, *(y for _, _, y, _ in known)), max(0, *(y for _, _, y, _ in known))))
    gutter = max(len(show_y(step)) for step in up.steps)
    plot = Plot(height, width, left=gutter * 5.5 + 10 if width else 0, right=4 if width else 0, top=22, bottom=40, paint=paint)
    _axis(plot, up, show_y)
    for at, step in enumerate(across.steps):
        anchor = "start" if at == 0 else "end" if at == len(across.steps) - 1 else "middle"
        plot.text(plot.x(across(step)), plot.height - 24, show_x(step), anchor=anchor)
    plot.text(plot.x(1), plot.height - 6, x_title, anchor="end")
    plot.text(plot.x(0), 10, y_title, anchor="start")
    for name, x, y, href in known:
        _point(plot, href, across(x), plot.y(up(y)), f"{name}: {x_title} {show_x(x)}, {y_title} {show_y(y)}")
    drawn = plot.drawn(label, "chart")
    return drawn if plot.on_paper else Markup('<div class="plot g{}">{}</div>').format(min(max(gutter, 2), 9), drawn)


def _point(plot: Plot, href: str, x: float, y: float, tip: str) -> None:
    look = f'fill="{plot.paint.of("1")}" opacity=".7"' if plot.on_paper else 'class="bar c-1 point"'
    circle = f'<circle cx="{plot.x(x)}" cy="{y}" r="{3 if plot.on_paper else 5}" {look}/>'
    if href and not plot.on_paper:
        return plot.add(linked(circle, href, tip))
    return plot.add(circle if plot.on_paper else f'<g class="hit" tabindex="0">{circle}<title>{escape(tip)}</title></g>')
