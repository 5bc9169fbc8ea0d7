"""Custom fields of which no two records may have the same value: an index of the database holds it, also of two people at once."""
from __future__ import annotations

from peewee import IntegrityError, ModelIndex, fn

from prm.catalogue.fields import Field, Object
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import CustomField, CustomRecord

KINDS = ("text", "email", "url", "number", "date", "link")
MOST_NAMED = 5


def index_name(row: CustomField) -> str:
    return f"unique_{row.id}"


def enforce(row: CustomField, obj: Object) -> None:
    """From now on. Invalid, naming them, where several records have the same value already."""
    if row.kind not in KINDS:
        raise Invalid("Fields of this kind cannot be kept unique.", field="unique")
    doubles = _doubles(row, obj)
    if doubles:
        raise Invalid(f"Several records have the same value: {', '.join(doubles)}. Change them first.", field="unique")
    release(row, obj)  # an id may have been another field's before
    db.execute(_table(obj)._schema._create_index(_index(row, obj), False))


def release(row: CustomField, obj: Object) -> None:
    """Doubles are welcome again."""
    _table(obj)._schema.drop_index(index=_index(row, obj))


def taken(error: IntegrityError, obj: Object) -> Field | None:
    """The field that the database refused to hold twice, if it was one of these."""
    return next((field for field in (obj.whole or obj).fields if field.unique and f"{field.unique}'" in _quoted(error)), None)


def _quoted(error: IntegrityError) -> str:
    return str(error).replace('"', "'")


def _doubles(row: CustomField, obj: Object) -> list[str]:
    value = obj.table.custom[row.key].as_text()
    found = obj.table.select(value).where(value.is_null(False)).group_by(value).having(fn.COUNT(obj.table.id) > 1)
    return [f"“{text}”" for (text,) in found.order_by(value).limit(MOST_NAMED).tuples()]


def _table(obj: Object):
    return CustomRecord if issubclass(obj.table, CustomRecord) else obj.table


def _index(row: CustomField, obj: Object) -> ModelIndex:
    table = _table(obj)
    where = (CustomRecord.object == obj.table.object_id_of) if obj.custom else None
    return ModelIndex(table, [table.custom[row.key].as_text()], unique=True, name=index_name(row), where=where)

