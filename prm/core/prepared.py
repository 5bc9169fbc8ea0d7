"""Queries of a fixed shape, which every request asks: peewee takes longer to write one than SQLite to answer it, so its
SQL is written once for each kind of database."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from peewee import Model, ModelSelect, Value

from prm.core.db import db

_GIVEN = object()


def given() -> Value:
    """Stands in the query for a value that comes with each call, as the database takes it."""
    return Value(_GIVEN, converter=False)


class Prepared:
    """`write` makes the query, of all columns of these tables: a row is a model, or of several tables a tuple of them."""

    def __init__(self, write: Callable[[], ModelSelect], *tables: type[Model]):
        self._write, self._tables = write, tables
        self._written: dict[type, tuple[str, list]] = {}

    def all(self, *values) -> list:
        """The rows, with these values in the places of `given()`."""
        sql, params = self._text()
        left = iter(values)
        found = db.execute_sql(sql, [next(left) if p is _GIVEN else p for p in params]).fetchall()
        return [self._row(raw) for raw in found]

    def first(self, *values):
        return next(iter(self.all(*values)), None)

    def _text(self) -> tuple[str, list]:
        kind = type(db.obj)
        if kind not in self._written:
            self._written[kind] = self._write().sql()
        return self._written[kind]

    def _row(self, raw: tuple):
        left = iter(raw)
        rows = tuple(_row(table, left) for table in self._tables)
        return rows if len(rows) > 1 else rows[0]


def _row(model: type[Model], left: Iterator) -> Model:
    """As peewee makes one of a row that it has read: nothing on it counts as changed."""
    row = model(__no_default__=1)
    row.__data__ = {f.name: f.python_value(value) for f, value in zip(model._meta.sorted_fields, left, strict=False)}
    row._dirty.clear()
    return row
