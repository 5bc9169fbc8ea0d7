"""Parts of a whole as a ring, each with its name and share beside it."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from prm.ui.charts.plot import PAPER, Paint, figures, linked, role_of
from prm.ui.formats import short_number

RADIUS, STROKE = 54.0, 22.0
SIZE = 2 * (RADIUS + STROKE / 2) + 2


def donut(
    parts: Sequence[tuple[str, float | None, str]], *, label: str, show: Callable[[float], str] = short_number, total: str = "",
    on_paper: bool = False, paint: Paint = PAPER, links: Mapping[str, str] | None = None,
) -> Markup:
    """Parts (name, value, colour); negative ones are no part of a whole and are left out, with a note. `links` by name."""
    numbers = figures([value for _, value, _ in parts])
    known = [(name, number, colour) for (name, _, colour), number in zip(parts, numbers, strict=True) if number and number > 0]
    whole = sum(number for _, number, _ in known)
    if not whole:
        return Markup('<p class="empty small">{}</p>').format("No figures yet.")
    ring, start = [], 0.0
    for name, number, colour in known:
        ring.append(_arc(name, number, number / whole, start, colour, show, on_paper, paint, (links or {}).get(name, "")))
        start += number / whole
    middle = SIZE / 2
    words = f'<text x="{middle}" y="{middle + 5}" text-anchor="middle" {_ink(on_paper, paint)}>{escape(total)}</text>' if total else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="donut" width="{SIZE:g}" height="{SIZE:g}" viewBox="0 0 {SIZE:g} {SIZE:g}" '
        f'role="{role_of("".join(ring))}" aria-label="{escape(label)}">{"".join(ring)}{words}</svg>'
    )
    keys = "".join(
        f'<li class="c-{colour}"><i></i><span class="trunc">{escape(name)}</span> <b class="fig">{number / whole:.0%}</b></li>'
        for name, number, colour in known
    )
    left = any(number is not None and number < 0 for number in numbers)
    note = '<p class="sub">Negative values are left out.</p>' if left else ""
    return Markup(f'<div class="donut-box">{svg}<ul class="legend down">{keys}</ul></div>{note}')  # noqa: S704 - words are escaped


def _arc(name: str, number: float, part: float, start: float, colour: str, show, on_paper: bool, paint: Paint, href: str) -> str:
    middle, around = SIZE / 2, 2 * math.pi * RADIUS
    gap = 1.5 if part < 1 else 0
    dash = f'stroke-dasharray="{max(0.1, part * around - gap):.2f} {around:.2f}"'
    turn = f'transform="rotate({start * 360 - 90:.2f} {middle:g} {middle:g})"'
    look = f'stroke="{paint.of(colour)}"' if on_paper else f'class="slice c-{colour}"'
    circle = f'<circle cx="{middle:g}" cy="{middle:g}" r="{RADIUS:g}" fill="none" stroke-width="{STROKE:g}" {look} {dash} {turn}/>'
    tip = f"{escape(name)}: {escape(show(number))} ({part:.1%})"
    if href and not on_paper:
        return linked(circle, href, f"{name}: {show(number)} ({part:.1%})")
    return circle if on_paper else f'<g class="hit" tabindex="0">{circle}<title>{tip}</title></g>'


def _ink(on_paper: bool, paint: Paint) -> str:
    return f'font-family="Inter" font-size="13" font-weight="600" fill="{paint.ink}"' if on_paper else 'class="donut-t"'
