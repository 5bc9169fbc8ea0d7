"""What comes with the rows of an import: managers known by name only, new tiers and business roles, custom fields. Kept
with the import, so that taking it back takes them back too, unless somebody has used them since."""

from __future__ import annotations

import json
from typing import Any

from peewee import IntegrityError

from prm.catalogue.fields import Object
from prm.catalogue.keys import new_key, taken_keys
from prm.core.db import db
from prm.core.text import searchable
from prm.models import Activity, Contact, CustomField, KpiVersion, Partner, Person, Role, Target
from prm.transfers.cells import GROWING, New
from prm.transfers.checking import Line
from prm.transfers.plan import Plan
from prm.ui import layouts


class Noted:
    """The names that storing would add, by field key: manager, tier, roles."""

    def __init__(self):
        self.names: dict[str, dict[str, str]] = {}

    def settle(self, line: Line) -> dict[str, Any]:
        """The values of a line for its new names; here nothing is made."""
        for key, value in line.new.items():
            for name in value if isinstance(value, list) else [value]:
                if isinstance(name, New):
                    self.names.setdefault(key, {}).setdefault(searchable(name), str(name))
        return {}

    def facts(self) -> dict[str, list[str]]:
        return {key: list(names.values())[:50] for key, names in self.names.items()}


class Made(Noted):
    """Makes them when the first row needs them. `ids` are what it made, by field key."""

    def __init__(self):
        super().__init__()
        self.ids: dict[str, list[int]] = {}
        self.values: dict[tuple[str, str], Any] = {}

    def settle(self, line: Line) -> dict[str, Any]:
        super().settle(line)
        return {key: self._value(key, value) for key, value in line.new.items()}

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return sorted({self._value(key, each) for each in value})
        if not isinstance(value, New):
            return value
        same = (key, searchable(value))
        if same not in self.values:
            self.values[same] = self._make(key, str(value))
        return self.values[same]

    def _make(self, key: str, name: str) -> Any:
        """The id of a person or tier; of a business role its name, which is what contacts hold."""
        if key == "manager":
            row = Person.create(name=name, role=Role.MANAGER.value)
        else:
            table = GROWING[key]
            row = table.create(name=name, position=table.select().count())
        self.ids.setdefault(key, []).append(row.id)
        return row.name if key == "roles" else row.id


def make_fields(viewer, obj: Object, plan: Plan) -> tuple[Plan, list[int]]:
    """The custom fields of the plan, made for real: the plan that uses them, and their ids. A key that somebody took
    since is another one."""
    taken, position, ids = taken_keys(obj), CustomField.select().where(CustomField.object == obj.key).count(), []
    made = {}
    for at, (column, (key, kind)) in enumerate(plan.made.items()):
        key = new_key(key, taken) if key in taken else key
        taken.add(key)
        row = CustomField.create(object=obj.key, key=key, label=column[:120], kind=kind, position=position + at)
        layouts.add(row)
        Activity.record(viewer, "field.created", row, title=row.label, object=obj.key)
        made[column] = [key, kind]
        ids.append(row.id)
    return Plan(**plan.as_dict() | {"made": made}).settled(), ids


# ── back out ──


def remove(table, added: dict[str, list[int]]) -> dict[str, int]:
    """Take away what the import added and nobody uses; returns how many of each kind stayed."""
    stayed = {
        "fields": [id for id in added.get("fields", ()) if not _remove_field(table, id)],
        "managers": [id for id in added.get("manager", ()) if not _remove_manager(id)],
        "tiers": [id for id in added.get("tier", ()) if not _remove_tier(id)],
        "roles": [id for id in added.get("roles", ()) if not _remove_role(id)],
    }
    return {noun: len(ids) for noun, ids in stayed.items() if ids}


def _remove_field(table, id: int) -> bool:
    """A field stays while a row has a value in it, a KPI asks for it or a formula names it."""
    row = CustomField.get_or_none(CustomField.id == id)
    if row is None:
        return True
    filled = table.select().where(table.custom[row.key].as_text().is_null(False)).exists()
    return not (filled or _named(row.key)) and _deleted(row)


def _named(key: str) -> bool:
    questions = [json.dumps(question) for question in KpiVersion.select(KpiVersion.question).scalars()]
    return any(key in text for text in [*questions, *CustomField.select(CustomField.formula).scalars()])


def _remove_manager(id: int) -> bool:
    """Who has an address by now, or partners, stays."""
    person = Person.get_or_none(Person.id == id)
    if person is None:
        return True
    if person.email or person.password_hash or Partner.select().where(Partner.manager == id).exists():
        return False
    return _deleted(person)


def _remove_tier(id: int) -> bool:
    used = Partner.select().where(Partner.tier == id).exists() or Target.select().where(Target.tier == id).exists()
    row = GROWING["tier"].get_or_none(GROWING["tier"].id == id)
    return row is None or (not used and _deleted(row))


def _remove_role(id: int) -> bool:
    row = GROWING["roles"].get_or_none(GROWING["roles"].id == id)
    if row is None:
        return True
    held = any(row.name in roles for (roles,) in Contact.select(Contact.roles).tuples().iterator())
    return not held and _deleted(row)


def _deleted(row) -> bool:
    try:
        with db.atomic():
            row.delete_instance()
    except IntegrityError:
        return False
    return True
