"""Bringing a database to the shape of the models: one process at a time, each migration in one transaction, and on
SQLite with a copy of the file beside it first.
"""
from __future__ import annotations

import re
from pathlib import Path

from peewee import DatabaseError
from playhouse.migrations import Runner, template
from playhouse.schema_diff import SchemaDiff, diff_models

from prm.core.alone import alone
from prm.core.db import db, is_sqlite, open_database
from prm.core.errors import Invalid
from prm.core.trouble import trouble
from prm.kpis.starters import lay_starters
from prm.models import TABLES, Stage
from prm.settings import ROOT
from prm.setup.defaults import lay_defaults

FOLDER = ROOT / "migrations"
COPIES = 3


def migrate(var: Path) -> list[str]:
    """Apply what is pending, under a lock; returns the names. Two starting processes: the second finds nothing to do."""
    with db.connection_context(), alone("migrate"):
        fresh = not db.get_tables()
        runner = Runner(db.obj, directory=str(FOLDER))
        if ahead := newer(runner):
            raise Invalid(f"The database belongs to a newer version ({ahead[-1]}). Update this copy of the portal first.")
        waiting = pending(runner)
        if waiting and is_sqlite() and not fresh:
            copy_to(place_for_copy(var, waiting[0]))
        done = runner.up() if waiting else []
        _lay_beginning()
        return done


def _lay_beginning() -> None:
    """What a portal starts with, all or nothing. Without stages it never got it, as nobody can remove the last one: a
    process that was killed right after migrating left it to the next."""
    if Stage.select().exists():
        return
    with db.atomic():
        lay_defaults()
        lay_starters()


def pending(runner: Runner | None = None) -> list[str]:
    runner = runner or Runner(db.obj, directory=str(FOLDER))
    return [step.name for step in runner.status() if step.path and not step.applied]


def newer(runner: Runner | None = None) -> list[str]:
    """Migrations of the database that this version does not know."""
    runner = runner or Runner(db.obj, directory=str(FOLDER))
    return [step.name for step in runner.status() if step.applied and not step.path]


def refuse_damaged() -> None:
    """A SQLite file that is not whole must not be served; 0.4 s for half a gigabyte."""
    if not is_sqlite():
        return
    try:
        with db.connection_context():
            found = db.execute_sql("PRAGMA quick_check(1)").fetchone()[0]
    except DatabaseError as error:
        if trouble(error):
            raise
        found = str(error)
    if found != "ok":
        raise Invalid(f"The database is damaged ({found}). Put the last backup back: prm restore FILE --replace")


def copy_to(path: Path) -> None:
    """A complete copy of a SQLite database, also while others write; `cp` of a living file is damaged."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    db.execute_sql("VACUUM INTO ?", (str(path),))


def place_for_copy(var: Path, before: str) -> Path:
    """Where the copy goes; of older ones the newest few are kept."""
    folder = var / "copies"
    folder.mkdir(mode=0o700, exist_ok=True)
    older = sorted(folder.glob("before-*.db"), key=lambda path: path.stat().st_mtime)
    for path in older[: -COPIES + 1]:
        path.unlink()
    return folder / f"before-{before}.db"


# ── writing a migration ──


def draft(name: str, scratch: Path) -> Path | None:
    """Write the migration that leads from the last one to the models; None when nothing changed. To be read before it
    is committed: a rename shows as drop and add."""
    database = open_database(f"sqlite:///{scratch / 'draft.db'}")
    with database.connection_context():
        runner = Runner(database, directory=str(FOLDER))
        runner.up()
        diff = diff_models(database, TABLES)
        return Path(runner.create(name, body=_plain(template(diff), diff))) if diff else None


def _plain(body: str, diff: SchemaDiff) -> str:
    """Frozen: a migration uses peewee's own fields, so that it means the same when ours have moved on."""
    for own, plain in (("Moment", "DateTimeField"), ("Exact", "BigIntegerField")):
        body = re.sub(rf"\b{own}\(", f"{plain}(", body)
        body = re.sub(rf"^from prm\.core\.db import {own}\n", "", body, flags=re.M)
    for field in (field for model in diff.create_tables for field in model._meta.sorted_fields):
        if getattr(field, "deferred", False):
            body = _without_constraint(body, field)
    body = re.sub(r"^# TODO: .*default <.*\n", "", body, flags=re.M)  # given by Python, as the model does it
    return re.sub(r"^# Generated from .*\n", '"""To be described: what changes, and why."""\n', body)


def _without_constraint(body: str, field) -> str:
    """Two tables that point at each other: the first is made while the second is missing, so it has only the column."""
    line = rf"^    (    {field.name}) = ForeignKeyField\(.*$"
    column = f"IntegerField(null={field.null}, index=True, column_name={field.column_name!r})"
    return re.sub(line, rf"    \1 = {column}", body, count=1, flags=re.M)
