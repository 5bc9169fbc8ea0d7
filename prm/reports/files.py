"""A report as a file, answered for whoever downloads it, with every line and not only those of the screen."""
from __future__ import annotations

from tempfile import SpooledTemporaryFile

from flask import Response, send_file
from werkzeug.datastructures import MultiDict

from prm.catalogue.question import MAX_LIMIT
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.table import Table
from prm.ui.answered import given_values, said
from prm.ui.documents import file_name
from prm.ui.downloads import XLSX
from prm.ui.table_files import write_csv, write_xlsx


def download(content: Content, viewer, args: MultiDict, name: str) -> Response:
    """CSV, or Excel where the address asks for it."""
    viewer = getattr(viewer, "_get_current_object", lambda: viewer)()
    table = ask(content.changed(given_values(content, args)), viewer, limit=MAX_LIMIT)
    if args.get("format") == "xlsx":
        return _xlsx(table, name, file_name(name, "xlsx"), viewer)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(name, "csv")}"'}
    return Response(write_csv(table), mimetype="text/csv", headers=headers)


def _xlsx(table: Table, name: str, filename: str, viewer) -> Response:
    file = SpooledTemporaryFile(max_size=5_000_000)
    write_xlsx(file, table, title=name, about=about(table, viewer))
    file.seek(0)
    answer = send_file(file, mimetype=XLSX, as_attachment=True, download_name=filename)
    answer.call_on_close(file.close)
    return answer


def about(table: Table, viewer) -> list[tuple[str, str]]:
    """What a file says of itself: to staff the question in words, when it was answered, how much of it this is."""
    as_of = table.answers[0].as_of
    what = [("What", said(table))] if viewer.is_staff else []
    return [*what, ("As of", as_of.isoformat(timespec="minutes")), ("How much", table.said), *(("Note", n) for n in table.notes)]
