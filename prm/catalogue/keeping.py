"""Adding and changing a record, with the rules of its noun: one way in for screens and the API. Imports, which store many at once,
use records.py below it."""
from __future__ import annotations

from typing import Any

from prm.access.policy import Do, check_may, may
from prm.access.portals import dressed_as, portal_of
from prm.access.rows import get
from prm.catalogue import records
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core import clock, links, mail
from prm.core.db import db
from prm.core.errors import Conflict, Forbidden, Invalid
from prm.core.letters import letter
from prm.models import Contact, Deal, Organisation, Partner, Role, Stage

EDIT = {"partner": Do.EDIT_PARTNERS, "contact": Do.EDIT_CONTACTS, "deal": Do.EDIT_DEALS}


def may_edit(viewer, obj: Object) -> bool:
    """Whether their role adds and changes records of this object at all."""
    return obj.extensible and may(viewer, EDIT.get(obj.key, Do.EDIT_RECORDS))


def add(viewer, key: str, values: dict[str, Any]):
    """A new record from parsed values, of a partner that the viewer sees."""
    obj = catalogue(viewer)[key]
    registers = key == "deal" and not viewer.is_staff
    if key == "partner":
        values = _managed(viewer, values)
    else:
        values = values | {"partner": viewer.partner_id} if key in ("contact", "deal") and not viewer.is_staff else values
        if not values.get("partner"):
            raise Invalid("Whose is it? Choose a partner.", field="partner")
        if values["partner"] != viewer.partner_id:  # a portal may keep one's own partner from its members; its deals are theirs
            get(Partner, viewer, values["partner"])
    if key == "deal":
        values = _closed(values | {"created_on": values.get("created_on") or _today()}, None)
    if not registers:
        return records.make(viewer, obj, values)
    with db.atomic():
        made = records.make(viewer, obj, _owned(viewer, values) | {"registration": "pending"})
        _tell_manager(viewer, made)
    return made


def change(viewer, key: str, row, values: dict[str, Any], *, version: int | None = None):
    """Conflict when somebody saved since `version`."""
    if key == "contact":
        _check_contact(viewer, row, values)
    if key == "deal" and not viewer.is_staff:
        values = _own_open(viewer, row, values)
    elif key == "deal":
        values = _closed(values, row)
    records.change(viewer, catalogue(viewer)[key], row, values, version=version)
    return row


def _managed(viewer, values: dict) -> dict:
    """Whoever adds a partner and sees only assigned ones becomes its manager, or it would vanish for them."""
    return values | {"manager": viewer.id} if viewer.role == Role.MANAGER and not viewer.sees_all else values


def _check_contact(viewer, contact: Contact, values: dict) -> None:
    """One with a login stays at its partner: moving would carry the login into another company."""
    if values.get("partner", contact.partner_id) != contact.partner_id and contact.logins.count():
        raise Forbidden("This contact can sign in, so they cannot be moved to another partner. Disable the login first.")
    if not viewer.is_staff and viewer.role != Role.EXECUTIVE and contact.id != viewer.contact_id:
        raise Forbidden()


def _owned(viewer, values: dict) -> dict:
    """Whoever registers it, unless they name a colleague: it would vanish for who sees only their own."""
    return values if values.get("owner") else values | {"owner": viewer.contact_id}


def is_open_to(viewer, deal: Deal) -> bool:
    """Once it is won or lost it is history, which only we correct."""
    return viewer.is_staff or deal.outcome == "open"


def _own_open(viewer, deal: Deal, values: dict) -> dict:
    if not is_open_to(viewer, deal):
        raise Forbidden(f"This deal is {deal.outcome}: ask your channel manager to change it.")
    return _owned(viewer, values) if "owner" in values and viewer.role != Role.EXECUTIVE else values


def _tell_manager(viewer, deal: Deal) -> None:
    """That a deal waits for their word."""
    manager = deal.partner.manager if deal.partner.manager_id else None
    if manager is not None and manager.email and manager.is_active:
        place = links.address(f"/deals/{deal.id}")
        subject, text = letter("deal_registered", partner=deal.partner.name, name=viewer.display, title=deal.display, link=place)
        mail.post(manager.email, subject, text, link=place, partner=deal.partner_id)


def decide(viewer, deal: Deal, registration: str) -> None:
    """approved or rejected, which whoever owns it is told."""
    check_may(viewer, Do.DECIDE_DEALS)
    if deal.registration != "pending":
        raise Conflict("Somebody has decided about this deal already.")
    with db.atomic():
        change(viewer, "deal", deal, {"registration": registration}, version=deal.version)
        owner = deal.owner if deal.owner_id else None
        if owner is not None and owner.email:
            place = links.address(f"/deals/{deal.id}")
            with dressed_as(portal_of(deal.partner)):
                subject, text = letter("deal_decided", name=owner.display, title=deal.display, decision=registration, organisation=Organisation.current().name, link=place)
            mail.post(owner.email, subject, text, link=place, partner=deal.partner_id)


def _closed(values: dict, deal: Deal | None) -> dict:
    """Moved to won or lost without a date it is closed today."""
    stage = Stage.get_or_none(Stage.id == values.get("stage", deal.stage_id if deal else None))
    dated = values.get("closed_on", deal.closed_on if deal else None)
    if stage is not None and stage.outcome != "open" and not dated:
        return values | {"closed_on": _today()}
    return values


def _today():
    return clock.today(Organisation.current().zone)
