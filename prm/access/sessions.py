"""Signed-in browsers as rows: the cookie carries a random key, the table its hash, so that signing out, disabling a
person or changing a password ends what it should at the next request."""

from __future__ import annotations

from datetime import timedelta

from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from peewee import JOIN

from prm.core import clock
from prm.core.db import db
from prm.core.links import digest, mint
from prm.core.prepared import Prepared, given
from prm.models import Partner, Person, Session

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
REMEMBER_EVERY = timedelta(minutes=1)
KEY = "key"
_BY_HASH = Prepared(
    lambda: Session.select(Session, Person, Partner)
    .join(Person, on=Session.person == Person.id)
    .join(Partner, JOIN.LEFT_OUTER, on=Person.partner == Partner.id)
    .where(Session.hash == given()),
    Session, Person, Partner,
)  # fmt: skip


class Cookies(SecureCookieSessionInterface):
    """Signed, without a look at their age: how long a session lasts stands in its row, and a clock that is set back by a
    minute would otherwise sign everybody out."""

    def open_session(self, app, request):
        sent, signer = request.cookies.get(self.get_cookie_name(app)), self.get_signing_serializer(app)
        try:
            return self.session_class(signer.loads(sent) if sent else {})
        except BadSignature:
            return self.session_class()


def begin(person: Person, *, address: str = "", agent: str = "") -> str:
    """Open a session and return its key, for the cookie; only the hash is stored."""
    key, hashed = mint()
    now = clock.now()
    with db.atomic():
        Session.delete().where(Session.expires_at < now).execute()
        Session.create(
            hash=hashed, person=person, seen_at=now, expires_at=now + ABSOLUTE, address=address[:64], agent=agent[:200]
        )
        Person.update(last_seen_at=now).where(Person.id == person.id).execute()
    return key


def find(key: str | None) -> Session | None:
    """The living session of a key with its person, in one query; None when ended, idle too long, or disabled."""
    if not key:
        return None
    row = _BY_HASH.first(digest(key))
    if row is None:
        return None
    (found, person, partner), now = row, clock.now()
    found.person = person
    if partner.id is not None:
        person.partner = partner  # most pages of the partner side need it
    if found.expires_at <= now or found.seen_at + IDLE <= now or not person.is_active:
        return None
    if found.seen_at + REMEMBER_EVERY <= now:
        Session.update(seen_at=now).where(Session.id == found.id).execute()
        Person.update(last_seen_at=now).where(Person.id == found.person_id).execute()
    return found


def end(key: str | None) -> None:
    if key:
        Session.delete().where(Session.hash == digest(key)).execute()


def end_all(person: Person, *, but: str | None = None) -> int:
    """End every session of a person, except the one with key `but`; returns how many."""
    ended = Session.delete().where(Session.person == person)
    if but:
        ended = ended.where(Session.hash != digest(but))
    return ended.execute()


def keep_in_cookie(key: str) -> None:
    """A fresh cookie for a fresh session: nothing of the earlier one survives (fixation)."""
    cookie.clear()
    cookie[KEY] = key


def key_in_cookie() -> str | None:
    return cookie.get(KEY)
