"""Making and changing fields and objects: by an admin, each with its Activity row. What is deleted can be brought back for 30
days; its values stay where they are until then."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import fn

from prm.access import rows
from prm.access.policy import Do, check_may
from prm.catalogue import uniqueness
from prm.catalogue.fields import Object
from prm.catalogue.formula import Formula
from prm.catalogue.keys import new_key, taken_keys
from prm.catalogue.objects import BUILT_IN, catalogue
from prm.core import clock
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.core.jobs import Job, enqueue
from prm.customize import definitions
from prm.customize.definitions import MOST_FIELDS
from prm.customize.kinds import CHOOSABLE
from prm.models import Activity, CustomField, CustomObject
from prm.ui import layouts

KEPT = timedelta(days=30)
MOST_OBJECTS = 30
RECOMPUTE, CONVERT = "customize.recompute", "customize.convert"
ICONS = ("layers", "award", "badge-check", "briefcase", "building-2", "calendar", "clipboard-list", "database", "file-text", "folder", "globe",
         "lightbulb", "map-pin", "message-square", "shield", "star", "target", "trophy", "users", "zap")  # fmt: skip


# ── objects ──


def make_object(viewer, values: dict[str, Any]) -> CustomObject:
    check_may(viewer, Do.SET_UP)
    values = _named(values, None)
    with db.atomic():
        if CustomObject.select().count() >= MOST_OBJECTS:
            raise Invalid(f"There are {MOST_OBJECTS} objects already, deleted ones among them.")
        taken = set(BUILT_IN) | set(CustomObject.select(CustomObject.key).scalars())
        key = new_key(values["label"], taken, longest=16)
        position = (CustomObject.select(fn.MAX(CustomObject.position)).scalar() or 0) + 1
        row = CustomObject.create(key=key, position=position, **values)
        Activity.record(viewer, "object.created", row, title=row.label)
    return row


def change_object(viewer, row: CustomObject, values: dict[str, Any]) -> CustomObject:
    check_may(viewer, Do.SET_UP)
    values = _named(values, row)
    with db.atomic():
        CustomObject.update(values).where(CustomObject.id == row.id).execute()
        Activity.record(viewer, "object.changed", row, title=values["label"])
    return rows.get(CustomObject, viewer, row.id)


def _named(values: dict[str, Any], row: CustomObject | None) -> dict[str, Any]:
    """Two objects of one name could not be told apart in any list."""
    values = {key: " ".join(value.split()) if isinstance(value, str) else value for key, value in values.items()}
    own = CustomObject.select(CustomObject.label, CustomObject.plural).where(CustomObject.id != (row.id if row else 0)).tuples()
    others = [*((obj.label, obj.plural) for obj in BUILT_IN.values()), *own]
    for name in ("label", "plural"):
        if not values[name]:
            raise Invalid("A name is needed.", field=name)
        if values[name].casefold() in {word.casefold() for both in others for word in both}:
            raise Invalid(f"There is an object called {values[name]} already; a deleted one counts for 30 days.", field=name)
    return values


def delete_object(viewer, row: CustomObject) -> None:
    check_may(viewer, Do.SET_UP)
    _end(viewer, row, "object.deleted")


def restore_object(viewer, row: CustomObject) -> None:
    check_may(viewer, Do.SET_UP)
    _bring_back(viewer, row, "object.restored")


def objects(viewer, *, deleted: bool = False) -> list[CustomObject]:
    found = rows.visible(CustomObject, viewer).where(CustomObject.deleted_at.is_null(not deleted))
    return list(found.order_by(CustomObject.position, CustomObject.id))


# ── fields ──


def object_of(viewer, key: str) -> Object:
    """An object that fields can be added to, or Missing."""
    obj = catalogue(viewer).objects.get(key)
    if obj is None or not obj.extensible:
        raise Missing()
    return obj


def field_of(viewer, obj: Object, id) -> CustomField:
    row = rows.get(CustomField, viewer, id)
    if row.object != obj.key:
        raise Missing()
    return row


def fields(viewer, obj: Object) -> list[CustomField]:
    """All of them, retired and deleted ones too, in their order."""
    return list(rows.visible(CustomField, viewer).where(CustomField.object == obj.key).order_by(CustomField.position, CustomField.id))


def make_field(viewer, obj: Object, kind: str, values: dict[str, Any]) -> CustomField:
    """A new field at the end; from the next request on it is everywhere."""
    check_may(viewer, Do.SET_UP)
    if kind not in CHOOSABLE:
        raise Missing()
    with db.atomic():
        taken = taken_keys(obj)
        if len(taken) >= MOST_FIELDS:
            raise Invalid(f"{obj.label} has {MOST_FIELDS} fields; more would be of use to nobody. Delete some first.")
        row = CustomField(object=obj.key, key=new_key(values.get("label") or "", taken), kind=kind)
        row.position = (CustomField.select(fn.MAX(CustomField.position)).where(CustomField.object == obj.key).scalar() or 0) + 1
        _fill(viewer, obj, row, values)
        row.save(force_insert=True)
        if row.unique:
            uniqueness.enforce(row, obj)
        layouts.add(row)
        Activity.record(viewer, "field.created", row, title=row.label, object=obj.key)
        _work_out(viewer, row)
    return row


def change_field(viewer, obj: Object, row: CustomField, values: dict[str, Any]) -> CustomField:
    """Another label, audience, choices, formula …; its kind is changed apart (converting.py), its key never."""
    check_may(viewer, Do.SET_UP)
    was = (row.unique, row.formula)
    with db.atomic():
        if _being_converted(row) or CustomField.get_by_id(row.id).kind != row.kind:
            raise Invalid("Its values are being worked through. Wait until that is done, and save once more.")
        before = list(row.choices or ())
        _fill(viewer, obj, row, values)
        _refuse_lost(obj, row, before)
        row.save()
        if row.unique and not was[0]:
            uniqueness.enforce(row, obj)
        elif was[0] and not row.unique:
            uniqueness.release(row, obj)
        Activity.record(viewer, "field.changed", row, title=row.label, object=obj.key)
        if row.formula != was[1]:
            _work_out(viewer, row)
    return row


def _fill(viewer, obj: Object, row: CustomField, values: dict[str, Any]) -> None:
    values = dict(values)
    default, choices = values.pop("default", ""), values.pop("choices", None)
    for name, value in values.items():
        setattr(row, name, value)
    if choices is not None:
        row.choices = definitions.choices_of(choices, row.choices or [])
    definitions.check(viewer, catalogue(viewer), obj, row)
    row.default = definitions.default_of(row, default)


def _refuse_lost(obj: Object, row: CustomField, before: list) -> None:
    """A choice that records have is retired, not removed: their values would mean nothing."""
    kept = {choice[0] for choice in row.choices}
    for value, label, *_ in before:
        if value not in kept and (count := _uses_of(obj, row, value)):
            raise Invalid(f"{count:,} {'record has' if count == 1 else 'records have'} “{label}”. Retire it instead: it is then no longer offered.", field="choices")


def _uses_of(obj: Object, row: CustomField, value: str) -> int:
    held = obj.table.custom[row.key].as_text()
    where = held == value if row.kind == "choice" else held.contains(f'"{value}"')
    return obj.table.select().where(where).count()


def _work_out(viewer, row: CustomField) -> None:
    """It, if it is a formula, and those that are made of it."""
    formulas = CustomField.select(CustomField.formula).where((CustomField.object == row.object) & (CustomField.kind == "formula"))
    if row.kind == "formula" or any(row.key in Formula.parse(formula).names for formula in formulas.scalars()):
        enqueue(RECOMPUTE, key=f"field-{row.id}", person=viewer, field=row.id)


def job_of(row: CustomField) -> Job | None:
    """What is under way with its values."""
    return Job.select().where((Job.key == f"field-{row.id}") & Job.done_at.is_null() & Job.failed_at.is_null()).order_by(Job.id.desc()).first()


def _being_converted(row: CustomField) -> bool:
    job = job_of(row)
    return job is not None and job.kind == CONVERT


def failure_of(row: CustomField) -> str:
    """Why the last change of its values did not work, if it was the last."""
    last = Job.select().where(Job.key == f"field-{row.id}").order_by(Job.id.desc()).first()
    return last.message if last is not None and last.failed_at else ""


def move_field(viewer, obj: Object, row: CustomField, to: int) -> None:
    """To this place among the fields in use."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        order = [each.id for each in fields(viewer, obj) if each.retired_at is None and each.deleted_at is None and each.id != row.id]
        order.insert(max(0, min(to, len(order))), row.id)
        order_fields(viewer, obj, order)


def order_fields(viewer, obj: Object, ids: list[int]) -> None:
    """In this order; those that are not named come after."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        here = [each.id for each in fields(viewer, obj)]
        ordered = [id for id in dict.fromkeys(ids) if id in here]
        for position, id in enumerate([*ordered, *(id for id in here if id not in ordered)], 1):
            CustomField.update(position=position).where(CustomField.id == id).execute()
        Activity.record(viewer, "field.ordered", None, title=obj.label, object=obj.key)


def retire_field(viewer, row: CustomField) -> None:
    """Out of forms, lists and questions; its values stay."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        CustomField.update(retired_at=clock.now()).where(CustomField.id == row.id).execute()
        Activity.record(viewer, "field.retired", row, title=row.label, object=row.object)


def restore_field(viewer, obj: Object, row: CustomField) -> None:
    """Back from retirement, or from being deleted."""
    check_may(viewer, Do.SET_UP)
    if any(f.label.casefold() == row.label.casefold() for f in obj.fields):
        raise Invalid(f"{obj.label} has another field called {row.label} by now. Rename that one first.")
    with db.atomic():
        _bring_back(viewer, row, "field.restored")
        _work_out(viewer, row)


def delete_field(viewer, row: CustomField) -> None:
    check_may(viewer, Do.SET_UP)
    _end(viewer, row, "field.deleted")


def _end(viewer, row, verb: str) -> None:
    with db.atomic():
        type(row).update(deleted_at=clock.now()).where(type(row).id == row.id).execute()
        Activity.record(viewer, verb, row, title=row.label)


def _bring_back(viewer, row, verb: str) -> None:
    table = type(row)
    also = {"retired_at": None} if table is CustomField else {}
    with db.atomic():
        if not table.update(deleted_at=None, **also).where(table.id == row.id).execute():
            raise Invalid("It is gone for good: more than 30 days have passed.")
        Activity.record(viewer, verb, row, title=row.label)
