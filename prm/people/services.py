"""Finding people. Letting in, changing and shutting out are in access/invites.py, as contacts are enabled there too."""

from __future__ import annotations

from peewee import JOIN, ModelSelect

from prm.access import rows
from prm.core import clock
from prm.models import Partner, Person, Role, Session

STATES = {"active": "Active", "invited": "Invited", "disabled": "Disabled", "named": "No login"}
HELD = {
    "active": (Person.password_hash != "") & Person.disabled_at.is_null(),
    "invited": (Person.password_hash == "") & Person.email.is_null(False) & Person.disabled_at.is_null(),
    "disabled": Person.disabled_at.is_null(False),
    "named": Person.email.is_null() & Person.disabled_at.is_null(),
}


def state_of(person: Person) -> str:
    """active, invited (no password yet), disabled, or named: known as a partner's manager, without an address."""
    if person.disabled_at:
        return "disabled"
    return "active" if person.password_hash else "invited" if person.email else "named"


def find(viewer, *, text: str = "", state: str = "", role: str = "") -> ModelSelect:
    """The people this viewer may see, by name; the partner side sees its own company."""
    found = (
        rows.visible(Person, viewer, Person, Partner)
        .join(Partner, JOIN.LEFT_OUTER)
        .order_by(Person.name, Person.email, Person.id)
    )
    if not viewer.is_staff:
        found = found.where(Person.partner == viewer.partner_id)
    if text := text.replace("\0", "").strip()[:200]:
        found = found.where(Person.name.contains(text) | Person.email.contains(text) | Partner.name.contains(text))
    if state in HELD:
        found = found.where(HELD[state])
    if role in tuple(Role):
        found = found.where(Person.role == role)
    return found


def managed(viewer, person: Person) -> int:
    """How many partners they are the channel manager of, of those the viewer sees."""
    return rows.visible(Partner, viewer).where(Partner.manager == person.id).count()


def browsers(person: Person) -> int:
    """In how many browsers they are signed in."""
    return Session.select().where((Session.person == person.id) & (Session.expires_at > clock.now())).count()
