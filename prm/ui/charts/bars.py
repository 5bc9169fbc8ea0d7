"""Bars that lie: an attainment with its target mark, a ranking, and parts of a whole."""
from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from prm.ui.charts.plot import PAPER, Paint, Plot, figures
from prm.ui.formats import short_number

NAMES, NOTES = 80, 90  # pixels kept for the words of a ranking on paper


def bar(
    percent: float | None,
    *,
    color: str = "accent",
    mark: float | None = None,
    label: str = "",
    height: float = 6,
    width: int | None = None,
    paint: Paint = PAPER,
) -> Markup:
    """A filled rail, 0 to 100, with a mark where the target is. Without a label it is decoration beside its number."""
    filled = max(0.0, min(100.0, figures([percent])[0] or 0.0))
    draw = _bar_on_paper if width else _bar_on_page
    return draw(filled, color, mark, label, height, width or 0, paint)


def _bar_on_page(filled, color, mark, label, height, _width, _paint) -> Markup:
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    target = f'<rect class="mark" x="{mark:g}%" width="2" height="{height}"/>' if mark is not None else ""
    return Markup(  # noqa: S704 - figures, and a label that is escaped
        f'<svg class="meter" width="100%" height="{height}" {said}><rect class="rail" width="100%" height="{height}"/>'
        f'<rect class="bar c-{color}" width="{filled:.1f}%" height="{height}"/>{target}</svg>'
    )


def _bar_on_paper(filled, color, mark, label, height, width, paint: Paint) -> Markup:
    rail = f'<rect y="1" width="{width}" height="{height}" rx="{height / 2}" fill="{paint.grid}"/>'
    size = f'width="{filled / 100 * width:.1f}" height="{height}"'
    done = f'<rect y="1" {size} rx="{height / 2}" fill="{paint.of(color)}"/>'
    at = f'x="{(mark or 0) / 100 * width:.1f}"'
    target = f'<rect {at} width="1.5" height="{height + 2}" fill="{paint.ink}"/>' if mark is not None else ""
    return Plot(height + 2, width, marks=[rail, done, target]).drawn(label)


def hbars(
    rows: Sequence[tuple[str, float, str]],
    *,
    label: str,
    show: Callable[[float], str] = short_number,
    color: str = "accent",
    width: int | None = None,
    row_height: int = 34,
    paint: Paint = PAPER,
    links: Sequence[str] = (),
) -> Markup:
    """A ranking of (name, value, note). On a page it is HTML, so that long names wrap and nothing overlaps; `links` are what is
    behind each value."""
    numbers = [value or 0.0 for value in figures([value for _, value, _ in rows])]
    top = max(numbers, default=0) or 1
    lines = [(name, number, number / top, note) for (name, _, note), number in zip(rows, numbers, strict=True)]
    if width:
        return _hbars_on_paper(lines, label, show, color, width, row_height, paint)
    items = Markup("").join(_hbar(*line, show, color, links[at] if at < len(links) else "") for at, line in enumerate(lines))
    return Markup('<dl class="hbars" aria-label="{}">{}</dl>').format(label, items)


def _hbar(name: str, number: float, part: float, note: str, show, color: str, href: str) -> Markup:
    value = Markup('<a href="{}" title="Show the rows behind it">{}</a>').format(href, show(number)) if href else show(number)
    return Markup(
        '<div class="hit"><dt>{}</dt><dd class="hb-bar">{}</dd><dd class="hb-val"><b>{}</b> <span>{}</span></dd></div>'
    ).format(name, bar(part * 100, color=color, height=14), value, note)


def _hbars_on_paper(lines, label: str, show, color: str, width: int, row_height: int, paint: Paint) -> Markup:
    plot = Plot(row_height * len(lines), width, top=0, bottom=0, paint=paint)
    for at, (name, number, part, note) in enumerate(lines):
        middle = (at + 0.5) * row_height
        plot.text(0, middle + 3, name, anchor="start", fill="ink")
        plot.rect(str(NAMES), middle - 7, f"{(width - NAMES - NOTES) * max(0, part):.1f}", 14, color)
        plot.text(width - 42, middle + 3, show(number), anchor="end", fill="ink", weight=600)
        plot.text(width, middle + 3, note, anchor="end")
    return plot.drawn(label)


def share(
    parts: Sequence[tuple[str, float, str]],
    *,
    label: str,
    show: Callable[[float], str] = short_number,
    height: int = 14,
    width: int | None = None,
    paint: Paint = PAPER,
) -> Markup:
    """One bar of 100 % with parts (name, value, colour): easier to read than a ring."""
    numbers = [max(0.0, value or 0.0) for value in figures([value for _, value, _ in parts])]
    total = sum(numbers) or 1
    plot = Plot(height, width, top=0, bottom=0, paint=paint)
    start = 0.0
    for (name, _, colour), number in zip(parts, numbers, strict=True):
        _slice(plot, name, number, start, number / total, colour, show)
        start += number / total
    return plot.drawn(label, "share")


def _slice(plot: Plot, name: str, number: float, start: float, part: float, colour: str, show) -> None:
    gap = 0.0015
    if not plot.on_paper:
        plot.add('<g class="hit">')
    plot.rect(plot.x(start + gap), 0, plot.across(part - 2 * gap), plot.height, colour)
    if not plot.on_paper:
        plot.add(f"<title>{escape(name)}: {escape(show(number))} ({part:.0%})</title></g>")
