"""A row of any table, its texts full of a word that is looked for afterwards: tables made later are filled as well."""
from __future__ import annotations

from datetime import date

from peewee import AutoField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core import clock
from prm.core.db import Exact, Moment
from prm.models.derived import Derive

SHORT = 40  # a shorter text column holds a code, not words
DAY = date(2026, 7, 15)


def fill(table, id: int, word: str, links: dict, **given):
    """Save a row with this id. Columns that are not `given` get a value of their kind, links the row of `links`."""
    values = {field.name: _value(field, id, word, links) for field in table._meta.sorted_fields if _open(field, given)}
    row = table(**{name: value for name, value in values.items() if value is not None} | {"id": id} | given)
    Derive()(row)
    row.save(force_insert=True)
    links.setdefault(table, id)
    return row


def _open(field, given: dict) -> bool:
    return field.name not in given and not isinstance(field, AutoField)


def _value(field, id: int, word: str, links: dict):
    """None leaves the default."""
    if isinstance(field, ForeignKeyField):
        return links.get(field.rel_model)
    if isinstance(field, CharField | TextField):
        return _text(field, id, word)
    if isinstance(field, JSONField):
        return {"words": word} if field.default is None or field.default is dict else None
    if field.default is not None or field.null:
        return None
    return _plain(field)


def _text(field, id: int, word: str) -> str | None:
    most = getattr(field, "max_length", None) or 10_000
    if most < SHORT:
        return None if field.default is not None or field.null else f"{id}"
    return f"{word} {field.name} {id}"[:most]


def _plain(field):
    for kind, value in ((Moment, clock.now()), (DateField, DAY), (BooleanField, False), (Exact, 1), (IntegerField, 1)):
        if isinstance(field, kind):
            return value
    raise LookupError(f"no value for {field.model.__name__}.{field.name}: give one in world.py")
