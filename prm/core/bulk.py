"""Many rows at once: the statement is written once and filled again and again, as building it with peewee for every
five hundred rows costs more than the database does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from peewee import Node

from prm.core.db import db, is_sqlite

MOST_VALUES = 15_000  # SQLite takes 32,766 in a statement, PostgreSQL 65,535


def insert(table, names: Sequence[str], rows: Sequence[Sequence[Any]], *, returning: Sequence[str] = ()) -> list[tuple]:
    """Insert rows (values in the order of `names`, which are attributes of the table); returns the columns asked for,
    in no order. Defaults of the table are not filled in."""
    if not rows:
        return []
    fields = [table._meta.fields[name] for name in names]
    writers = [_writer(field) for field in fields]
    mark = f"({', '.join(place for place, _ in writers)})"
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    start = f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES '  # noqa: S608  names of our own tables
    wanted = ", ".join(f'"{table._meta.fields[name].column_name}"' for name in returning)
    end = f" RETURNING {wanted}" if returning else ""
    found: list[tuple] = []
    for group in batches(iter(rows), max(1, MOST_VALUES // len(names))):
        values = [write(value) for row in group for (_, write), value in zip(writers, row, strict=True)]
        cursor = db.execute_sql(start + ", ".join([mark] * len(group)) + end, values)
        found += cursor.fetchall() if returning else ()
    return found


def _writer(field) -> tuple[str, Callable[[Any], Any]]:
    """The place of a value in the statement, and how it is written there. JSON on SQLite goes through json()."""
    place = db.param
    if field.field_type == "JSON" and isinstance(field.db_value({}), Node):
        return f"json({place})", lambda value: None if value is None else field._dumps(value)
    return place, field.db_value


def batches(items: Iterator[Any], size: int) -> Iterator[list]:
    while group := list(islice(items, size)):
        yield group


def hold_writers(table) -> None:
    """Until the transaction ends nobody else writes into it. SQLite has one writer at a time anyway."""
    if not is_sqlite():
        db.execute_sql(f'LOCK TABLE "{table._meta.table_name}" IN SHARE ROW EXCLUSIVE MODE')
