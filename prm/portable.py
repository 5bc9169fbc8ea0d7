"""Rows that both databases read alike: JSON lines out of PostgreSQL, and rows of a backup into either.

Nothing here knows a model: a backup of an older version has the columns of its own time, and is migrated afterwards.
"""
from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from peewee import Database, SqliteDatabase

from prm.core.db import db
from prm.core.errors import Invalid

HISTORY = "schema_migration"
BATCH = 1000


def tables(database: Database | None = None) -> list[str]:
    """Every table but the history of migrations: a portal has its database for itself."""
    return sorted(name for name in (database or db).get_tables() if name != HISTORY)


@contextmanager
def opened(path: Path) -> Iterator[SqliteDatabase]:
    """A SQLite file that is not the portal's own (yet)."""
    database = SqliteDatabase(path, pragmas={"foreign_keys": 1})
    with database.connection_context():
        yield database


# ── out ──


def write_lines(table: str, path: Path) -> int:
    """A table of PostgreSQL: a line with its columns, then one for each row. Returns how many rows."""
    columns = db.get_columns(table)
    picked = ", ".join(f'"{c.name}"::text' if c.data_type in ("json", "jsonb") else f'"{c.name}"' for c in columns)
    count = 0
    with open(path, "w", encoding="utf-8") as file, db.connection().cursor(name="backup") as cursor:
        file.write(json.dumps([c.name for c in columns]) + "\n")
        cursor.itersize = BATCH
        cursor.execute(f'SELECT {picked} FROM "{table}" ORDER BY 1')  # noqa: S608  names of our own tables
        for row in cursor:
            count += 1
            file.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")  # str of a moment is what SQLite keeps
    return count


def read_lines(path: Path) -> Iterator[list]:
    """The columns first, then the rows."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read_table(path: Path, table: str) -> Iterator[list]:
    """The same out of a SQLite file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
        cursor = source.execute(f'SELECT * FROM "{table}"')  # noqa: S608
        yield [column[0] for column in cursor.description]
        yield from cursor


# ── in ──


def load_rows(database: Database, table: str, found: Iterator[list]) -> int:
    """Put the rows into an empty table that has these columns; returns how many there are now."""
    columns = next(found)
    unknown = set(columns) - {c.name for c in database.get_columns(table)}
    if unknown:
        raise Invalid(f"The backup has a column {table}.{sorted(unknown)[0]} that its version did not have.")
    names = ", ".join(f'"{name}"' for name in columns)
    if _is_sqlite(database):
        marks = ", ".join("?" * len(columns))
        database.connection().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', found)  # noqa: S608
    else:
        with database.connection().cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in found:
                copy.write_row(row)
    return count_rows(database, table)


def count_rows(database: Database, table: str) -> int:
    return database.execute_sql(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608


def _is_sqlite(database: Database) -> bool:
    return isinstance(database, SqliteDatabase)
