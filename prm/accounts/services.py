"""Recognising people, and their passwords. Whatever goes wrong at the door looks the same and takes as long, so that
nobody learns which addresses have an account.
"""

from __future__ import annotations

from prm.access import sessions, tokens
from prm.access.portals import as_seen_by
from prm.core import clock, formats, links, mail, passwords, throttle
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.core.jobs import enqueue
from prm.core.letters import letter
from prm.models import Activity, Link, Organisation, Person, Session

TRIES, IN_SECONDS = 10, 900  # of one account
TRIES_FROM_ONE_PLACE = 60  # an office shares an address
ASKS, AN_HOUR = 5, 3600


def recognise(email: str, password: str, place: str) -> Person | None:
    """The person with this address and password. Throttled after too many tries for the account or from the place.
    Not inside a transaction: a refused try has to be counted."""
    account, from_there = f"sign-in:{links.digest(email.strip().lower())}", f"sign-in-from:{place}"
    throttle.check(from_there)
    throttle.counted(account, TRIES, IN_SECONDS)
    person = person_with(email)
    fits = passwords.verify(person.password_hash if person else None, password)
    if person is None or not fits or not person.is_active:
        throttle.hit(from_there, TRIES_FROM_ONE_PLACE, IN_SECONDS)
        return None
    throttle.clear(account)
    return person


def person_with(email: str) -> Person | None:
    try:
        return Person.get_or_none(Person.email == mail.address(email).lower())
    except Invalid:
        return None


def ask_for_reset(email: str, place: str) -> None:
    """Have a link sent, if there is such an account: a job looks it up, so that the answer takes as long either way."""
    email = mail.address(email).lower()
    throttle.counted(f"forgot-from:{place}", TRIES_FROM_ONE_PLACE, AN_HOUR)
    throttle.counted(f"forgot:{links.digest(email)}", ASKS, AN_HOUR)
    with db.atomic():
        enqueue("accounts.reset", email=email)


def confirms(person: Person, password: str) -> bool:
    """Whether it is their password; guessed too often, Throttled. Not inside a transaction."""
    key = f"confirm:{person.id}"
    throttle.counted(key, TRIES, IN_SECONDS)
    fits = passwords.verify(person.password_hash, password)
    if fits:
        throttle.clear(key)
    return fits


def change_password(person: Person, new: str) -> None:
    """A new password; every session of the person ends."""
    hashed = hashed_password(person, new)
    with db.atomic():
        set_password(person, hashed)
        Activity.record(person, "person.password_changed", person, title=person.display)
        tell_of_change(person)


def hashed_password(person: Person, new: str, field: str = "password") -> str:
    """Invalid with the reason when it is too weak for this person."""
    problem = passwords.weak(new, person.email or "", person.name)
    if problem:
        raise Invalid(problem, field=field)
    return passwords.hash_password(new)


def set_password(person: Person, hashed: str) -> None:
    """What was let in with the old one is out: sessions, API tokens, and links by which another could still be chosen."""
    person.password_hash = hashed
    person.save(only=[Person.password_hash])
    sessions.end_all(person)
    tokens.revoke_all(person)
    Link.update(superseded_at=clock.now()).where((Link.person == person) & Link.used_at.is_null() & Link.superseded_at.is_null()).execute()


def tell_of_change(person: Person) -> None:
    """So that a change by somebody else does not stay unseen."""
    with as_seen_by(person):
        here = Organisation.current()
    at = formats.moment(clock.now(), here.zone, here.locale)
    address = links.address("/forgot")
    subject, text = letter("password_changed", name=person.display, organisation=here.name, at=at, link=address)
    mail.post(person.email, subject, text, link=address, partner=person.partner_id)


def rename(person: Person, name: str) -> None:
    with db.atomic():
        person.name = name.strip()
        person.save(only=[Person.name])
        Activity.record(person, "person.renamed", person, title=person.display)


def choose_theme(person: Person, theme: str) -> None:
    """light, dark, or empty: as the system has it."""
    person.theme = theme if theme in ("light", "dark") else ""
    person.save(only=[Person.theme])


def own_sessions(person: Person) -> list[Session]:
    """Their living sessions, the last used first."""
    now = clock.now()
    living = (Session.person == person.id) & (Session.expires_at > now) & (Session.seen_at > now - sessions.IDLE)
    return list(Session.select().where(living).order_by(Session.seen_at.desc()))


def end_own_session(person: Person, id: int) -> None:
    """Missing for a session of somebody else."""
    if not Session.delete().where((Session.id == min(id, 2**31 - 1)) & (Session.person == person.id)).execute():
        raise Missing()
