"""Storing an import: everything in one transaction, so that a crash in the middle leaves all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from prm.catalogue import records
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import Activity, Contact, Import, ImportRow, Person, Role
from prm.models.derived import Derive
from prm.transfers.checking import GROWING, Additions, Checker, Line
from prm.transfers.plan import Plan, make_fields

BATCH = 500
Report = Callable[[int], None]


class Commit:
    """Writes checked lines; knows what it made, changed, left and refused."""

    def __init__(self, viewer, batch: Import, obj: Object, checker: Checker):
        self.viewer, self.batch, self.obj, self.checker = viewer, batch, obj, checker
        self.derive = Derive()
        self.people: dict[str, int] = {}
        self.listed: dict[str, dict[str, Any]] = {}
        self.touched: set[tuple[int, date | None]] = set()
        self.made = self.changed = self.unchanged = self.refused = 0
        self.refusals: list[tuple[int, str]] = []

    def run(self, lines: Iterable[Line], report: Report) -> None:
        at = 0
        for group in _batches(iter(lines), BATCH):
            self._group(group)
            at += len(group)
            report(at)
        records.touch(self.touched)

    def _group(self, lines: list[Line]) -> None:
        existing = self._existing([line.existing for line in lines if line.existing])
        new: list[tuple[Line, Any]] = []
        log: list[dict] = []
        for line in lines:
            if line.reasons:
                self._refuse(line, log)
                continue
            values = self._resolved(line.values)
            row = existing.get(line.existing or 0)
            try:
                if row is None:
                    new.append((line, self._prepared(values)))
                else:
                    self._change(line, row, values, log)
            except Invalid as refusal:
                line.reasons.append(refusal.message)
                self._refuse(line, log)
        self._insert(new, log)
        for group in _batches(iter(log), BATCH):
            ImportRow.insert_many(group).execute()

    def _refuse(self, line: Line, log: list[dict]) -> None:
        self.refused += 1
        self.refusals.append((line.number, line.reason))
        log.append(_entry(self.batch, line.number, "refused", reason=line.reason[:1000]))

    def _existing(self, ids: list[int]) -> dict[int, Any]:
        t = self.obj.table
        return {row.id: row for row in t.select().where(t.id.in_(ids))} if ids else {}

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        """Names of people and choices added by this import become their ids."""
        values = dict(values)
        if isinstance(values.get("manager"), str):
            values["manager"] = self.people[values["manager"]]
        tier = values.get("tier")
        if isinstance(tier, str):
            values["tier"] = self.listed["tier"][tier]
        return values

    def _prepared(self, values: dict[str, Any]):
        row = records.blank(self.obj)
        if self.obj.key == "partner" and self.viewer.role == Role.MANAGER and not self.viewer.sees_all:
            values.setdefault("manager", self.viewer.id)
        records.apply(self.obj, row, values)
        if self.obj.key == "deal" and row.stage_id is None:
            row.stage = self.first_stage
        records.check(self.obj, row)
        row.number = row.number or f"{records.PREFIX[self.obj.key]}{self._next():05d}"
        self.derive(row)
        return row

    @property
    def first_stage(self):
        from prm.models import Stage

        return Stage.select().order_by(Stage.position).first()

    def _next(self) -> int:
        """A number nobody has: counted on from the highest id."""
        if not hasattr(self, "_last"):
            t = self.obj.table
            self._last = max(t.select(t.id).order_by(t.id.desc()).scalar() or 0, len(self.checker.keys))
            self._taken = set(t.select(t.number).scalars())
        self._last += 1
        while f"{records.PREFIX[self.obj.key]}{self._last:05d}" in self._taken:
            self._last += 1
        return self._last

    def _insert(self, new: list[tuple[Line, Any]], log: list[dict]) -> None:
        if not new:
            return
        t = self.obj.table
        names = [f.name for f in t._meta.sorted_fields if f.name != "id"]
        t.insert_many(
            [[row.__data__.get(name) for name in names] for _, row in new], fields=[getattr(t, n) for n in names]
        ).execute()
        ids = dict(t.select(t.number, t.id).where(t.number.in_([row.number for _, row in new])).tuples())
        for line, row in new:
            row.id = ids[row.number]
            self._touch(row)
            log.append(_entry(self.batch, line.number, "made", row.id, version=row.version))
        if t is Contact:
            self._primaries([row for _, row in new])
        self.made += len(new)

    def _primaries(self, rows: list[Contact]) -> None:
        """One primary contact a partner: the last one named so."""
        for row in rows:
            if row.primary:
                Contact.update(primary=False).where(
                    (Contact.partner == row.partner_id) & (Contact.id != row.id)
                ).execute()

    def _change(self, line: Line, row, values: dict[str, Any], log: list[dict]) -> None:
        had, before = records.partner_of(row), dict(row.__data__)
        changes = records.apply(self.obj, row, values)
        if not changes:
            self.unchanged += 1
            return
        records.check(self.obj, row)
        self.derive(row)
        row.version, row.updated_at = row.version + 1, clock.now()
        changed = [f for f in row._meta.sorted_fields if before.get(f.name) != row.__data__.get(f.name)]
        self.obj.table.update({f: row.__data__.get(f.name) for f in changed}).where(
            self.obj.table.id == row.id
        ).execute()
        old = {f.name: _json(before.get(f.name)) for f in changed if f.name not in ("version", "updated_at")}
        log.append(_entry(self.batch, line.number, "changed", row.id, before=old, version=row.version))
        self._touch(row, changes, had)
        self.changed += 1

    def _touch(self, row, changes=None, had: int | None = None) -> None:
        partners = {records.partner_of(row)} | ({had} if had else set())
        self.touched |= {(p, day) for p in partners for day in records.touched_days(row, changes)}

    # ── what comes with the rows ──

    def add(self, additions: Additions) -> None:
        """Managers known by name only, who cannot sign in until an admin invites them; new tiers and business roles."""
        for name in additions.people:
            self.people[name] = Person.create(name=name, role=Role.MANAGER.value).id
        for key, names in additions.listed.items():
            table = GROWING[key]
            position = table.select().count()
            for name in names:
                row = table.get_or_none(table.name == name) or table.create(name=name, position=position)
                position += 1
                self.listed.setdefault(key, {})[name] = row.id


def _entry(
    batch: Import, number: int, outcome: str, id: int | None = None, *, before=None, version: int = 1, reason: str = ""
) -> dict:
    return {
        "batch": batch,
        "line": number,
        "outcome": outcome,
        "subject_id": id,
        "before": before,
        "version": version,
        "reason": reason,
    }


def _batches(items: Iterator, size: int) -> Iterator[list]:
    while group := list(islice(items, size)):
        yield group


def _json(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def commit(viewer, batch: Import, plan: Plan, open_sheet, found, report: Report = lambda at: None) -> Commit:
    """Check and store a file, all or nothing. `open_sheet()` opens it anew: it is read twice, first to see what lists
    and people it adds to, then to store."""
    with db.atomic():
        make_fields(catalogue(viewer)[batch.object], plan)
        settled = Plan.of(plan.as_dict())
        settled.columns |= {column: key for column, (key, _) in settled.made.items()}
        settled.made = {}
        obj = catalogue(viewer)[batch.object]
        sheet = open_sheet()
        checker = Checker(viewer, obj, settled, sheet.header, found)
        lines = list(checker.check(sheet.rows()))
        done = Commit(viewer, batch, obj, checker)
        done.add(checker.additions)
        done.run(lines, report)
        _finish(viewer, batch, done, obj)
    return done


def _finish(viewer, batch: Import, done: Commit, obj: Object) -> None:
    batch.state, batch.done_at = "done", clock.now()
    batch.made, batch.changed, batch.unchanged, batch.refused = done.made, done.changed, done.unchanged, done.refused
    batch.save()
    Activity.record(
        viewer, "import.done", batch, title=batch.filename, object=obj.key,
        made=done.made, changed=done.changed, unchanged=done.unchanged, refused=done.refused,
    )  # fmt: skip
