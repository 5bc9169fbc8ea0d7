"""A report as a file, answered for whoever downloads it, with every line and not only those of the screen."""
from __future__ import annotations

from flask import Response
from werkzeug.datastructures import MultiDict

from prm.catalogue.question import MAX_LIMIT
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.table import Table
from prm.ui.answered import given_values, said
from prm.ui.documents import file_name
from prm.ui.downloads import sent_csv, sent_xlsx
from prm.ui.table_files import write_csv, write_xlsx


def download(content: Content, viewer, args: MultiDict, name: str) -> Response:
    """CSV, or Excel where the address asks for it."""
    viewer = getattr(viewer, "_get_current_object", lambda: viewer)()
    table = ask(content.changed(given_values(content, args)), viewer, limit=MAX_LIMIT)
    if args.get("format") == "xlsx":
        return sent_xlsx(lambda file: write_xlsx(file, table, title=name, about=about(table, viewer)), file_name(name, "xlsx"))
    return sent_csv(write_csv(table), file_name(name, "csv"))


def about(table: Table, viewer) -> list[tuple[str, str]]:
    """What a file says of itself: to staff the question in words, when it was answered, how much of it this is."""
    as_of = table.answers[0].as_of
    what = [("What", said(table))] if viewer.is_staff else []
    return [*what, ("As of", as_of.isoformat(timespec="minutes")), ("How much", table.said), *(("Note", n) for n in table.notes)]
