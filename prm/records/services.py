"""What people do with records of an object of their own."""
from __future__ import annotations

from prm.catalogue import keeping
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core.errors import Missing
from prm.models import CustomRecord


def object_of(viewer, key: str) -> Object:
    """The object, or Missing: one of our own, or one that this viewer may not know, looks like none."""
    obj = catalogue(viewer).objects.get(key)
    if obj is None or not obj.custom:
        raise Missing()
    return obj


def add_record(viewer, key: str, values: dict) -> CustomRecord:
    """A new record of a partner the viewer sees."""
    return keeping.add(viewer, object_of(viewer, key).key, values)


def edit_record(viewer, key: str, row: CustomRecord, values: dict, *, version: int | None = None) -> CustomRecord:
    """Change it; Conflict when somebody saved since `version`."""
    return keeping.change(viewer, object_of(viewer, key).key, row, values, version=version)
