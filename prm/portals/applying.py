"""Become a partner: what the public form takes, and what a manager makes of it."""
from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, TimestampSigner

from prm.access import invites, rows
from prm.access.policy import Do, check_may
from prm.access.portals import Content, dressed_as
from prm.access.system import SYSTEM
from prm.catalogue import records
from prm.catalogue.fields import Audience, Field
from prm.catalogue.objects import catalogue
from prm.core import clock, links, mail, throttle
from prm.core.db import db
from prm.core.errors import Conflict, Invalid
from prm.core.letters import letter
from prm.models import Activity, Application, Organisation, Person, Portal, Role

BUILT_IN = ("website", "type", "territory")
ALWAYS = ("name",)
QUICKEST, SLOWEST = 3, 86_400  # seconds between seeing the form and sending it
AN_HOUR, PER_HOUR = 3600, 10
STATES = {"new": "New", "accepted": "Accepted", "declined": "Declined"}


def offered() -> list[Field]:
    """What the form may ask of a company: fields that a partner may know, and that are typed rather than linked."""
    fields = catalogue(SYSTEM)["partner"].fields
    return [f for f in fields if f.key in BUILT_IN or (f.custom and f.editable and f.audience >= Audience.PARTNER and not f.link)]


def asked(content: Content) -> tuple[str, ...]:
    """The keys of the fields that this portal asks for, the name of the company first."""
    wanted = content.apply.get("fields") or []
    return (*ALWAYS, *(f.key for f in offered() if f.key in wanted))


def stamp(secret: str) -> str:
    """Goes out with the form, and says when that was."""
    return TimestampSigner(secret, salt="become-a-partner").sign(b"seen").decode()


def check_pace(secret: str, sent: str) -> None:
    """A person needs a while to fill a form; a form that somebody found is not sent a week later."""
    try:
        _, seen = TimestampSigner(secret, salt="become-a-partner").unsign(sent, max_age=SLOWEST, return_timestamp=True)
    except BadSignature:
        raise Invalid("This form was open for more than a day. Send it once more.") from None
    if (clock.now() - seen).total_seconds() < QUICKEST:
        raise Invalid("That was quicker than people type. Look it over, and send it once more.")


def apply(portal: Portal, company: dict[str, Any], *, name: str, email: str, message: str, address: str) -> Application | None:
    """Keep it and tell who decides. The same address twice is one application: the later one counts."""
    key = f"applies-from:{address}"
    throttle.check(key)
    throttle.hit(key, PER_HOUR, AN_HOUR)
    obj, email = catalogue(SYSTEM)["partner"], mail.address(email).lower()
    row = obj.table()
    records.apply(obj, row, company)
    kept = {f.key: _kept(records.stored(f, row)) for f in offered() if f.key in company}
    facts = {"company": company["name"][:200], "values": kept, "contact": " ".join(name.split())[:200], "message": message.strip()[:2000]}
    with db.atomic():
        found = Application.get_or_none((Application.email == email) & (Application.state == "new") & (Application.portal == portal.id))
        if found is not None:
            Application.update(facts).where((Application.id == found.id) & (Application.state == "new")).execute()
            Activity.record(None, "application.changed", found, title=facts["company"])
            return found
        made = Application.create(portal=portal, email=email, **facts)
        Activity.record(None, "application.created", made, title=made.company)
        _tell(made)
    return made


def _kept(value):
    return value.isoformat() if isinstance(value, date) else value


def _tell(made: Application) -> None:
    """Every admin, as an application is nobody's yet."""
    admins = Person.select().where((Person.role == Role.ADMIN) & Person.disabled_at.is_null() & Person.email.is_null(False))
    place = links.address(f"/applications/{made.id}")
    subject, text = letter("application", company=made.company, name=made.contact, email=made.email, organisation=Organisation.current().name, link=place)
    for admin in admins:
        mail.post(admin.email, subject, text, link=place)


# ── reviewing ──


def print_of(row: Application) -> str:
    """Of what somebody read, so that nothing else is decided about."""
    return sha256(json.dumps([row.company, row.contact, row.values, row.message], sort_keys=True).encode()).hexdigest()


def _check(viewer, row: Application, seen: str) -> None:
    check_may(viewer, Do.REVIEW_APPLICATIONS)
    if row.state != "new":
        raise Conflict(f"{row.company} is {STATES[row.state].lower()} already.")
    if seen != print_of(row):
        raise Invalid("They sent it once more since you opened this page. Read it again, it stands here as it is now.")


def accept(viewer, row: Application, *, seen: str, manager: int | None, tier: int | None, role: Role = Role.EXECUTIVE):
    """Make the partner and the contact, and send the invite: all of it or nothing. Returns the partner."""
    _check(viewer, row, seen)
    known = catalogue(viewer)
    values = _values(row) | {"name": row.company, "status": "active", "manager": manager, "tier": tier}
    if viewer.role == Role.MANAGER and not viewer.sees_all:
        values["manager"] = viewer.id
    with db.atomic():
        partner = records.make(viewer, known["partner"], values)
        contact = records.make(viewer, known["contact"], {"partner": partner.id, "name": row.contact, "email": row.email, "primary": True})
        invites.enable_contact(viewer, contact, role)
        _decide(viewer, row, "accepted", partner=partner)
    return partner


def _values(row: Application) -> dict[str, Any]:
    """What was typed, as a record takes it; a field that is gone by now is left out."""
    return {f.key: f.kind.load(row.values[f.key]) if f.custom else row.values[f.key] for f in offered() if row.values.get(f.key) not in (None, "", [])}


def decline(viewer, row: Application, reason: str, *, seen: str) -> None:
    """With a reason, which is what they are told."""
    _check(viewer, row, seen)
    reason = reason.strip()
    if len(reason) < 3:
        raise Invalid("Say why, in a sentence: it is what they read.", field="reason")
    with db.atomic():
        _decide(viewer, row, "declined", reason=reason[:2000])
        with dressed_as(row.portal if row.portal_id and row.portal.published else None):
            subject, text = letter("declined", name=row.contact, company=row.company, organisation=Organisation.current().name, reason=reason[:2000])
        mail.post(row.email, subject, text)


def _decide(viewer, row: Application, state: str, **facts) -> None:
    """Of two managers at once one gets through."""
    hit = Application.update(state=state, decider=viewer.id, decided_at=clock.now(), **facts).where((Application.id == row.id) & (Application.state == "new"))
    if not hit.execute():
        raise Conflict(f"Somebody else has decided about {row.company} in the meantime.")
    Activity.record(viewer, f"application.{state}", row, title=row.company)


def waiting(viewer) -> int:
    return rows.visible(Application, viewer).where(Application.state == "new").count()

