"""What became of each row of an import, for its pages and for the file of those that were refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from peewee import ModelSelect

from prm.catalogue.objects import catalogue
from prm.models import Deal, Import, ImportRow
from prm.transfers.plan import Plan
from prm.transfers.preview import titles
from prm.transfers.services import sheet_of
from prm.ui.sheets import SheetColumn

RESULTS = {
    "made": "Made", "changed": "Changed", "refused": "Refused",
    "reversed": "Reversed", "kept": "Kept", "failed": "Not reversed",
}  # fmt: skip
NEGATIVE = re.compile(r"-\d{1,30}(\.\d{1,10})?", re.ASCII)
UNDONE = ("reversed", "kept", "failed")


@dataclass(frozen=True)
class Described:
    """A row of the import with the name of its record, empty where it is gone or not the viewer's to see."""

    line: int
    id: int | None
    title: str
    text: str


def entries(batch: Import, *results: str) -> ModelSelect:
    """The rows with one of these results, in the order of the file."""
    column = ImportRow.undone if results[0] in UNDONE else ImportRow.outcome
    return ImportRow.select().where((ImportRow.batch == batch) & column.in_(results)).order_by(ImportRow.line)


def described(viewer, batch: Import, found: list[ImportRow]) -> list[Described]:
    names = titles(viewer, batch.object, {e.subject_id for e in found if e.subject_id})
    labels = {f.attribute: f.label for f in catalogue(viewer)[batch.object].fields if f.attribute}
    return [
        Described(e.line, e.subject_id if e.subject_id in names else None, names.get(e.subject_id, ""), _text(e, labels))
        for e in found
    ]


def _text(entry: ImportRow, labels: dict[str, str]) -> str:
    """Why it is so; of a changed row, which fields changed."""
    if entry.undo_reason or entry.reason:
        return entry.undo_reason or entry.reason
    fields = [labels.get(name, "Custom fields" if name == "custom" else "") for name in entry.before or {}]
    return ", ".join(dict.fromkeys(f for f in fields if f))


def rateless(batch: Import) -> int:
    """How many of the deals it stored have an amount that no exchange rate turns into the base currency."""
    if batch.object != "deal" or batch.state != "done":
        return 0
    stored = ImportRow.select(ImportRow.subject_id).where((ImportRow.batch == batch) & ImportRow.outcome.in_(("made", "changed")))
    return Deal.select().where(Deal.id.in_(stored) & Deal.amount.is_null(False) & Deal.amount_base.is_null()).count()


def refused_sheet(batch: Import) -> tuple[list[SheetColumn], list[list]]:
    """Line, reason and the cells of each refused row: to be mended and imported again."""
    header: list[str] = batch.found["header"]
    columns = [SheetColumn(name) for name in ("Line", "Reason", *header)]
    reasons = {entry.line: entry.reason for entry in entries(batch, "refused")}
    if not reasons:
        return columns, []
    sheet = sheet_of(batch, Plan.of(batch.settings))
    found = [(line, cells) for line, cells in sheet.rows() if line in reasons]
    return columns, [[line, reasons[line], *(_number_or_text(cell) for cell in cells)] for line, cells in found]


def _number_or_text(cell):
    """A negative number is written as one: as a text it would be made harmless, and be no number any more."""
    return Decimal(cell) if isinstance(cell, str) and NEGATIVE.fullmatch(cell.strip()) else cell
