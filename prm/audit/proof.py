"""Access proof: what somebody really gets, counted with the same rules as every page, object by object, and the fields they see."""
from __future__ import annotations

from dataclasses import dataclass

from peewee import JOIN, fn

from prm.access import rows
from prm.access.system import SYSTEM
from prm.catalogue.objects import catalogue
from prm.models import Organisation, Partner, Person, Role
from prm.ui.sheets import SheetColumn

COLUMNS = [SheetColumn("Person"), SheetColumn("E-mail"), SheetColumn("Role"), SheetColumn("Partner"), SheetColumn("Object"), SheetColumn("Rows", "number"), SheetColumn("Fields seen"), SheetColumn("Fields hidden")]


@dataclass(frozen=True)
class Cell:
    """`rows` is None for an object that the person may not know at all."""

    rows: int | None
    seen: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """`objects`: (key, plural), in order; `people`: each with a cell for every object."""

    objects: list[tuple[str, str]]
    people: list[tuple[Person, dict[str, Cell]]]


def prove(people: list[Person]) -> Proof:
    """For these people; one query of counts for each."""
    whole = catalogue(SYSTEM).objects
    return Proof([(key, obj.plural) for key, obj in whole.items()], [(person, _cells(person, whole)) for person in people])


def _cells(person: Person, whole) -> dict[str, Cell]:
    known = catalogue(person).objects
    counts = [_count(obj.table, person) for obj in known.values()]
    found = dict(zip(known, Organisation.select(*counts).tuples().get() if counts else (), strict=True))
    cells = {}
    for key, obj in whole.items():
        labels = {f.key: f.label for f in obj.fields}
        seen = set(known[key].by_key) if key in known else set()
        cells[key] = Cell(
            int(found[key]) if key in known else None, tuple(label for k, label in labels.items() if k in seen), tuple(label for k, label in labels.items() if k not in seen)
        )
    return cells


def _count(table, person: Person):
    alias = table.alias()
    return rows.visible(alias, person, fn.COUNT(alias.id))


def usual(viewer) -> list[Person]:
    """Of each role whoever was here last."""
    place = fn.ROW_NUMBER().over(partition_by=[Person.role], order_by=[Person.last_seen_at.desc(nulls="LAST"), Person.id]).alias("place")
    who = rows.visible(Person, viewer, Person.id.alias("id"), place).where(Person.disabled_at.is_null() & Person.email.is_null(False))
    first = who.select_from(who.c.id).where(who.c.place == 1)
    found = {person.role: person for person in people(viewer).where(Person.id.in_(first))}
    return [found[role] for role in Role if role in found]


def people(viewer):
    """With the partners they are at."""
    return rows.visible(Person, viewer, Person, Partner).join(Partner, JOIN.LEFT_OUTER, on=Person.partner == Partner.id)


def lines(proof: Proof):
    for person, cells in proof.people:
        for key, plural in proof.objects:
            cell = cells[key]
            partner = person.partner.name if person.partner_id else ""
            yield [person.display, person.email or "", person.access.label, partner, plural, cell.rows or 0, ", ".join(cell.seen), ", ".join(cell.hidden)]
