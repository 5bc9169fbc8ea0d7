"""Queries of a fixed shape, which every request asks: peewee takes longer to write one than SQLite to answer it, so its
SQL is written once for each kind of database."""
from __future__ import annotations

from collections.abc import Callable

from peewee import Model, ModelSelect, Value

from prm.core.db import db

_GIVEN = object()


def given() -> Value:
    """Stands in the query for a value that comes with each call, as the database takes it."""
    return Value(_GIVEN, converter=False)


class Prepared:
    """`write` makes the query, of all columns of one table."""

    def __init__(self, write: Callable[[], ModelSelect]):
        self._write = write
        self._written: dict[type, tuple[type[Model], str, list]] = {}

    def all(self, *values) -> list:
        """The rows, with these values in the places of `given()`."""
        model, sql, params = self._text()
        left = iter(values)
        found = db.execute_sql(sql, [next(left) if p is _GIVEN else p for p in params]).fetchall()
        return [_row(model, raw) for raw in found]

    def first(self, *values):
        return next(iter(self.all(*values)), None)

    def _text(self) -> tuple[type[Model], str, list]:
        kind = type(db.obj)
        if kind not in self._written:
            query = self._write()
            self._written[kind] = (query.model, *query.sql())
        return self._written[kind]


def _row(model: type[Model], raw: tuple) -> Model:
    """As peewee makes one of a row that it has read: nothing on it counts as changed."""
    row = model(__no_default__=1)
    row.__data__ = {f.name: f.python_value(value) for f, value in zip(model._meta.sorted_fields, raw, strict=True)}
    row._dirty.clear()
    return row
