"""A list as a file: every row the question finds, not the page, in CSV or XLSX."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile

from flask import Response, send_file

from prm.catalogue.answer import Amount, Column
from prm.catalogue.kinds import KINDS
from prm.core import clock
from prm.core.money import from_minor, minor_digits
from prm.ui.lists import List
from prm.ui.sheets import SheetColumn, write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(table: List) -> Response:
    """The file the address asked for, named after what is in it and the day."""
    name = f"{table.object.plural.lower().replace(' ', '-')}-{clock.now():%Y-%m-%d}.{table.format}"
    columns = [_column(c, table) for c in table.answer.columns]
    rows = ([_plain(r.values[c.key], c, table) for c in table.answer.columns] for r in table.answer.rows)
    if table.format == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(write_csv(columns, rows), mimetype="text/csv", headers=headers)
    file = SpooledTemporaryFile(max_size=5_000_000)
    write_xlsx(file, columns, rows, sheet=table.object.plural)
    file.seek(0)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def _column(column: Column, table: List) -> SheetColumn:
    kind = "text" if column.link or column.kind_key not in KINDS else KINDS[column.kind_key].xlsx
    return SheetColumn(column.label, kind, minor_digits(table.answer.formats.currency))


def _plain(value, column: Column, table: List):
    """A typed cell: what is a number on the screen is a number in the file."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Amount):
        return from_minor(value.minor, value.currency)
    return KINDS[column.kind_key].plain(value, table.answer.formats)
