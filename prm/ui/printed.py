"""A report or a dashboard on paper: boxes with a chart and a table, the filters and the time they are of, forty pages at most.

It needs no request: jobs and mails make it for whoever it is for.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from prm.core import formats, pdf
from prm.models import Organisation
from prm.reporting.table import Head, Table
from prm.ui.answers import ShownLine, drawn
from prm.ui.charts import Paint
from prm.ui.paper import SIZES, environment, icon, logo_address
from prm.ui.pictures import picture
from prm.ui.theme import accents

PAGES = 40
SECONDS = 150.0  # of a job: forty full pages take a quarter of a minute
ORIENTATIONS = {"portrait": "Portrait", "landscape": "Landscape"}
BREADTH = {("a4", "portrait"): 680, ("a4", "landscape"): 1009, ("letter", "portrait"): 703, ("letter", "landscape"): 941}  # pixels between margins
LINES = {"portrait": 46, "landscape": 30}  # of a page, at least that many where nothing needs a second line
COLUMNS = {"portrait": 8, "landscape": 13}  # beside each other; further ones come below
GAP = 12  # pixels between boxes beside each other
MARKS = {"good": ("circle-check", "#0b7a4b", 7), "warn": ("triangle-alert", "#8a5208", 7), "bad": ("circle-x", "#b4232c", 7)}


@dataclass(frozen=True)
class Sheet:
    """Paper, and which way it lies."""

    size: str = "a4"
    orientation: str = "portrait"

    @classmethod
    def of(cls, size: str, orientation: str) -> Sheet:
        """What is unknown is what most have."""
        return cls(size if size in SIZES else "a4", orientation if orientation in ORIENTATIONS else "portrait")

    @property
    def breadth(self) -> int:
        return BREADTH[self.size, self.orientation]

    @property
    def lines(self) -> int:
        """How many lines of a table may be on all pages together."""
        return PAGES * LINES[self.orientation]

    @property
    def css(self) -> str:
        return f"{SIZES[self.size]} {self.orientation}"


@dataclass
class Box:
    """One thing on paper. `show` is what of it: everything, or only chart, number or table; `width` is in twelfths."""

    title: str = ""
    table: Table | None = None
    chart: dict = field(default_factory=dict)
    show: str = ""
    text: Markup = Markup()
    notes: list[str] = field(default_factory=list)
    width: int = 12


@dataclass(frozen=True)
class Block:
    """A part of a table's columns that fits beside each other."""

    heads: list[list[Head]]
    lines: list[ShownLine]
    labels: int
    said: str = ""


def document(title: str, boxes: Sequence[Box], about: Sequence[tuple[str, str]], sheet: Sheet, *, subtitle: str = "") -> bytes:
    """The PDF; pdf.TooLong where it needs more than forty pages. `about` is what is said under the title: (label, words)."""
    return pdf.render(html(title, boxes, about, sheet, subtitle=subtitle), timeout=SECONDS, most=PAGES)


def fitting(make: Callable[[int], bytes], sheet: Sheet) -> bytes:
    """`make` with as many lines as forty pages hold: it is called with fewer until they do."""
    lines = sheet.lines
    while True:
        try:
            return make(lines)
        except pdf.TooLong as longer:
            if lines <= 1:
                raise
            lines = max(1, min(lines - 1, int(lines * PAGES / longer.pages * 0.97)))


def html(title: str, boxes: Sequence[Box], about: Sequence[tuple[str, str]], sheet: Sheet, *, subtitle: str = "") -> str:
    org = Organisation.current()
    colours = accents(org.brand)["light"]
    paint = Paint(accent=colours["accent-chart"])
    return environment().get_template("printed.html").render(
        title=title, subtitle=subtitle, about=about, org=org, colours=colours, paint=paint, sheet=sheet, logo=logo_address(org.logo),
        shelves=[[_printed(box, sheet, paint) for box in shelf] for shelf in _shelves(boxes)], icon=icon, marks=MARKS,
    )  # fmt: skip


def about(table: Table, words: str) -> list[tuple[str, str]]:
    """What is printed under the title of a report: what it asks (where its reader may know it), when, and how much it is."""
    org = Organisation.current()
    said = [("Shows", words)] if words else []
    return [*said, ("As of", f"{formats.moment(table.answers[0].as_of, org.zone, org.locale)} ({org.zone})"), ("Rows", table.said)]


def _shelves(boxes: Sequence[Box]) -> Iterator[list[Box]]:
    """Boxes beside each other, as long as they fit into the twelve twelfths."""
    shelf: list[Box] = []
    for box in boxes:
        if shelf and sum(each.width for each in shelf) + box.width > 12:
            yield shelf
            shelf = []
        shelf.append(box)
    if shelf:
        yield shelf


def _printed(box: Box, sheet: Sheet, paint: Paint) -> dict:
    """What the template needs of a box. One that is narrower than the page shows its chart or its table, not both."""
    breadth = sheet.breadth if box.width == 12 else int(sheet.breadth * box.width / 12) - 2 * GAP
    chart, blocks = Markup(), []
    if box.table is not None:
        kind = {**box.chart, "kind": "number"} if box.show == "number" else box.chart
        if kind.get("kind") and box.show != "table":
            chart = picture(box.table, kind, title=box.title, width=breadth, paint=paint)
        if not chart or not box.show:
            most = COLUMNS[sheet.orientation]
            blocks = list(_blocks(box.table, most)) if box.width == 12 else [_first(box.table, most * box.width // 12 + 1)]
    return {"box": box, "chart": chart, "blocks": blocks, "empty": box.table is not None and not box.table.count}


def _first(table: Table, most: int) -> Block:
    """As much of the table as a narrow box holds; the report has the rest."""
    shown, width = drawn(table), len(table.heads[-1])
    labels, end = min(table.labels, most), min(width, most)
    said = f"The first {end} of {width} columns" if end < width else ""
    return Block([_cut(row, labels, labels, end) for row in table.heads], [_part(line, labels, labels, end) for line in shown.lines], labels, said)


def _blocks(table: Table, most: int) -> Iterator[Block]:
    """The table, cut into as many columns as the paper holds; its names are repeated at the left of each part."""
    shown, labels, width = drawn(table), min(table.labels, most), len(table.heads[-1])
    if table.answers[0].question.is_list:
        labels = 1
    parts = max(1, math.ceil((width - labels) / max(1, most - labels)))  # as many columns in each, not seven and then one
    step = max(1, math.ceil((width - labels) / parts))
    starts = range(labels, width, step) if width > labels else [labels]
    for start in starts:
        end = min(width, start + step)
        said = f"Columns {start + 1} to {end} of {width}" if len(starts) > 1 else ""
        yield Block([_cut(row, labels, start, end) for row in table.heads], [_part(line, labels, start, end) for line in shown.lines], labels, said)


def _cut(row: list[Head], labels: int, start: int, end: int) -> list[Head]:
    """The headings over these columns; one over several is as wide as what is left of them."""
    found, at = [], 0
    for head in row:
        inside = sum(1 for column in range(at, at + head.span) if column < labels or start <= column < end)
        if inside:
            found.append(replace(head, span=inside))
        at += head.span
    return found


def _part(line: ShownLine, labels: int, start: int, end: int) -> ShownLine:
    cells = [*line.names, *line.figures]
    return replace(line, names=cells[:labels], figures=cells[start:end])


__all__ = ["ORIENTATIONS", "PAGES", "Box", "Sheet", "about", "document", "fitting", "html"]
