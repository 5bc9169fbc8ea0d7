"""What people do with partners."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from peewee import JOIN, fn

from prm.access import rows
from prm.access.policy import Do, may
from prm.catalogue import keeping
from prm.catalogue.fields import Object
from prm.catalogue.objects import CONTACT_OBJECT, DEAL_OBJECT
from prm.models import Activity, Application, Contact, Deal, Partner, Person, Stage, Tier


class DealLine(NamedTuple):
    """A deal in a short list."""

    id: int
    title: str
    stage: str
    outcome: str
    amount: int | None
    currency: str
    closed_on: date | None


class ContactLine(NamedTuple):
    """A contact in a short list."""

    id: int
    title: str
    email: str
    roles: list[str]
    primary: bool


def add_partner(viewer, values: dict):
    """A new partner. Whoever adds it and sees only assigned partners becomes its manager."""
    return keeping.add(viewer, "partner", values)


def edit_partner(viewer, partner: Partner, values: dict, *, version: int | None = None) -> Partner:
    """Change it; Conflict when somebody saved since `version`."""
    return keeping.change(viewer, "partner", partner, values, version=version)


def applications(viewer) -> int:
    """How many want to become a partner, and wait for a word."""
    return rows.visible(Application, viewer).where(Application.state == "new").count() if may(viewer, Do.REVIEW_APPLICATIONS) else 0


def partner_of(viewer, id) -> Partner:
    """The partner with its tier and manager, or Missing."""
    manager = Person.alias()
    among = rows.visible(Partner, viewer, Partner, Tier, manager).join_from(Partner, Tier, JOIN.LEFT_OUTER)
    among = among.join_from(Partner, manager, JOIN.LEFT_OUTER, on=Partner.manager == manager.id, attr="manager")
    return rows.get(Partner, viewer, id, among=among)


def counts(viewer, partner: Partner, own: Mapping[str, Object]) -> dict[str, int]:
    """How many deals, contacts and records of its own objects of this partner the viewer may see."""
    of = {"deals": Deal, "contacts": Contact} | {key: obj.table.alias() for key, obj in own.items()}
    each = [rows.visible(t, viewer, fn.COUNT(t.id)).where(t.partner == partner.id).alias(name) for name, t in of.items()]
    return Partner.select(*each).where(Partner.id == partner.id).dicts().get()


def newest_deals(viewer, partner: Partner, limit: int = 5) -> list[DealLine]:
    """Its open deals, then those closed last."""
    title = DEAL_OBJECT.title(Deal).alias("title")
    shown = (Deal.id, title, Stage.name.alias("stage"), Deal.outcome, Deal.amount, Deal.currency, Deal.closed_on)
    found = rows.visible(Deal, viewer, *shown).join(Stage).where(Deal.partner == partner.id)
    found = found.order_by(Deal.closed_on.desc(nulls="FIRST"), Deal.id.desc()).limit(limit)
    return [DealLine(*row) for row in found.tuples()]


def first_contacts(viewer, partner: Partner, limit: int = 4) -> list[ContactLine]:
    """Whom to turn to, the primary contact first, then those with a name."""
    title = CONTACT_OBJECT.title(Contact).alias("title")
    shown = (Contact.id, title, Contact.email, Contact.roles, Contact.primary)
    found = rows.visible(Contact, viewer, *shown).where(Contact.partner == partner.id)
    order = (Contact.primary.desc(), Contact.name == "", Contact.name, Contact.id)
    return [ContactLine(*row) for row in found.order_by(*order).limit(limit).tuples()]


def latest(viewer, partner: Partner, *, before: int | None = None, limit: int = 30) -> list[Activity]:
    """What happened at this partner, newest first."""
    found = rows.visible(Activity, viewer).where(Activity.partner == partner.id)
    if before:
        found = found.where(Activity.id < before)
    return list(found.order_by(Activity.id.desc()).limit(limit))
