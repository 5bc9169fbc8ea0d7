"""The lists an admin edits: tiers, stages, business roles. Order matters; an entry in use is renamed, not removed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from peewee import IntegrityError, fn

from prm.access import rows
from prm.catalogue.records import touch
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid
from prm.models import Activity, BusinessRole, Contact, Deal, Partner, Role, Stage, Tier


@dataclass(frozen=True)
class Kind:
    """One list: its table and how it is called."""

    table: type
    title: str
    one: str
    text: str
    where: tuple[str, str]  # the list that shows where an entry is used, and the filter that finds it


KINDS = {
    "tiers": Kind(Tier, "Tiers", "tier", "The levels of your partners, the highest first.", ("partners.index", "f.tier")),
    "stages": Kind(
        Stage, "Stages", "stage", "The way of a deal, each step with its probability and its outcome.",
        ("deals.index", "f.stage"),
    ),
    "roles": Kind(
        BusinessRole, "Business roles", "business role", "What contacts do at their company; not what they may here.",
        ("contacts.index", "f.roles"),
    ),
}  # fmt: skip


def entries(kind: Kind) -> list:
    return list(kind.table.select().order_by(kind.table.position, kind.table.id))


def uses(kind: Kind) -> Counter:
    """How many partners, deals or contacts have each entry: by its id, a business role by its name."""
    if kind.table is BusinessRole:
        return Counter(role for (roles,) in Contact.select(Contact.roles).tuples() for role in roles or ())
    of = Partner.tier if kind.table is Tier else Deal.stage
    return Counter(dict(of.model.select(of, fn.COUNT(of.model.id)).group_by(of).tuples()))


def save(viewer, kind: Kind, row, values: dict):
    """A new entry at the end, or a changed one with all that follows from it."""
    _check_admin(viewer)
    values = values | {"name": _name(kind, row, values["name"])}
    new = row is None
    with db.atomic():
        row = row or kind.table(position=_end(kind))
        before = dict(row.__data__)
        for key, value in values.items():
            setattr(row, key, value)
        _store(kind, row)
        if not new:
            _follow(row, before)
        Activity.record(viewer, f"{row._meta.table_name}.{'created' if new else 'changed'}", row, title=row.name)
    return row


def _check_admin(viewer) -> None:
    if viewer.role != Role.ADMIN:
        raise Forbidden()


def _name(kind: Kind, row, name: str) -> str:
    """Choices match without regard to case, so two names may not differ in it alone."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("A name is needed.", field="name")
    for other in entries(kind):
        if other.name.casefold() == name.casefold() and (row is None or other.id != row.id):
            raise Invalid(f"There is a {kind.one} called {other.name} already.", field="name")
    return name


def _end(kind: Kind) -> int:
    return max((row.position for row in entries(kind)), default=-1) + 1


def _store(kind: Kind, row) -> None:
    try:
        with db.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(f"There is a {kind.one} called {row.name} already.", field="name") from None


def _follow(row, before: dict) -> None:
    """A stage's outcome is repeated in its deals, a business role's name in the contacts that have it."""
    if isinstance(row, Stage) and row.outcome != before["outcome"]:
        partners = {id for (id,) in Deal.select(Deal.partner).where(Deal.stage == row.id).distinct().tuples()}
        Deal.update(outcome=row.outcome).where(Deal.stage == row.id).execute()
        touch({(id, None) for id in partners})
    if isinstance(row, BusinessRole) and row.name != before["name"]:
        for contact in Contact.select(Contact.id, Contact.roles):
            if before["name"] in (contact.roles or ()):
                names = sorted(row.name if name == before["name"] else name for name in contact.roles)
                Contact.update(roles=names).where(Contact.id == contact.id).execute()


def move(viewer, kind: Kind, id, by: int) -> None:
    """One place up (-1) or down (1); at the end of the list nothing happens."""
    _check_admin(viewer)
    found = rows.get(kind.table, viewer, id)
    with db.atomic():
        order = [row.id for row in entries(kind)]
        at = order.index(found.id)
        to = max(0, min(at + by, len(order) - 1))
        order.insert(to, order.pop(at))
        for position, each in enumerate(order):
            kind.table.update(position=position).where(kind.table.id == each).execute()


def remove(viewer, kind: Kind, id) -> str:
    """Invalid while it is in use, and for the last stage of an outcome; returns its name."""
    _check_admin(viewer)
    row = rows.get(kind.table, viewer, id)
    with db.atomic():
        if count := uses(kind)[row.name if kind.table is BusinessRole else row.id]:
            raise Invalid(f"{row.name} is still in use ({count}). Give those another {kind.one} first.")
        if isinstance(row, Stage) and Stage.select().where(Stage.outcome == row.outcome).count() == 1:
            raise Invalid(f"{row.name} is the only stage whose outcome is {row.outcome}. Add another one first.")
        Activity.record(viewer, f"{row._meta.table_name}.removed", row, title=row.name)
        row.delete_instance()
    return row.name
