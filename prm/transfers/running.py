"""The long parts of an import: checking every row, storing all of it, and both at once for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prm.catalogue.objects import catalogue
from prm.core import bulk, files
from prm.core.db import db
from prm.models import Import, ImportRow, Organisation
from prm.transfers import progress, services
from prm.transfers.additions import Noted
from prm.transfers.checking import REFUSED, Checker, fixed_values
from prm.transfers.committing import LOGGED, Commit, commit
from prm.transfers.plan import Plan, by_hand, with_new_fields
from prm.transfers.reading import open_table
from prm.transfers.standing import Standing, found_of

Report = Callable[[int], None]
SHOWN = 200


@contextmanager
def organisation() -> Iterator[None]:
    """The organisation in memory: every row asks for its currency."""
    token = Organisation.remember()
    try:
        yield
    finally:
        Organisation.forget(token)


class Counts:
    """What storing would do, and why rows would be refused."""

    def __init__(self, checker: Checker, rows, report: Report):
        self.counts = dict.fromkeys(("made", "changed", "unchanged", "refused"), 0)
        self.refusals: list[tuple[int, str]] = []
        self.names = Noted()
        done = 0
        for lines in checker.check(rows):
            for line in lines:
                self.counts[line.outcome] += 1
                if line.outcome == REFUSED:
                    self.refusals.append((line.at, line.reason[:1000]))
                else:
                    self.names.settle(line)
            done += len(lines)
            report(done)


def check(viewer, batch: Import, sheet, report: Report = lambda done: None) -> Counts:
    """Read the whole file and count what would happen; stores nothing."""
    standing = Standing(viewer, batch)
    with organisation():
        checker = Checker(viewer, standing.obj, standing.plan, sheet.header, standing.found)
        return Counts(checker, sheet.rows(), report)


def keep_check(batch: Import, counted: Counts) -> bool:
    """Keep what a check found, unless somebody has changed since how the file is read."""
    facts = counted.counts | {"worst": counted.refusals[:SHOWN], "names": counted.names.facts()}
    with db.atomic():
        mine = (Import.id == batch.id) & (Import.state == "checking")
        if not Import.update(state="checked").where(mine).execute():
            return False
        fresh = Import.get_by_id(batch.id)
        if fresh.found["round"] != batch.found["round"]:
            Import.update(state="checking").where(Import.id == batch.id).execute()
            return False
        Import.update(found=fresh.found | {"check": facts}).where(Import.id == batch.id).execute()
        ImportRow.delete().where(ImportRow.batch == batch.id).execute()
        rows = [(batch.id, line, REFUSED, None, None, 1, reason, "", "") for line, reason in counted.refusals]
        bulk.insert(ImportRow, LOGGED, rows)
    return True


def store(viewer, batch: Import, sheet) -> Commit:
    """Store it now, all or nothing, and remember how it was read."""
    standing = Standing(viewer, batch)
    standing.refuse_unready()
    try:
        with organisation():
            report = lambda done: progress.tell(batch.id, done)  # noqa: E731
            return commit(viewer, batch, standing.plan, sheet, standing.found, report)
    finally:
        progress.forget(batch.id)


@dataclass(frozen=True)
class Wishes:
    """What a command says about a file: map, fixed values, formats where it leaves them open, fields to be made."""

    mapping: dict[str, str | None] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    create: bool = False
    numbers: str = ""
    days: str = ""


def import_file(viewer, object: str, path: Path, *, dry: bool = False, **wishes) -> Commit | Counts:
    """A whole import at once, for commands: Invalid with the reason, else what can be stored is stored."""
    sheet = open_table(path)
    facts = services.look(sheet)
    batch = Import(object=object, filename=services.filename_of(path.name), file="", person=viewer.id, found=facts)
    plan = _plan(viewer, batch, Wishes(**wishes))
    batch.settings, batch.state = plan.as_dict(), "committing"
    Standing(viewer, batch).refuse_unready()
    if dry:
        return check(viewer, batch, sheet)
    batch.file = _kept(path)
    with db.atomic():
        batch.save()
        return store(viewer, batch, sheet)


def _plan(viewer, batch: Import, wishes: Wishes) -> Plan:
    obj, header, found = catalogue(viewer)[batch.object], batch.found["header"], found_of(batch)
    plan = by_hand(obj, header, viewer, wishes.mapping, found, wishes.create)
    plan.columns = _without_foreign_currency(obj, plan.columns, wishes.mapping)
    plan.fixed = dict(wishes.fixed)
    fixed_values(viewer, obj, plan)  # an unknown field is refused, where a remembered one would be left out
    plan.columns = {column: key for column, key in plan.columns.items() if key not in plan.fixed}
    plan.numbers = dict.fromkeys(header, wishes.numbers) if wishes.numbers else {}
    plan.days = dict.fromkeys(header, wishes.days) if wishes.days else {}
    return with_new_fields(plan, obj, header, wishes.mapping, found) if wishes.create else plan


def _without_foreign_currency(obj, columns: dict[str, str], mapping: dict[str, str | None]) -> dict[str, str]:
    """An amount that the map names says all about it: in the base currency, unless the map names a column for that too."""
    named = set(mapping.values())
    if "currency" in named or not any(f.currency and f.key in named for f in obj.fields):
        return columns
    return {column: key for column, key in columns.items() if key != "currency"}


def _kept(path: Path) -> str:
    with open(path, "rb") as file:
        return files.save(iter(lambda: file.read(1 << 20), b""))
