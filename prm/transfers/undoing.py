"""Taking an import back: each row reversed, kept because it was edited since, or failed with the reason.

Newest rows first, some hundred in one transaction each: what is reversed says so, and a worker that dies is followed by
one that goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from peewee import DateField, IntegrityError, fn

from prm.catalogue import records
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.core.db import db
from prm.core.jobs import enqueue
from prm.models import Activity, Contact, CustomRecord, Deal, Import, ImportRow, KpiEntry, Partner, Person, Scorecard, Target
from prm.transfers.additions import remove

REVERSED, KEPT, FAILED = "reversed", "kept", "failed"
EDITED = "Edited since the import."
BATCH = 200
Report = Callable[[int, int], None]
Touched = set[tuple[int, date | None]]


def undo(viewer, batch: Import, report: Report = lambda done, total: None) -> dict[str, int]:
    """Reverse what can be reversed; returns how many went which way."""
    rows = ImportRow.select().where((ImportRow.batch == batch) & ImportRow.outcome.in_(("made", "changed")))
    total = rows.count()
    left = rows.where(ImportRow.undone == "").order_by(ImportRow.id.desc()).limit(BATCH)
    done = total - left.clone().limit(None).count()
    while entries := list(left.clone()):
        with db.atomic():
            _reverse_all(catalogue(viewer)[batch.object].table, entries)
        done += len(entries)
        report(done, total)
    return _finish(viewer, batch)


def _finish(viewer, batch: Import) -> dict[str, int]:
    counts = outcomes(batch)
    with db.atomic():
        stayed = remove(catalogue(viewer)[batch.object].table, batch.found.get("added") or {})
        _mark_again(batch.found.get("unmarked") or {})
        facts = batch.found | {"stayed": stayed}
        mine = (Import.id == batch.id) & (Import.state == "undoing")
        if Import.update(state="undone", message="", undone_at=clock.now(), found=facts).where(mine).execute():
            Activity.record(viewer, "import.undone", batch, title=batch.filename, **counts)
            if batch.object == "partner":
                enqueue("kpis.compute", key="all")  # whoever stays has another rank
    return counts


def _mark_again(unmarked: dict[str, int]) -> None:
    """The primary contact that the import took the mark from has it again, unless the partner has another one by now."""
    for partner, contact in unmarked.items():
        marked = Contact.select(Contact.partner).where((Contact.partner == int(partner)) & (Contact.primary == True))  # noqa: E712
        if not marked.exists():
            Contact.update(primary=True).where((Contact.id == contact) & (Contact.partner == int(partner))).execute()


def outcomes(batch: Import) -> dict[str, int]:
    """How many rows were reversed, kept and failed so far."""
    found = ImportRow.select(ImportRow.undone, fn.COUNT(ImportRow.id)).where(ImportRow.batch == batch)
    return dict.fromkeys((REVERSED, KEPT, FAILED), 0) | {
        undone: count for undone, count in found.group_by(ImportRow.undone).tuples() if undone
    }


def _reverse_all(table, entries: list[ImportRow]) -> None:
    ids = [entry.subject_id for entry in entries]
    rows = {row.id: row for row in table.select().where(table.id.in_(ids))}
    hanging, touched = _hanging(table, ids), set()
    for entry in entries:
        row = rows.get(entry.subject_id)
        entry.undone, entry.undo_reason = _reverse(table, row, entry, hanging, touched)
    ImportRow.bulk_update(entries, [ImportRow.undone, ImportRow.undo_reason])
    there = set(Partner.select(Partner.id).where(Partner.id.in_({p for p, _ in touched})).scalars())
    records.touch({(partner, day) for partner, day in touched if partner in there})


def _reverse(table, row, entry: ImportRow, hanging: dict[int, str], touched: Touched) -> tuple[str, str]:
    if row is None:
        return FAILED, "It is not there any more."
    if row.version != entry.version:
        return KEPT, EDITED
    if entry.outcome == "changed":
        return _restore(table, row, entry, touched)
    if row.id in hanging:
        return FAILED, hanging[row.id]
    return _remove(row, touched)


def _remove(row, touched: Touched) -> tuple[str, str]:
    days = set() if isinstance(row, Partner) else {(row.partner_id, day) for day in records.touched_days(row)}
    try:
        with db.atomic():
            row.delete_instance()
    except IntegrityError:
        return FAILED, "Other records hang on it."
    touched |= days
    return REVERSED, ""


# What would be lost with a row: the table, the link that leads to it, which of its rows count, and what they are called.
HANGING = {
    Partner: (
        (Deal, Deal.partner, None, "deal"),
        (Contact, Contact.partner, None, "contact"),
        (CustomRecord, CustomRecord.partner, None, "further record"),
        (Partner, Partner.parent, None, "partner below it"),
        (Person, Person.partner, None, "login"),
        (Target, Target.partner, None, "target"),
        (KpiEntry, KpiEntry.partner, None, "typed-in figure"),
        (Scorecard, Scorecard.partner, Scorecard.state == "published", "published scorecard"),
    ),
    Contact: (
        (Person, Person.contact, None, "login"),
        (Deal, Deal.owner, None, "deal"),
    ),
}


def _hanging(table, ids: list[int]) -> dict[int, str]:
    """For each row with something hanging on it, a sentence."""
    found: dict[int, list[str]] = {}
    for other, link, which, noun in HANGING.get(table, ()):
        query = other.select(link, fn.COUNT(other.id)).where(link.in_(ids)).group_by(link)
        for id, count in (query.where(which) if which is not None else query).tuples():
            found.setdefault(id, []).append(f"{count} {noun if count == 1 else _plural(noun)}")
    return {id: f"{' and '.join(nouns)} would be lost with it." for id, nouns in found.items()}


def _plural(noun: str) -> str:
    return "partners below it" if noun == "partner below it" else f"{noun}s"


def _restore(table, row, entry: ImportRow, touched: Touched) -> tuple[str, str]:
    days = {(records.partner_of(row), day) for day in records.touched_days(row)}
    values = {name: _value(table._meta.fields[name], old) for name, old in (entry.before or {}).items()}
    values |= {"version": row.version + 1, "updated_at": clock.now()}
    try:
        with db.atomic():
            table.update(values).where(table.id == row.id).execute()
    except IntegrityError:
        return FAILED, "Its old number, address or partner is taken or gone by now."
    row.__data__.update(values)
    touched |= days | {(records.partner_of(row), day) for day in records.touched_days(row)}
    return REVERSED, ""


def _value(column, old: Any) -> Any:
    if isinstance(column, DateField) and isinstance(old, str):
        return date.fromisoformat(old)
    return datetime.fromisoformat(old) if column.field_type == "DATETIME" and isinstance(old, str) else old
