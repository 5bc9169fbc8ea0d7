"""A report's table as a file: CSV with one heading, and Excel with typed cells, groups that fold, and what it is about."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter

from prm.catalogue.answer import Amount, Column
from prm.catalogue.kinds import KINDS
from prm.core.money import from_minor, minor_digits
from prm.reporting.table import Cell, Line, Table
from prm.ui import sheets
from prm.ui.sheets import SheetColumn

SUBTOTAL = "subtotal"


def headings(table: Table) -> list[str]:
    """One for each column: rows of headings flattened, “2026-Q1 / Won”."""
    rows = [[head.text for head in row for _ in range(head.span)] for row in table.heads]
    width = max((len(row) for row in rows), default=0)
    flat = [" / ".join(dict.fromkeys(row[at] for row in rows if at < len(row) and row[at])) for at in range(width)]
    return [text or "Total" if at >= table.labels else text for at, text in enumerate(flat)]


def write_csv(table: Table) -> Iterator[bytes]:
    """Names stand on every row; a subtotal and the total say so in the first column that is free."""
    columns = [SheetColumn(text) for text in headings(table)]
    return sheets.write_csv(columns, (_values(table, line) for line in table.lines))


def _values(table: Table, line: Line) -> list[Any]:
    values = [plain(cell, table) for cell in line.cells]
    if line.kind == "group":
        values[line.depth + 1] = SUBTOTAL
    return values


def plain(cell: Cell, table: Table) -> Any:
    """A typed value: what is a number on the screen is a number in the file, money in whole units."""
    value, column = cell.value, cell.column
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Amount):
        return from_minor(value.minor, value.currency)
    return KINDS[column.kind_key].plain(value, table.answers[0].formats) if column.kind_key in KINDS else value


def write_xlsx(file, table: Table, *, title: str, about: Sequence[tuple[str, str]] = ()) -> None:
    """Into a path or file object, row by row: numbers as numbers, dates as dates, headings and names frozen, subtotals bold and
    their groups foldable. A second sheet says what it is."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        _Sheet(book, table, title).write()
        page, bold = book.add_worksheet("About"), book.add_format({"bold": True})
        page.set_column(0, 0, 18)
        page.set_column(1, 1, 100)
        for at, (label, words) in enumerate([("Report", title), *about]):
            page.write_string(at, 0, label, bold)
            page.write_string(at, 1, sheets.CONTROL.sub("", words)[:32_000])


class _Sheet:
    def __init__(self, book, table: Table, title: str):
        self.book, self.table = book, table
        self.page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ") or "Report")
        self.digits = minor_digits(table.answers[0].formats.currency)
        self.styles: dict[tuple, Any] = {}

    def write(self) -> None:
        columns = self.table.columns
        for at, text in enumerate(headings(self.table)):
            self.page.set_column(at, at, 28 if at < self.table.labels else sheets.WIDTHS.get(self._type(columns[at]) if columns else "text", 16))
            self.page.write_string(0, at, sheets.CONTROL.sub("", text), self._style("text", "total"))
        self.page.freeze_panes(1, 0 if self.table.answers[0].question.is_list else self.table.labels)
        last = 0
        for last, line in enumerate(self.table.lines, 1):
            self._line(last, line)
        if self.table.answers[0].question.is_list and columns:
            self.page.autofilter(0, 0, max(1, last), len(columns) - 1)

    def _line(self, at: int, line: Line) -> None:
        if line.depth and line.kind != "total" or (line.kind == "row" and self.table.labels > 1 and line.path):
            self.page.set_row(at, None, None, {"level": min(line.depth if line.kind == "group" else max(1, len(line.path) - 1), 7)})
        for place, (cell, value) in enumerate(zip(line.cells, _values(self.table, line), strict=True)):
            sheets.put(self.page, at, place, value, self._style(self._type(cell.column), line.kind, cell.tone))
            if cell.word:
                self.page.write_comment(at, place, cell.word)

    def _type(self, column: Column) -> str:
        return "text" if column.link or column.kind_key not in KINDS else KINDS[column.kind_key].xlsx

    def _style(self, kind: str, line: str, tone: str = ""):
        """One format for each kind of cell; a workbook holds few of them."""
        key = (kind, line != "row", tone)
        if key not in self.styles:
            look: dict[str, Any] = {"bold": True} if line != "row" else {}
            look |= {"bg_color": {"good": "#e5f6ee", "warn": "#fdf2dc", "bad": "#fdecec"}[tone]} if tone else {}
            self.styles[key] = self.book.add_format(look | sheets.pattern(kind, self.digits))
        return self.styles[key]
