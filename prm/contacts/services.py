"""What people do with contacts. Letting one in is in access/invites.py, as staff are invited the same way."""

from __future__ import annotations

from prm.access.rows import visible
from prm.catalogue import keeping
from prm.models import Contact, Deal


def deals(viewer, contact: Contact) -> int:
    """How many deals this contact owns, of those the viewer may see."""
    return visible(Deal, viewer).where(Deal.owner == contact.id).count()


def add_contact(viewer, values: dict) -> Contact:
    """A new contact; the partner side adds only people of its own company."""
    return keeping.add(viewer, "contact", values)


def edit_contact(viewer, contact: Contact, values: dict, *, version: int | None = None) -> Contact:
    """Change it. A contact with a login stays at its partner."""
    return keeping.change(viewer, "contact", contact, values, version=version)
