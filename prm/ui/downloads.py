"""A list as a file: every row the question finds, not the page, in CSV or XLSX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, send_file

from prm.catalogue.answer import Amount, Answer, Column
from prm.catalogue.kinds import KINDS
from prm.catalogue.question import MAX_LIMIT
from prm.core import clock
from prm.core.errors import Invalid
from prm.core.money import from_minor, minor_digits
from prm.ui.lists import List
from prm.ui.sheets import SheetColumn, write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(table: List) -> Response:
    """The file the address asked for, named after what is in it and the day. Never a part of the rows in silence."""
    if table.count > MAX_LIMIT:
        raise Invalid(f"These are {table.count:,} rows; one file holds {MAX_LIMIT:,}. Narrow the list with a filter first.")
    what = re.sub(r"[^\w-]+", "-", table.object.plural.lower()).strip("-")
    name = f"{what}-{clock.now():%Y-%m-%d}.{table.format}"
    columns, rows = sheet_columns(table.answer), sheet_rows(table.answer)
    if table.format == "csv":
        return sent_csv(write_csv(columns, rows), name)
    return sent_xlsx(lambda file: write_xlsx(file, columns, rows, sheet=table.object.plural), name)


def sent_csv(chunks: Iterable[bytes], name: str) -> Response:
    return Response(chunks, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def sent_xlsx(write: Callable[[IO[bytes]], None], name: str) -> Response:
    """What `write` puts into the file it is given: in memory while it is small, gone once it was sent."""
    file = SpooledTemporaryFile(max_size=5_000_000)
    write(file)
    file.seek(0)
    answer = send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)
    answer.call_on_close(file.close)
    return answer


def sheet_columns(answer: Answer) -> list[SheetColumn]:
    """How each column of an answer is typed in a file."""
    return [_column(c, answer) for c in answer.columns]


def sheet_rows(answer: Answer) -> Iterator[list]:
    """The rows of an answer as typed cells."""
    return ([_plain(r.values[c.key], c, answer) for c in answer.columns] for r in answer.rows)


def _column(column: Column, answer: Answer) -> SheetColumn:
    kind = "text" if column.link or column.kind_key not in KINDS else KINDS[column.kind_key].xlsx
    return SheetColumn(column.label, kind, minor_digits(answer.formats.currency))


def _plain(value, column: Column, answer: Answer):
    """A typed cell: what is a number on the screen is a number in the file."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Amount):
        return from_minor(value.minor, value.currency)
    return KINDS[column.kind_key].plain(value, answer.formats)
