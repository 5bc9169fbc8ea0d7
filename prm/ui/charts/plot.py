"""The sheet a chart is drawn on: it knows whether x is a per cent or a pixel, and how a colour is said."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

Point = tuple[float, float]
Figure = float | None


@dataclass(frozen=True)
class Paint:
    """The colours of a PDF, where no stylesheet reaches into the SVG."""

    accent: str = "#4f46e5"
    series: tuple[str, ...] = ("#2f62d9", "#d07c0c", "#0a9c8c", "#a2307f", "#0e2f66")
    other: str = "#8a92a0"
    good: str = "#0b7a4b"
    fair: str = "#d99a12"
    poor: str = "#c2252f"
    grid: str = "#e4e7ec"
    axis: str = "#c3c9d3"
    text: str = "#5a6273"
    ink: str = "#14171f"

    def of(self, colour: str) -> str:
        """`accent`, `other`, `good`, `fair`, `poor`, or the number of a series."""
        return self.series[int(colour) - 1] if colour.isdigit() else getattr(self, colour)


PAPER = Paint()


@dataclass
class Plot:
    """Collects marks. Fractions go in, 0 to 1 from left to right and from bottom to top."""

    height: float
    width: int | None = None
    left: float = 0
    right: float = 0
    top: float = 8
    bottom: float = 24
    paint: Paint = PAPER
    marks: list[str] = field(default_factory=list)

    @property
    def on_paper(self) -> bool:
        return self.width is not None

    @property
    def depth(self) -> float:
        return self.height - self.top - self.bottom

    def x(self, part: float) -> str:
        return f"{self.left + part * self._span:.1f}" if self.on_paper else f"{part * 100:.2f}%"

    def across(self, part: float) -> str:
        return f"{max(0, part) * self._span:.1f}" if self.on_paper else f"{max(0, part) * 100:.2f}%"

    def y(self, part: float) -> float:
        return round(self.top + (1 - part) * self.depth, 1)

    def add(self, mark: str) -> None:
        self.marks.append(mark)

    def text(self, x: float | str, y: float, words: str, *, anchor="middle", css="t", fill="text", weight=400, dx=0):
        if self.on_paper:
            look = f'font-family="Inter" font-size="9" font-weight="{weight}" fill="{getattr(self.paint, fill)}"'
        else:
            look = f'class="{css}"'
        shift = f' dx="{dx}"' if dx else ""
        self.add(f'<text x="{x}" y="{y}" text-anchor="{anchor}"{shift} {look}>{escape(words)}</text>')

    def rule(self, y: float, *, base: bool) -> None:
        """A horizontal line of the grid; the base line is a little stronger."""
        paper = f'stroke="{self.paint.axis if base else self.paint.grid}" stroke-width="1"'
        look = paper if self.on_paper else f'class="grid{" base" if base else ""}"'
        self.add(f'<line x1="{self.x(0)}" y1="{y}" x2="{self.x(1)}" y2="{y}" {look}/>')

    def rect(self, x: str, y: float, width: str, height: float, colour: str, *, css="bar", radius: float = 3) -> None:
        look = f'fill="{self.paint.of(colour)}"' if self.on_paper else f'class="{css} c-{colour}"'
        size = f'width="{width}" height="{max(0, height):.1f}"'
        self.add(f'<rect x="{x}" y="{y:.1f}" {size} rx="{radius}" {look}/>')

    def drawn(self, label: str, css: str = "") -> Markup:
        """The finished chart; `label` is what a screen reader says instead of it."""
        width, css = (self.width, "") if self.on_paper else ("100%", f'class="{css}" ' if css else "")
        box = f' viewBox="0 0 {self.width} {self.height}"' if self.on_paper else ""
        marks = "".join(self.marks)
        return Markup(  # noqa: S704 - marks hold figures and escaped words only
            f'<svg xmlns="http://www.w3.org/2000/svg" {css}width="{width}" height="{self.height}"{box} role="{role_of(marks)}" '
            f'aria-label="{escape(label)}">{marks}</svg>'
        )

    @property
    def _span(self) -> float:
        return (self.width or 0) - self.left - self.right


def role_of(marks: str) -> str:
    """A picture, unless one can go into it: what is within a picture is not there for a screen reader."""
    return "group" if "<a " in marks or "tabindex" in marks else "img"


def linked(mark: str, href: str, words: str) -> str:
    """A mark that leads to the rows behind it, named for a screen reader by what its tip says."""
    return f'<a class="hit" href="{escape(href)}" aria-label="{escape(words)}">{mark}<title>{escape(words)}</title></a>' if href else mark


def figures(values: Sequence) -> list[Figure]:
    """Plain floats for drawing; what is empty or not finite is a gap."""
    numbers = [None if value is None else float(value) for value in values]
    return [number if number is not None and math.isfinite(number) else None for number in numbers]


def runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """The stretches between gaps: a line is not drawn across what is not known."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if point is not None:
            stretches[-1].append(point)
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def filled(points: Sequence[Point], floor: float) -> str:
    """The outline of the area between a line and the floor."""
    return f"{path(points)}L{points[-1][0]:.1f} {floor}L{points[0][0]:.1f} {floor}Z"


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`."""
    high = high if high > low else low + 1
    rough = (high - low) / wanted
    size = 10 ** math.floor(math.log10(rough))
    step = next(round_step * size for round_step in (1, 2, 2.5, 5, 10) if round_step * size >= rough)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [count * step for count in range(first, last + 1)]
