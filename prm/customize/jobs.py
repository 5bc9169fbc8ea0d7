"""The long parts: values worked out or read anew, and what was deleted 30 days ago taken away for good."""
from __future__ import annotations

from prm.access.system import SYSTEM
from prm.catalogue import uniqueness
from prm.catalogue.objects import custom_object, object_of
from prm.core import clock
from prm.core.db import db
from prm.core.jobs import Job, job
from prm.customize import converting
from prm.customize.services import CONVERT, KEPT, RECOMPUTE
from prm.models import Activity, CustomField, CustomObject, Import, ImportMap, Layout, Person

BATCH = 500


@job(RECOMPUTE, long=True)
def recompute(job: Job) -> dict:
    row = CustomField.get_or_none(CustomField.id == job.facts["field"])
    return converting.recompute(SYSTEM, row, job.report) if row else {}


@job(CONVERT, long=True)
def convert(job: Job) -> dict:
    row = CustomField.get_or_none(CustomField.id == job.facts["field"])
    if row is None or row.kind == job.facts["to"]:
        return {}
    return converting.convert(Person.get_or_none(Person.id == job.person_id) or SYSTEM, row, job.facts["to"], job.report)


@job("customize.purge", long=True)
def purge(_job: Job) -> dict:
    before = clock.now() - KEPT
    fields = list(CustomField.select().where(CustomField.deleted_at < before))
    objects = list(CustomObject.select().where(CustomObject.deleted_at < before))
    for field in fields:
        _purge_field(field)
    for object in objects:
        _purge_object(object)
    return {"fields": len(fields), "objects": len(objects)}


def _purge_field(row: CustomField) -> None:
    """Its values first, so that a purge that breaks off goes on where it stopped."""
    obj = object_of(row.object)
    while obj is not None:
        filled = obj.table.custom[row.key].as_text().is_null(False)
        found = list(obj.table.select().where(filled).limit(BATCH))
        if not found:
            break
        with db.atomic():
            for record in found:
                custom = {key: value for key, value in record.custom.items() if key != row.key}
                obj.table.update(custom=custom).where((obj.table.id == record.id) & (obj.table.version == record.version)).execute()
    with db.atomic():
        if row.unique and obj is not None:
            uniqueness.release(row, obj)
        for layout in Layout.select().where(Layout.object == row.object):
            layout.sections = [[heading, [key for key in keys if key != row.key]] for heading, keys in layout.sections]
            layout.save()
        Activity.record(None, "field.purged", row, title=row.label, object=row.object)
        row.delete_instance()


def _purge_object(row: CustomObject) -> None:
    obj = custom_object(row)
    with db.atomic():
        for each in CustomField.select().where(CustomField.object == row.key):
            if each.unique:
                uniqueness.release(each, obj)
            each.delete_instance()
        for table in (Layout, ImportMap, Import):
            table.delete().where(table.object == row.key).execute()
        Activity.record(None, "object.purged", row, title=row.label)
        row.delete_instance()
