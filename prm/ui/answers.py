"""A report's table as it is drawn: words in cells, links to what is behind each figure, groups that can be folded."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from prm.reporting.table import Cell, Line, Table
from prm.ui.cells import Addresses, text

Open = Callable[[Cell], str]
PERIODS = ("month", "quarter", "year")


@dataclass(slots=True)
class Shown:
    """One cell. `tone` and `word` mark it; `kind` is row head or figure."""

    text: str
    href: str = ""
    css: str = ""
    tone: str = ""
    word: str = ""


@dataclass(slots=True)
class ShownLine:
    """`own` names a group that can be folded; `within` are the names of the groups that it lies in."""

    kind: str
    depth: int
    names: list[Shown]
    figures: list[Shown]
    own: str = ""
    within: str = ""


@dataclass
class Drawn:
    table: Table
    lines: list[ShownLine] = field(default_factory=list)

    @property
    def heads(self):
        return self.table.heads

    @property
    def labels(self) -> int:
        return self.table.labels

    @property
    def folds(self) -> bool:
        return any(line.kind == "group" for line in self.lines)

    @property
    def notes(self) -> list[str]:
        return [self.table.said, *self.table.notes]


def drawn(table: Table, open: Open | None = None, addresses: Addresses | None = None) -> Drawn:
    """With `open`, every figure leads to the rows behind it; with `addresses`, names lead to their records. Without
    both it needs no request: for mails and files."""
    made, path = Drawn(table), []
    for line in table.lines:
        own = ""
        if line.kind != "total":
            path = path[: line.depth]
        if line.kind == "group":
            path.append(f"{len(made.lines)}")
            own = "g" + path[-1]
        within = " ".join(f"g{at}" for at in (path[:-1] if own else path)) if line.kind != "total" else ""
        made.lines.append(_line(table, line, open, addresses, own, within))
    return made


def _line(table: Table, line: Line, open: Open | None, addresses: Addresses | None, own: str, within: str) -> ShownLine:
    formats = table.answers[0].formats
    record = table.answers[0].object.key if line.id is not None else ""
    cells = [_cell(cell, formats, open, addresses) for cell in line.cells]
    if record and addresses and cells:
        cells[0].href = addresses.of(record, line.id)
    if line.kind == "total":
        for cell in cells[: table.labels]:
            cell.text = "" if cell.text == "–" else cell.text
    return ShownLine(line.kind, line.depth, cells[: table.labels], cells[table.labels :], own, within)


def _cell(cell: Cell, formats, open: Open | None, addresses: Addresses | None) -> Shown:
    """A name or a figure; nothing is behind a figure that is empty."""
    if cell.value is None and cell.place is None:
        return Shown("" if cell.column.role == "group" else "–", css=_css(cell))
    href = ""
    if cell.place is not None:
        href = open(cell) if open and cell.value is not None else ""
    elif cell.id is not None and addresses and cell.column.link:
        href = addresses.of(cell.column.link, cell.id)
    return Shown(text(cell.column, cell.value, formats), href, _css(cell), cell.tone, cell.word)


def _css(cell: Cell) -> str:
    from prm.reporting.table import numeric

    return "num" if cell.place is not None or numeric(cell.column) else ""
