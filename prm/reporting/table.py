"""An answer as one table: headings, lines with groups, subtotals and totals, and for each figure the groups it lies in.

Screen, CSV, Excel, PDF and mail are all made of this, so they cannot differ by a cent.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from prm.catalogue.answer import Amount, Answer, Column
from prm.catalogue.kinds import KINDS
from prm.reporting.content import Highlight

EMPTY = "Empty"
Place = tuple[tuple[int, Any], ...]  # (number of the group, its raw value), …


@dataclass(frozen=True, slots=True)
class Head:
    """`key` is what one can sort by; `span` how many columns it stands over."""

    text: str
    key: str = ""
    numeric: bool = False
    span: int = 1


@dataclass(slots=True)
class Cell:
    """`place` says what is behind a figure: the groups it lies in, () for every row; None where there is nothing to open."""

    column: Column
    value: Any = None
    place: Place | None = None
    id: int | None = None  # of the record that the value names
    tone: str = ""
    word: str = ""
    part: int = 0  # which question of a joined report it is of


@dataclass(slots=True)
class Line:
    """`kind` is row, group (a heading with its subtotals, `depth` 0 the outermost) or total."""

    kind: str
    cells: list[Cell]
    depth: int = 0
    path: tuple = ()  # raw values of the row groups it lies in
    id: int | None = None


@dataclass
class Table:
    """`heads` are rows of headings, the last one has a heading for each column; the first `labels` columns are names, the
    others figures. `count` is how many lines there would be without the limit."""

    answers: list[Answer]
    heads: list[list[Head]]
    lines: list[Line]
    labels: int
    count: int
    shown: int
    notes: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[Column]:
        return [cell.column for cell in self.lines[-1].cells] if self.lines else []

    @property
    def said(self) -> str:
        """Always said: how much of it this is."""
        rest = f"; totals are over all {self.count:,}" if self.shown < self.count else ""
        return f"Showing {self.shown:,} of {self.count:,}{rest}"


def mark(table: Table, highlights: Sequence[Highlight]) -> None:
    for cell in (cell for line in table.lines if highlights for cell in line.cells[table.labels :]):
        found = next((h for h in highlights if h.key == cell.column.key and h.holds(_plain(cell, table))), None)
        if found:
            cell.tone, cell.word = found.tone, found.word


def _plain(cell: Cell, table: Table) -> Any:
    """A figure as people think of it: money in whole units, not in cents."""
    if cell.value is None or isinstance(cell.value, str | Amount) or cell.column.kind_key not in KINDS:
        return None
    return KINDS[cell.column.kind_key].plain(cell.value, table.answers[0].formats)


def grand_total(table: Table, key: str) -> Any:
    """The total of this column of the first question, over all rows, as a plain number; None where it is empty."""
    answer = table.answers[0]
    return next((_plain(Cell(c, answer.totals.get(key)), table) for c in answer.columns if c.key == key), None)


def left_out(answer: Answer) -> list[str]:
    if not answer.left_out:
        return []
    one = answer.left_out == 1
    return [f"{answer.left_out:,} row{'' if one else 's'} without an exchange rate {'is' if one else 'are'} in no sum"]


def numeric(column: Column) -> bool:
    return column.kind_key in KINDS and KINDS[column.kind_key].numeric


# ── a list ──


def list_table(answer: Answer) -> Table:
    heads = [Head(c.label, c.key, numeric(c)) for c in answer.columns]
    lines = [
        Line("row", [Cell(c, row.values[c.key], id=row.links.get(c.key)) for c in answer.columns], id=row.id)
        for row in answer.rows
    ]
    if any(value is not None for value in answer.totals.values()):
        lines.append(Line("total", [Cell(c, answer.totals.get(c.key)) for c in answer.columns]))
    return Table([answer], [heads], lines, len(heads), answer.count, len(answer.rows))
