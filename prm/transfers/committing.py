"""Storing an import: everything in one transaction, so that a crash in the middle leaves all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from prm.catalogue import records
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core import bulk, clock
from prm.core.db import db
from prm.core.errors import Conflict, Invalid
from prm.models import Activity, Contact, CustomField, Import, ImportRow
from prm.models.derived import Derive
from prm.transfers import matching
from prm.transfers.additions import Made, make_fields
from prm.transfers.checking import CHANGED, MADE, REFUSED, UNCHANGED, Checker, Line
from prm.transfers.finding import Found
from prm.transfers.plan import Plan

LOGGED = ("batch", "line", "outcome", "subject_id", "before", "version", "reason", "undone", "undo_reason")
Report = Callable[[int], None]


class Commit:
    """Writes checked lines; knows what it made, changed, left and refused."""

    def __init__(self, batch: Import, obj: Object, checker: Checker):
        self.batch, self.obj, self.checker = batch, obj, checker
        self.derive, self.added = Derive(), Made()
        self.touched: set[tuple[int, date | None]] = set()
        self.unmarked: dict[str, int] = {}  # partner -> the contact that was its primary one before
        self.counts = dict.fromkeys((MADE, CHANGED, UNCHANGED, REFUSED), 0)
        self.refusals: list[tuple[int, str]] = []
        names = [f.name for f in obj.table._meta.sorted_fields if f.name != "id"]
        self.columns = names
        self._last = obj.table.select(obj.table.id).order_by(obj.table.id.desc()).limit(1).scalar() or 0

    def run(self, rows, report: Report) -> None:
        done = 0
        for lines in self.checker.check(rows):
            self._store(lines)
            done += len(lines)
            report(done)
        records.touch(self.touched)

    def _store(self, lines: list[Line]) -> None:
        for line in lines:
            self.counts[line.outcome] += 1
            if line.outcome == REFUSED:
                self.refusals.append((line.at, line.reason))
            elif line.outcome != UNCHANGED:
                line.changes |= records.apply(self.obj, line.row, self.added.settle(line))
        self._insert([line for line in lines if line.outcome == MADE])
        for line in lines:
            if line.outcome == CHANGED:
                self._update(line)
        self._settle_primaries(lines)
        self._log(lines)

    # ── new ones ──

    def _insert(self, lines: list[Line]) -> None:
        self._give_numbers([line for line in lines if not line.row.number])
        for line in lines:
            self.derive(line.row)
        values = [[line.row.__data__.get(name) for name in self.columns] for line in lines]
        found = dict(bulk.insert(self.obj.table, self.columns, values, returning=("number", "id")))
        for line in lines:
            line.row.id = found[line.row.number]
            self._touch(line.row)

    def _give_numbers(self, lines: list[Line]) -> None:
        """Numbers nobody has, counted on from the highest id."""
        table, prefix = self.obj.table, records.prefix(self.obj)
        while lines:
            wanted = {f"{prefix}{self._last + at:05d}": line for at, line in enumerate(lines, 1)}
            self._last += len(lines)
            taken = set(table.select(table.number).where(table.number.in_(list(wanted))).scalars())
            for number, line in wanted.items():
                line.number = "" if number in taken or not self.checker.known.claim_number(number, line) else number
                line.row.number = line.number
            lines = [line for line in lines if not line.number]

    # ── known ones ──

    def _update(self, line: Line) -> None:
        row, before, table = line.row, line.before, self.obj.table
        self.derive(row)
        row.version, row.updated_at = row.version + 1, clock.now()
        changed = [f for f in row._meta.sorted_fields if before.get(f.name) != row.__data__.get(f.name)]
        unchanged = (table.id == row.id) & (table.version == before["version"])
        if not table.update({f: row.__data__.get(f.name) for f in changed}).where(unchanged).execute():
            raise Conflict(f"Somebody edited the record of line {line.at} meanwhile. Nothing was stored; try again.")
        line.before = {f.name: _json(before.get(f.name)) for f in changed if f.name not in ("version", "updated_at")}
        had = before["id"] if self.obj.key == "partner" else before["partner"]
        self._touch(row, line.changes, had)

    def _touch(self, row, changes=None, had: int | None = None) -> None:
        partners = {records.partner_of(row)} | ({had} if had else set())
        self.touched |= {(p, day) for p in partners for day in records.touched_days(row, changes)}

    def _settle_primaries(self, lines: list[Line]) -> None:
        """One primary contact a partner: the last one named so."""
        latest = {line.row.partner_id: line.row.id for line in lines if _is_primary(line)}
        own = [line.row.id for line in lines if line.outcome != REFUSED]
        for partner, id in latest.items():
            others = (Contact.partner == partner) & (Contact.id != id) & (Contact.primary == True)  # noqa: E712
            for before in Contact.select(Contact.id).where(others & Contact.id.not_in(own)).scalars():
                self.unmarked.setdefault(str(partner), before)
            Contact.update(primary=False).where(others).execute()

    # ── the record of it ──

    def _log(self, lines: list[Line]) -> None:
        rows = [_entry(self.batch.id, line) for line in lines if line.outcome != UNCHANGED]
        bulk.insert(ImportRow, LOGGED, rows)


def _is_primary(line: Line) -> bool:
    return line.outcome in (MADE, CHANGED) and isinstance(line.row, Contact) and line.row.primary


def _entry(batch: int, line: Line) -> tuple:
    if line.outcome == REFUSED:
        return batch, line.at, REFUSED, None, None, 1, line.reason[:1000], "", ""
    before = line.before if line.outcome == CHANGED else None
    return batch, line.at, line.outcome, line.row.id, before, line.row.version, "", "", ""


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def commit(viewer, batch: Import, plan: Plan, sheet, found: dict[str, Found], report: Report) -> Commit:
    """Check and store a file in one transaction. Of two workers on the same import the second finds it done."""
    with db.atomic():
        if not Import.update(state="committing").where((Import.id == batch.id) & (Import.state == "committing")).execute():
            raise Invalid("This import is stored already, or was changed in the meantime. Look at it again.")
        obj = catalogue(viewer)[batch.object]
        settled, fields = make_fields(viewer, obj, plan)
        obj = catalogue(viewer)[batch.object]
        ImportRow.delete().where(ImportRow.batch == batch.id).execute()  # the refusals of its check
        done = Commit(batch, obj, Checker(viewer, obj, settled, sheet.header, found))
        done.run(sheet.rows(), report)
        matching.remember(obj, sheet.header, settled.as_dict())
        _finish(viewer, batch, done, fields)
    return done


def _finish(viewer, batch: Import, done: Commit, fields: list[int]) -> None:
    made = CustomField.select(CustomField.label).where(CustomField.id.in_(fields)).order_by(CustomField.id)
    labels = list(made.scalars()) if fields else []
    added = {"added": done.added.ids | {"fields": fields}, "names": done.added.facts(), "fields": labels}
    facts = batch.found | added | {"unmarked": done.unmarked}
    Import.update(state="done", message="", done_at=clock.now(), found=facts, **done.counts).where(
        Import.id == batch.id
    ).execute()
    Activity.record(viewer, "import.done", batch, title=batch.filename, object=batch.object, **done.counts)
