"""Spreadsheets out: CSV and XLSX, streamed, with typed cells, and no text that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
WIDTHS = {"text": 24, "number": 12, "money": 16, "percent": 10, "date": 12, "datetime": 18, "bool": 8}


@dataclass(frozen=True)
class SheetColumn:
    """`xlsx` is how a cell is typed: text, number, money, percent, date, datetime, bool; `digits` of its money."""

    label: str
    xlsx: str = "text"
    digits: int = 2


def harmless(text: str) -> str:
    """A text that starts like a formula gets a quote before it; numbers are never text here, so they stay as they are."""
    text = CONTROL.sub("", text)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def write_csv(columns: Sequence[SheetColumn], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """UTF-8 with a mark, so that Excel opens it right; CRLF; a few rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([harmless(c.label) for c in columns])
    for at, row in enumerate(rows, 1):
        writer.writerow([_plain(value) for value in row])
        if at % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | datetime) else value


def write_xlsx(
    file,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str = "Sheet",
    totals: Sequence[Any] | None = None,
) -> None:
    """Into a path or file object, in constant memory: numbers as numbers, dates as dates, the heading frozen."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", sheet)[:31].strip("' ") or "Sheet")
        formats = [_format(book, c) for c in columns]
        bold = book.add_format({"bold": True, "bottom": 1})
        for at, column in enumerate(columns):
            page.set_column(at, at, WIDTHS.get(column.xlsx, 20))
            page.write_string(0, at, CONTROL.sub("", column.label), bold)
        page.freeze_panes(1, 0)
        last = 0
        for last, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                put(page, last, at, value, formats[at])
        if totals:
            for at, value in enumerate(totals):
                put(page, last + 1, at, value, bold)
        page.autofilter(0, 0, last, max(0, len(columns) - 1))


def _format(book, column: SheetColumn):
    look = pattern(column.xlsx, column.digits)
    return book.add_format(look) if look else None


def pattern(kind: str, digits: int) -> dict:
    """How Excel writes a cell of this kind; `digits` of its money."""
    places = "." + "0" * digits if digits else ""
    patterns = {"money": f"#,##0{places}", "percent": "0.0%", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
    return {"num_format": patterns[kind]} if kind in patterns else {}


def put(page, row: int, at: int, value: Any, style) -> None:
    """One typed cell; text is never run as a formula."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, at, value)
    elif isinstance(value, int | Decimal | float):
        page.write_number(row, at, value, style)
    elif isinstance(value, datetime):
        page.write_datetime(row, at, value.replace(tzinfo=None), style)
    elif isinstance(value, date):
        page.write_datetime(row, at, datetime(value.year, value.month, value.day), style)
    else:
        page.write_string(row, at, CONTROL.sub("", str(value))[:32_767])
