"""prm restore: a backup becomes this portal, all of it or nothing.

It is read, checked and migrated aside first. Then files go in (they never change, so nothing is overwritten), then the
database in one transaction, which other processes see as a whole; the secret last: without it only sign-ins would end.
"""
from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import click
from peewee import Database, DatabaseError
from playhouse.migrations import Runner

from prm.archive import Archive
from prm.catalogue import uniqueness
from prm.catalogue.objects import object_of
from prm.core import clock, files
from prm.core.alone import alone
from prm.core.db import db, is_sqlite
from prm.core.errors import Busy, Invalid
from prm.core.jobs import Schedule
from prm.core.trouble import trouble
from prm.health import worker_seen
from prm.migrating import FOLDER, copy_to, place_for_copy
from prm.models import CustomField
from prm.opening import open_portal
from prm.portable import count_rows, load_rows, opened, read_lines, read_table, tables
from prm.running import is_running
from prm.serve import WORKER
from prm.settings import Settings

# What people fill: a portal without rows in these is as good as new, whatever was laid in it at the start.
IN_USE = {"activity", "contact", "custom_field", "deal", "partner", "person"}
PATIENCE = 10.0  # seconds to wait for those who write


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite a portal that has rows, or is running.")
def restore(file: Path, replace: bool) -> None:
    """Make the backup FILE this portal: of either database, of this version or an older one."""
    settings = open_portal()
    with files.workshop() as scratch:
        archive = Archive(file, Path(scratch))
        _refuse_newer(archive)
        with _connected(settings, replace), alone("migrate"):
            if replace:
                _copy_aside(settings.var)
            else:
                _refuse_in_use(settings)
            (_restore_sqlite if is_sqlite() else _restore_postgres)(archive)
            _keep_apart()
            _keep_secret(settings, archive.secret)
            Schedule.delete().where(Schedule.kind == WORKER).execute()  # who worked then does not work now
    rows = f"{sum(archive.tables.values()):,} rows in {len(archive.tables)} tables"
    click.echo(f"Restored {rows} and {len(archive.files):,} files, as of {archive.manifest.get('made_at', '?')}.")
    if is_running(settings.var):
        click.echo("Start the portal again, so that it reads the restored secret.")


def _refuse_newer(archive: Archive) -> None:
    known = {path.stem for path in FOLDER.glob("*.py")}
    newer = [name for name in archive.manifest["migrations"] if name not in known]
    if newer:
        raise Invalid(f"The backup belongs to a newer version ({newer[-1]}). Update this copy of the portal first.")


def _connected(settings: Settings, replace: bool):
    """A damaged SQLite file is moved aside where it may be replaced, so that there is a new one to restore into."""
    try:
        with db.connection_context():
            db.get_tables()
    except DatabaseError as error:
        if trouble(error) or not is_sqlite():
            raise
        if not replace:
            raise Invalid(f"The database here is damaged ({error}). With --replace it is put aside.") from None
        _put_aside(Path(db.obj.database), settings.var)
    return db.connection_context()


def _put_aside(path: Path, var: Path) -> None:
    folder = var / "copies"
    folder.mkdir(mode=0o700, exist_ok=True)
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{end}", folder / f"damaged-{int(clock.now().timestamp())}.db{end}")


def _copy_aside(var: Path) -> None:
    """What is about to be overwritten stays in copies/ for a while; of a damaged database there is no copy."""
    if is_sqlite() and tables():
        with suppress(DatabaseError):
            copy_to(place_for_copy(var, "restore"))


def _refuse_in_use(settings: Settings) -> None:
    full = [table for table in tables() if table in IN_USE and count_rows(db.obj, table)]
    if full:
        raise Invalid(f"There is a portal here already (rows in {full[0]}). With --replace the backup overwrites it.")
    if is_running(settings.var) or ("schedule" in tables() and worker_seen()):
        raise Invalid("The portal is running. Stop it first, or use --replace.")


# ── SQLite ──


def _restore_sqlite(archive: Archive) -> None:
    fresh = archive.copy or _built(archive)
    with opened(fresh) as database:
        _check_counts(archive, database)
        _check_sqlite(database)
        Runner(database, directory=str(FOLDER)).up()
    _keep_files(archive)
    _swap(fresh, Path(db.obj.database))


def _built(archive: Archive) -> Path:
    """A SQLite file from the rows of another database."""
    path = archive.scratch / "built.db"
    with opened(path) as database:
        Runner(database, directory=str(FOLDER)).up(archive.manifest["migrations"][-1])
        with database.atomic():
            database.execute_sql("PRAGMA defer_foreign_keys = ON")
            _load(archive, database)
    return path


def _check_sqlite(database: Database) -> None:
    whole = database.execute_sql("PRAGMA integrity_check(1)").fetchone()[0]
    stray = database.execute_sql("PRAGMA foreign_key_check").fetchone()
    if whole != "ok" or stray:
        raise Invalid(f"The database in the backup is damaged ({whole if whole != 'ok' else f'a row of {stray[0]} leads nowhere'}).")


def _swap(fresh: Path, live: Path) -> None:
    """Every page in one transaction of the living database: whoever reads sees the old one or the new one."""
    until = time.monotonic() + PATIENCE

    def patience(status, remaining, total):
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise Busy("Somebody is writing in this portal all the time. Stop it and try again.")

    with closing(sqlite3.connect(fresh)) as source, closing(sqlite3.connect(live)) as target:
        source.backup(target, progress=patience)


# ── PostgreSQL ──


def _restore_postgres(archive: Archive) -> None:
    """DDL is part of the transaction there: until it ends, everybody else has the portal of before."""
    _keep_files(archive)
    with db.atomic():
        db.execute_sql(f"SET LOCAL lock_timeout = '{PATIENCE:.0f}s'")
        for table in db.get_tables():
            db.execute_sql(f'DROP TABLE "{table}" CASCADE')
        runner = Runner(db.obj, directory=str(FOLDER))
        runner.up(archive.manifest["migrations"][-1])
        links = _links_of_tables()
        for table, name in links:
            db.execute_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED")
        _load(archive, db.obj)
        db.execute_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in links:
            db.execute_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE")
        _check_counts(archive, db.obj)
        _count_on()
        runner.up()


def _links_of_tables() -> list[tuple[str, str]]:
    """Foreign keys, quoted: rows come table by table, and some point at each other."""
    return db.execute_sql(
        "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    ).fetchall()


def _count_on() -> None:
    """New rows are numbered after the restored ones."""
    for table in tables():
        db.execute_sql(
            f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM "{table}"), false)"""  # noqa: S608
        )


# ── both ──


def _load(archive: Archive, database: Database) -> None:
    known = set(tables(database))
    for table in archive.tables:
        if table not in known:
            raise Invalid(f"The backup has a table {table} that its version did not have.")
        lines = archive.scratch / f"tables/{table}.jsonl"
        load_rows(database, table, read_table(archive.copy, table) if archive.copy else read_lines(lines))


def _keep_apart() -> None:
    """Rows bring no index along; those of a migration are there, those of unique custom fields come back here."""
    with db.atomic():
        for row in CustomField.select().where(CustomField.unique):
            uniqueness.enforce(row, object_of(row.object))


def _check_counts(archive: Archive, database: Database) -> None:
    known = set(tables(database))
    for table, count in archive.tables.items():
        found = count_rows(database, table) if table in known else 0
        if found != count:
            raise Invalid(f"The backup is damaged: {table} has {found:,} rows instead of {count:,}.")


def _keep_files(archive: Archive) -> None:
    for path in archive.files:
        if not files.place(path.name).exists():
            files.adopt(path)


def _keep_secret(settings: Settings, secret: str) -> None:
    draft = settings.var / ".secret.restored"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, settings.var / "secret")


