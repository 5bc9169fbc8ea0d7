"""What people do with contacts. Letting one in is in access/invites.py, as staff are invited the same way."""

from __future__ import annotations

from prm.access.rows import get, visible
from prm.catalogue import records
from prm.catalogue.objects import catalogue
from prm.core.errors import Forbidden
from prm.models import Contact, Deal, Partner, Role


def deals(viewer, contact: Contact) -> int:
    """How many deals this contact owns, of those the viewer may see."""
    return visible(Deal, viewer).where(Deal.owner == contact.id).count()


def add_contact(viewer, values: dict) -> Contact:
    """A new contact; the partner side adds only people of its own company."""
    if not viewer.is_staff:
        values = values | {"partner": viewer.partner_id}
    get(Partner, viewer, values.get("partner"))
    return records.make(viewer, catalogue(viewer)["contact"], values)


def edit_contact(viewer, contact: Contact, values: dict, *, version: int | None = None) -> Contact:
    """Change it. A contact with a login stays at its partner: moving would carry the login into another company."""
    if values.get("partner", contact.partner_id) != contact.partner_id and contact.logins.count():
        raise Forbidden(
            "This contact can sign in, so they cannot be moved to another partner. Disable the login first."
        )
    if not viewer.is_staff and viewer.role != Role.EXECUTIVE and contact.id != viewer.contact_id:
        raise Forbidden()
    records.change(viewer, catalogue(viewer)["contact"], contact, values, version=version)
    return contact
