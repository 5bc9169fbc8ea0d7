"""What people do with records of an object of their own."""
from __future__ import annotations

from prm.access.rows import get
from prm.catalogue import records
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid, Missing
from prm.models import CustomRecord, Partner


def object_of(viewer, key: str) -> Object:
    """The object, or Missing: one of our own, or one that this viewer may not know, looks like none."""
    obj = catalogue(viewer).objects.get(key)
    if obj is None or not obj.custom:
        raise Missing()
    return obj


def add_record(viewer, key: str, values: dict) -> CustomRecord:
    """A new record of a partner the viewer sees."""
    if not values.get("partner"):
        raise Invalid("Whose is it? Choose a partner.", field="partner")
    get(Partner, viewer, values["partner"])
    return records.make(viewer, object_of(viewer, key), values)


def edit_record(viewer, key: str, row: CustomRecord, values: dict, *, version: int | None = None) -> CustomRecord:
    """Change it; Conflict when somebody saved since `version`."""
    records.change(viewer, object_of(viewer, key), row, values, version=version)
    return row
