"""The filled portal with many rows more: copies of Acme's row of each table, so that lists, tabs and choices are long."""
from __future__ import annotations

from datetime import date, timedelta

from peewee import CharField, DateField, ForeignKeyField, ModelIndex, TextField

from prm.models import TABLES, CustomField, CustomObject, CustomRecord, ImportRow, Layout, Organisation, Portal, PortalVersion
from tests.contracts.world import OWN

FIRST = 1000
ALONE = (Organisation, CustomField, CustomObject, Portal)
BY = {ImportRow: "line", PortalVersion: "number", CustomRecord: "number", Layout: "object"}  # what tells the copies of a table apart, where it is not found


def crowd(start: int, stop: int) -> None:
    """Copies number `start` to `stop` of every table, in the order in which they lead to each other."""
    for table in TABLES:
        row = table.select().where(table.id == OWN).dicts().get() if table not in ALONE else None
        copies = [_copy(table, row, number) for number in range(start, stop)] if row else []
        for at in range(0, len(copies), 50):
            table.insert_many(copies[at : at + 50]).execute()


def _copy(table, row: dict, number: int) -> dict:
    changed = {"id": FIRST + number} | {f.name: _other(f, row, number) for f in table._meta.sorted_fields if f.unique}
    for names, unique in (index for index in table._meta.indexes if not isinstance(index, ModelIndex)):
        if unique:
            name = BY.get(table) or next((name for name in names if _leads(table, name)), names[-1])
            changed[name] = _other(table._meta.fields[name], row, number)
    return row | changed


def _leads(table, name: str) -> bool:
    return isinstance(table._meta.fields[name], ForeignKeyField)


def _other(field, row: dict, number: int):
    """A value of its own for this copy."""
    value = row[field.name]
    if isinstance(field, ForeignKeyField):
        return FIRST + number
    if isinstance(field, CharField | TextField):
        most = getattr(field, "max_length", None) or 1000
        return value and f"{number}-{value}"[:most]
    if isinstance(field, DateField):
        return (value or date(2020, 1, 1)) + timedelta(days=number + 1)
    return FIRST + number
