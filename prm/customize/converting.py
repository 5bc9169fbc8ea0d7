"""Changing the kind of a field: every value is read anew as the other kind reads it; what cannot be read would be lost, and is
shown before anybody agrees to it."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from prm.access.policy import Do, check_may
from prm.catalogue import uniqueness
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Object
from prm.catalogue.formula import Formula
from prm.catalogue.keys import new_key
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import catalogue
from prm.catalogue.records import in_order, work_out
from prm.catalogue.rollups import can_be_made_of
from prm.core.bulk import hold_writers
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.jobs import enqueue
from prm.customize.definitions import MOST_CHOICES
from prm.customize.kinds import CHOOSABLE, CONVERTIBLE, ROLLUP
from prm.customize.services import CONVERT
from prm.models import Activity, CustomField, Organisation

SHOWN = 50  # of the values that would be lost
BATCH = 500
Report = Callable[[int, int], None]


@dataclass
class Preview:
    """`kept` values can be read as the other kind; of the `lost` ones the first are in `losses`: (title, id, text)."""

    kept: int = 0
    lost: int = 0
    losses: list[tuple[str, int, str]] = field(default_factory=list)


class Reading:
    """From a value as it is stored to what the other kind stores; Invalid where it cannot be read."""

    def __init__(self, row: CustomField, kind: str):
        if row.kind not in CONVERTIBLE or kind not in CONVERTIBLE or kind == row.kind:
            raise Invalid("A field of this kind cannot become one of that kind.", field="kind")
        self.row, self.kind, self.formats = row, kind, formats_of(Organisation.current()).typed
        self.labels = {value: label for value, label, *_ in row.choices or ()}
        self.keeps_choices = CHOOSABLE[row.kind].has_choices and CHOOSABLE[kind].has_choices
        self.choices: dict[str, list] = {}  # label, folded → [value, label], of those that come to be

    def text(self, stored: Any) -> str:
        """As people see it."""
        values = stored if isinstance(stored, list) else [stored]
        if self.row.kind in ("choice", "choices"):
            return "; ".join(self.labels.get(value, str(value)) for value in values)
        kind = KINDS[self.row.kind]
        value = kind.load(stored)
        return kind.show(value, self.formats) if isinstance(value, bool) else str(kind.typed(value, self.formats))

    def of(self, stored: Any) -> Any:
        if self.keeps_choices:
            return self._same_choices(stored)
        text = self.text(stored)
        if self.kind == "choice":
            return self._choice(text)
        if self.kind == "choices":
            return sorted({self._choice(part.strip()) for part in text.split(";") if part.strip()})
        if self.kind == "percent" and self.row.kind == "number":
            fraction = KINDS["number"].parse(text, self.formats)  # 0.25 is a quarter where it was a number
            return KINDS["percent"].store(KINDS["percent"].parse(fraction, self.formats))
        return KINDS[self.kind].store(KINDS[self.kind].parse(text, self.formats))

    def _same_choices(self, stored: Any) -> Any:
        """One choice as several, or several as one where it is one: they stay what they are called and coloured."""
        if self.kind == "choices":
            return [stored]
        if len(stored) > 1:
            raise Invalid("more than one choice")
        return stored[0]

    def _choice(self, text: str) -> str:
        if not text or len(text) > 60 or "\n" in text:
            raise Invalid("too long for a choice")
        folded = text.casefold()
        if folded not in self.choices:
            if len(self.choices) >= MOST_CHOICES:
                raise Invalid(f"more than {MOST_CHOICES} different values")
            self.choices[folded] = [new_key(text, {value for value, _ in self.choices.values()}), text]
        return self.choices[folded][0]


def preview(obj: Object, row: CustomField, kind: str) -> Preview:
    """What would become of each value; nothing is changed."""
    check_rollups(row, kind)
    reading, found = Reading(row, kind), Preview()
    for record, stored in _filled(obj, row):
        try:
            reading.of(stored)
            found.kept += 1
        except Invalid:
            found.lost += 1
            if len(found.losses) < SHOWN:
                found.losses.append((record.display, record.id, reading.text(stored)))
    return found


def start(viewer, obj: Object, row: CustomField, kind: str) -> None:
    """Queue it: a large table takes a while."""
    check_may(viewer, Do.SET_UP)
    Reading(row, kind)
    check_rollups(row, kind)
    enqueue(CONVERT, key=f"field-{row.id}", person=viewer, field=row.id, to=kind)


def convert(viewer, row: CustomField, kind: str, report: Report = lambda done, total: None) -> dict[str, int]:
    """All of it in one transaction: a field is never half of one kind and half of another."""
    obj = catalogue(viewer)[row.object]
    check_rollups(row, kind)
    reading, done = Reading(row, kind), {"kept": 0, "lost": 0}
    with db.atomic():
        hold_writers(obj.table)
        total, unique = sum(1 for _ in _filled(obj, row)), row.unique
        if unique:
            uniqueness.release(row, obj)
        for record, stored in _filled(obj, row):
            try:
                value, outcome = reading.of(stored), "kept"
            except Invalid:
                value, outcome = None, "lost"
            done[outcome] += 1
            _store(obj, record, row.key, value)
            if sum(done.values()) % BATCH == 0:
                report(sum(done.values()), total)
        was, row.kind, row.default = row.kind, kind, None
        if not reading.keeps_choices:
            row.choices = list(reading.choices.values()) if CHOOSABLE[kind].has_choices else []
        row.unique = unique and CHOOSABLE[kind].can_be_unique
        row.save(only=[CustomField.kind, CustomField.default, CustomField.choices, CustomField.unique])
        _follow(row)
        if row.unique:
            uniqueness.enforce(row, obj)
        Activity.record(viewer, "field.converted", row, title=row.label, object=obj.key, old=CHOOSABLE[was].label, new=CHOOSABLE[kind].label, **done)
    recompute(viewer, row)
    return done


def check_rollups(row: CustomField, kind: str) -> None:
    """Invalid where a roll-up could not be worked out of the other kind."""
    for each in _rollups_of(row):
        if each.deleted_at is None and not can_be_made_of(each.rollup["fn"], kind):
            raise Invalid(f"The roll-up “{each.label}” is worked out from it, and could not be any more. Change that one first.", field="kind")


def _follow(row: CustomField) -> None:
    """What comes out of roll-ups of this field is of its kind."""
    for each in _rollups_of(row):
        each.rollup = each.rollup | {"kind": row.kind}
        each.save(only=[CustomField.rollup])


def _rollups_of(row: CustomField) -> list[CustomField]:
    found = CustomField.select().where(CustomField.kind == ROLLUP)
    return [each for each in found if (each.rollup or {}).get("object") == row.object and each.rollup.get("field") == row.key and each.rollup.get("fn") != "count"]


def _store(obj: Object, record, key: str, value: Any) -> None:
    """With a new version: whoever has the record open in a form is told."""
    custom = {name: kept for name, kept in record.custom.items() if name != key}
    custom |= {key: value} if value not in (None, "", []) else {}
    obj.table.update(custom=custom, version=record.version + 1).where(obj.table.id == record.id).execute()


def _filled(obj: Object, row: CustomField) -> Iterator[tuple[Any, Any]]:
    """(record, stored value) of those that have one, a few hundred at a time."""
    for found in _batches(obj):
        for record in found:
            if (stored := (record.custom or {}).get(row.key)) not in (None, "", []):
                yield record, stored


def _batches(obj: Object) -> Iterator[list]:
    """Every record, a few hundred at a time."""
    after = 0
    while found := list(obj.table.select().where(obj.table.id > after).order_by(obj.table.id).limit(BATCH)):
        after = found[-1].id
        yield found


def recompute(viewer, row: CustomField, report: Report = lambda done, total: None) -> dict[str, int]:
    """A formula field of every record, and those that are made of it, near and far."""
    obj = catalogue(viewer)[row.object]
    formulas = in_order(tuple(f for f in obj.fields if f.formula))
    keys = {row.key}
    for each in formulas:  # each comes after those it is made of
        keys |= {each.key} if keys & Formula.parse(each.formula).names else set()
    wanted = [f for f in formulas if f.key in keys]
    if not wanted:
        return {"changed": 0}
    total, done, changed = obj.table.select().count(), 0, 0
    for found in _batches(obj):
        with db.atomic():
            for record in found:
                before = dict(record.custom or {})
                for each in wanted:
                    work_out(obj, record, each)
                if record.custom != before:
                    same = (obj.table.id == record.id) & (obj.table.version == record.version)
                    changed += obj.table.update(custom=record.custom).where(same).execute()
        done += len(found)
        report(done, total)
    return {"changed": changed}
