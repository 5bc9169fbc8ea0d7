"""View as: staff look at the portal as one chosen portal user, with that person's rows and fields and nothing else. Nothing can be
changed meanwhile (gate.py), and beginning and end stand in the audit trail."""
from __future__ import annotations

from prm.access import rows
from prm.access.policy import Do, may
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid
from prm.models import Activity, Person, Session


def may_view_as(viewer, person: Person) -> bool:
    """Portal users of partners the viewer sees; never staff, so that nobody climbs."""
    return may(viewer, Do.VIEW_AS) and not person.is_staff and person.is_active and rows.visible(Person, viewer).where(Person.id == person.id).exists()


def begin(viewer, session: Session, person: Person) -> None:
    if not may_view_as(viewer, person):
        raise Forbidden() if person.is_staff or not may(viewer, Do.VIEW_AS) else Invalid(f"{person.display} is disabled: there is nothing to look at.")
    with db.atomic():
        Session.update(viewing=person).where(Session.id == session.id).execute()
        Activity.record(viewer, "person.viewed_as", person, title=person.display)


def end(session: Session) -> Person | None:
    """Back to oneself; returns who was looked as."""
    if session.viewing_id is None:
        return None
    with db.atomic():
        Session.update(viewing=None).where(Session.id == session.id).execute()
        Activity.record(session.person, "person.viewed_as_ended", session.viewing, title=session.viewing.display)
    return session.viewing


def whom(session: Session) -> Person:
    """Who this browser is in this request. Whoever lost the right to look meanwhile is themselves again."""
    if session.viewing_id is None:
        return session.person
    person = Person.get_or_none(Person.id == session.viewing_id)
    if person is None or not may_view_as(session.person, person):
        return session.person
    person.viewed_by = session.person
    return person
