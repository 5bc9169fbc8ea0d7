"""The database behind one proxy, and the field types that keep SQLite and PostgreSQL alike.

SQLite begins every transaction IMMEDIATE (a read-then-write otherwise fails with "database is locked") and syncs
fully, because an acknowledged change must survive a power cut. Reads are never wrapped in `atomic()`.
"""
from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from decimal import Decimal

from peewee import BigIntegerField, Database, DatabaseProxy, DateTimeField, Model, SqliteDatabase
from playhouse.db_url import connect

from prm.core import clock
from prm.core.writer import Writer

db = DatabaseProxy()

PLACES = 6
SCALE = 10**PLACES
PATIENCE = 10  # seconds to wait for what somebody else holds; then "busy, nothing was saved"
LIMIT = 10**12  # an Exact value is smaller than this in size, so that it and sums of millions fit 64 bits


def open_database(url: str) -> Database:
    """Point `db` at `url` (sqlite:////abs/path or postgresql+pool://…) and return the database; connects lazily. Connections
    are kept: a new one reads the whole schema, and writes its plan of every query anew."""
    if url.startswith("sqlite"):
        database = connect(
            url.replace("sqlite:", "sqlite+pool:", 1),
            max_connections=100,
            stale_timeout=300,
            check_same_thread=False,
            factory=Connection,
            cached_statements=500,
            lock_type="IMMEDIATE",
            pragmas={"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": PATIENCE * 1000, "secure_delete": 1},
        )
    else:
        import psycopg

        database = connect(
            url,
            max_connections=20,
            timeout=PATIENCE,
            stale_timeout=300,
            cursor_factory=psycopg.ClientCursor,
            options=f"-c lock_timeout={PATIENCE}s",
        )
    database.context_class = Writer
    db.initialize(database)
    return database


class Connection(sqlite3.Connection):
    """One that can be given attributes."""


def is_sqlite() -> bool:
    return isinstance(db.obj, SqliteDatabase)


class Table(Model):
    """Base of every table."""

    class Meta:
        database = db
        legacy_table_names = False


class Moment(DateTimeField):
    """A point in time: aware in, naive UTC stored, aware UTC out. A naive value is refused, it is a bug."""

    def db_value(self, value):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return super().db_value(value.astimezone(UTC).replace(tzinfo=None))

    def python_value(self, value):
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class Exact(BigIntegerField):
    """A Decimal with six places kept as a whole number, so that sums are exact on both databases."""

    def db_value(self, value):
        return None if value is None else to_units(value)

    def python_value(self, value):
        return None if value is None else from_units(value)


def to_units(value: Decimal | int) -> int:
    """Decimal -> whole millionths, half up on the seventh place."""
    return int((Decimal(value) * SCALE).to_integral_value(rounding="ROUND_HALF_UP"))


def from_units(units) -> Decimal:
    """Whole millionths -> Decimal."""
    return Decimal(int(units)) / SCALE


def created() -> Moment:
    return Moment(default=clock.now)
