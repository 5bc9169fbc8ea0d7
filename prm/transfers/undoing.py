"""Taking an import back: each row reversed, kept because it was edited since, or failed with the reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import DateField, IntegrityError

from prm.catalogue import records
from prm.core import clock
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.jobs import Job
from prm.models import Activity, Contact, Deal, Import, ImportRow, Partner, Person, Scorecard

TABLES = {"partner": Partner, "contact": Contact, "deal": Deal}
EDITED = "edited since"


def undo(viewer, batch: Import, job: Job | None = None) -> dict[str, int]:
    """Reverse what can be reversed, newest row first, in one transaction; returns how many went which way."""
    counts = {"reversed": 0, "kept": 0, "failed": 0}
    with db.atomic():
        fresh = Import.get_by_id(batch.id)
        if fresh.state != "done":
            raise Invalid("Only an import that is done can be taken back.")
        touched: set[tuple[int, date | None]] = set()
        rows = ImportRow.select().where((ImportRow.batch == batch) & (ImportRow.outcome != "refused"))
        for at, entry in enumerate(list(rows.order_by(ImportRow.id.desc())), 1):
            outcome, reason = _reverse(TABLES[batch.object], entry, touched)
            counts[outcome] += 1
            ImportRow.update(undone=outcome, undo_reason=reason).where(ImportRow.id == entry.id).execute()
            if job is not None and at % 500 == 0:
                job.progress = at
        records.touch({(p, d) for p, d in touched if Partner.select().where(Partner.id == p).exists()})
        Import.update(state="undone", undone_at=clock.now()).where(Import.id == batch.id).execute()
        Activity.record(viewer, "import.undone", batch, title=batch.filename, **counts)
    return counts


def _reverse(table, entry: ImportRow, touched: set) -> tuple[str, str]:
    row = table.get_or_none(table.id == entry.subject_id)
    if row is None:
        return "failed", "It is not there any more."
    if row.version != entry.version:
        return "kept", EDITED
    return _remove(row, touched) if entry.outcome == "made" else _restore(table, row, entry, touched)


def _remove(row, touched: set) -> tuple[str, str]:
    hanging = _hanging(row)
    if hanging:
        return "failed", f"{hanging} hang on it."
    if not isinstance(row, Partner):
        touched |= {(row.partner_id, day) for day in records.touched_days(row)}
    try:
        with db.atomic():
            row.delete_instance()
    except IntegrityError:
        return "failed", "Other records hang on it."
    return "reversed", ""


def _hanging(row) -> str:
    """What would be lost with the row."""
    if isinstance(row, Partner):
        found = {
            "deals": Deal.select().where(Deal.partner == row).count(),
            "contacts": Contact.select().where(Contact.partner == row).count(),
            "published scorecards": Scorecard.select()
            .where((Scorecard.partner == row) & (Scorecard.state == "published"))
            .count(),
        }
    elif isinstance(row, Contact):
        found = {"logins": Person.select().where(Person.contact == row).count()}
    else:
        found = {}
    return " and ".join(f"{count} {noun}" for noun, count in found.items() if count)


def _restore(table, row, entry: ImportRow, touched: set) -> tuple[str, str]:
    touched |= {(records.partner_of(row), day) for day in records.touched_days(row)}
    values = {name: _value(table._meta.fields[name], old) for name, old in (entry.before or {}).items()}
    try:
        with db.atomic():
            table.update({**values, "version": row.version + 1, "updated_at": clock.now()}).where(
                table.id == row.id
            ).execute()
    except IntegrityError:
        return "failed", "Its old number or address is taken by now."
    row = table.get_by_id(row.id)
    touched |= {(records.partner_of(row), day) for day in records.touched_days(row)}
    return "reversed", ""


def _value(column, old: Any) -> Any:
    if isinstance(column, DateField) and isinstance(old, str):
        return date.fromisoformat(old)
    return datetime.fromisoformat(old) if column.field_type == "DATETIME" and isinstance(old, str) else old
