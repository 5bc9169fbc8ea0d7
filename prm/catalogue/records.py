"""Making and changing records of the catalogue: the one way in for forms, imports and the API.

Values come parsed, by field key: links as ids, money as minor units, choices as stored values. Every write leaves an
Activity row and notes which figures it may touch, in the same transaction.
"""

from __future__ import annotations

from datetime import date
from secrets import token_hex
from typing import Any

from peewee import IntegrityError

from prm.access.rows import visible
from prm.catalogue import uniqueness
from prm.catalogue.fields import Audience, Field, Object
from prm.catalogue.formula import Formula
from prm.core import clock
from prm.core.db import LIMIT, db, to_units
from prm.core.errors import Conflict, Invalid
from prm.core.jobs import enqueue
from prm.models import Activity, Contact, Deal, Organisation, Partner, Stage, Stale
from prm.models.derived import Derive

PREFIX = {"partner": "P", "contact": "C", "deal": "D"}
Changes = dict[str, tuple[Any, Any]]


def stored(field: Field, row) -> Any:
    """The value of a field as it lies in the row: what is compared to see whether it changed."""
    if field.custom:
        return (row.custom or {}).get(field.key)
    column = getattr(type(row), field.attribute)
    return row.__data__.get(column.name)


def put(field: Field, row, value) -> None:
    """Write a parsed value into the row; an empty one is empty text, or nothing."""
    if field.custom:
        custom = dict(row.custom or {})
        custom.pop(field.key, None)
        if value not in (None, "", []):
            custom[field.key] = field.kind.store(value)
        row.custom = custom
        return
    column = getattr(type(row), field.attribute)
    if value is None and not column.null:
        value = [] if field.kind_key == "choices" else False if field.kind_key == "bool" else ""
    setattr(row, field.attribute, value)


def apply(obj: Object, row, values: dict[str, Any]) -> Changes:
    """Set the values that differ; returns {field key: (old, new)} as stored."""
    changes = {}
    for key, value in values.items():
        field = obj.field(key)
        old = stored(field, row)
        put(field, row, value)
        new = stored(field, row)
        if old != new:
            changes[key] = (old, new)
    _formulas(obj, row)
    return changes


def blank(obj: Object):
    """A new, unsaved record with its defaults."""
    row = obj.table()
    for field in (obj.whole or obj).fields:
        if field.editable and field.default is not None:
            put(field, row, field.kind.load(field.default) if field.custom else field.default)
    if obj.key == "deal":
        row.currency = Organisation.current().currency
        row.created_on = None
    return row


def _formulas(obj: Object, row) -> None:
    """Work out the formula fields, so that they are ordinary numbers to every question. Staff-only fields count too,
    whoever saves."""
    obj = obj.whole or obj
    for field in in_order(tuple(f for f in obj.fields if f.formula)):
        work_out(obj, row, field)


def work_out(obj: Object, row, field: Field) -> None:
    """One formula field of one record."""
    value = Formula.parse(field.formula).value(lambda name: _operand(obj, row, name))
    custom = {k: v for k, v in (row.custom or {}).items() if k != field.key}
    fits = value is not None and abs(value) < LIMIT
    row.custom = custom | {field.key: to_units(value)} if fits else custom


def in_order(formulas: tuple[Field, ...]) -> list[Field]:
    """Each after those that it is made of; Invalid where they go in a circle."""
    by_key, done, open_ones = {f.key: f for f in formulas}, list[Field](), list[str]()

    def take(field: Field) -> None:
        if field in done:
            return
        if field.key in open_ones:
            circle = " → ".join(by_key[key].label for key in [*open_ones[open_ones.index(field.key) :], field.key])
            raise Invalid(f"These formulas need each other: {circle}.", field="formula")
        open_ones.append(field.key)
        for name in sorted(Formula.parse(field.formula).names & set(by_key)):
            take(by_key[name])
        open_ones.pop()
        done.append(field)

    for field in formulas:
        take(field)
    return done


def _operand(obj: Object, row, name: str):
    field = obj.by_key.get(name)
    raw = None if field is None else stored(field, row) if field.editable or field.custom else None
    if raw is None or raw == "":
        return None
    if field.kind_key == "money":
        return field.kind.exact(raw, Organisation.current().currency)
    return field.kind.load(raw) if field.custom else raw


def check(obj: Object, row) -> None:
    """Rules that span fields; Invalid names the field."""
    for field in obj.fields:
        if obj.whole and field.custom and field.audience < Audience.PARTNER_EDIT:
            continue  # somebody of a partner has no input for it
        if field.required and field.editable and field.key != "number" and stored(field, row) in (None, "", []):
            raise Invalid(f"{field.label} is needed.", field=field.key)
    _check_valid(obj, row)
    if isinstance(row, Deal):
        _check_deal(row)
    if isinstance(row, Partner) and row.parent_id:
        _check_parent(row)


def _check_valid(obj: Object, row) -> None:
    """What an admin wants to hold, whoever saves; what cannot be worked out, as a value is empty, holds."""
    whole = obj.whole or obj
    for field in whole.fields:
        if field.valid and Formula.parse(field.valid).value(lambda name: _operand(whole, row, name)) == 0:
            raise Invalid(field.valid_message or f"{field.label} is not right.", field=field.key)


def _check_deal(row: Deal) -> None:
    if row.owner_id and row.owner.partner_id != row.partner_id:
        raise Invalid("The owner contact belongs to another partner.", field="owner")
    row.currency = (row.currency or Organisation.current().currency).upper()
    if len(row.currency) != 3 or not row.currency.isascii() or not row.currency.isalpha():
        raise Invalid("A currency is three letters, such as EUR.", field="currency")


def _check_parent(row: Partner) -> None:
    seen, at = {row.id}, row.parent_id
    while at:
        if at in seen:
            raise Invalid("A partner cannot be its own parent, not even in a circle.", field="parent")
        seen.add(at)
        at = Partner.select(Partner.parent).where(Partner.id == at).tuples().scalar()


def touched_days(row, changes: Changes | None = None) -> set[date | None]:
    """The days whose figures a deal may touch: its dates, before and after. None: any period (other records)."""
    if not isinstance(row, Deal):
        return {None}
    keys = ("closed_on", "created_on", "expected_close")
    days = {getattr(row, key) for key in keys}
    for key in keys:
        days |= set((changes or {}).get(key, ()))
    return {day for day in days if day} or {None}


def touch(partners_days: set[tuple[int, date | None]]) -> None:
    """Note that figures of these partners and days are stale, and have them worked out soon."""
    rows = [{"partner": partner, "day": day} for partner, day in partners_days]
    for start in range(0, len(rows), 500):
        Stale.insert_many(rows[start : start + 500]).execute()
    if rows:
        enqueue("kpis.refresh", key="kpis.refresh")


def prefix(obj: Object) -> str:
    """What numbers that are made up begin with: D for deals, CER for certifications."""
    return PREFIX.get(obj.key) or obj.key.replace("_", "")[:3].upper()


def partner_of(row) -> int:
    return row.id if isinstance(row, Partner) else row.partner_id


def make(viewer, obj: Object, values: dict[str, Any]):
    """A new record from parsed values."""
    row = blank(obj)
    apply(obj, row, values)
    if isinstance(row, Deal) and row.stage_id is None:
        row.stage = Stage.select().order_by(Stage.position).first()
    check(obj, row)
    given = bool(row.number)
    row.number = row.number or f"new-{token_hex(8)}"
    Derive()(row)
    with db.atomic():
        _insert(viewer, row, obj)
        if not given:
            _number(row, obj)
        _after(row)
        Activity.record(viewer, f"{obj.key}.created", row, title=_title(row))
        touch({(partner_of(row), day) for day in touched_days(row)})
    return row


def _insert(viewer, row, obj: Object) -> None:
    try:
        with db.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(viewer, error, obj, row) from None


def _taken(viewer, error: IntegrityError, obj: Object, row) -> Invalid:
    """The partner side is not told that somebody of another company has this address."""
    if field := uniqueness.taken(error, obj):
        return Invalid(f"Another {obj.label.lower()} has the same {field.label.lower()}.", field=field.key)
    if "email" in str(error):
        seen = viewer.is_staff or visible(Contact, viewer).where(Contact.email == row.email).exists()
        if not seen:
            return Invalid("This address cannot be used. Ask your contact with us.", field="email")
        return Invalid(f"Another contact has the address {row.email}.", field="email")
    return Invalid(f"The number {row.number} is taken by another {obj.label.lower()}.", field="number")


def _number(row, obj: Object) -> None:
    """A number from the id: D00042; one more digit where somebody has typed that already."""
    number = f"{prefix(obj)}{row.id:05d}"
    while obj.table.select().where(obj.table.number == number).exists():
        number += "x"
    row.number = number
    Derive()(row)
    row.save(only=[obj.table.number, obj.table.search_text])


def _after(row) -> None:
    if isinstance(row, Contact) and row.primary:
        Contact.update(primary=False).where((Contact.partner == row.partner_id) & (Contact.id != row.id)).execute()


def change(viewer, obj: Object, row, values: dict[str, Any], *, version: int | None = None) -> Changes:
    """Change a record; Conflict when it was changed since `version` was read. Returns what changed."""
    had_partner = partner_of(row)
    changes = apply(obj, row, values)
    if not changes:
        return {}
    check(obj, row)
    Derive()(row)
    expected = version or row.version
    row.version, row.updated_at = expected + 1, clock.now()
    with db.atomic():
        _update(viewer, row, obj, expected)
        _after(row)
        Activity.record(viewer, f"{obj.key}.changed", row, title=_title(row), fields=facts(obj, changes), **kinds_of(obj, changes))
        touch({(p, day) for p in {had_partner, partner_of(row)} for day in touched_days(row, changes)})
    return changes


def _update(viewer, row, obj: Object, expected: int) -> None:
    """Store it if nobody stored another version in between."""
    data = {column.name: row.__data__.get(column.name) for column in row._meta.sorted_fields if column.name != "id"}
    try:
        with db.atomic():
            hit = obj.table.update(data).where((obj.table.id == row.id) & (obj.table.version == expected)).execute()
    except IntegrityError as error:
        raise _taken(viewer, error, obj, row) from None
    if not hit:
        raise Conflict("Somebody else changed this in the meantime. Nothing of yours was saved yet.")


def facts(obj: Object, changes: Changes) -> dict[str, list]:
    """Changes for the history: {field key: [old, new]} as JSON."""
    return {key: [_fact(old), _fact(new)] for key, (old, new) in changes.items()}


def kinds_of(obj: Object, changes: Changes) -> dict[str, dict[str, str]]:
    """The kinds of the custom fields among them, as a field may become another kind and its history stays what it was."""
    kinds = {key: obj.by_key[key].kind_key for key in changes if obj.by_key[key].custom}
    return {"kinds": kinds} if kinds else {}


def _fact(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def _title(row) -> str:
    return getattr(row, "display", None) or row.name
