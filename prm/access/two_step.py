"""Signing in in two steps: a code from an app besides the password. On for whoever wants it, and for roles of which it is asked."""
from __future__ import annotations

import secrets

import pyotp
import segno
from markupsafe import Markup

from prm.access import sessions, tokens
from prm.core import clock, links, throttle
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid
from prm.models import Activity, Organisation, Person

STEP = 30  # seconds that a code is good for; the one before and the one after are taken too, as clocks differ
CODES = 10
TRIES, IN_SECONDS = 6, 900
HALF_LASTS = 300  # seconds between the password and the code
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
WRONG = "That is not the code of now. Codes change every 30 seconds; is the clock of your phone right?"


def new_secret() -> str:
    return pyotp.random_base32()


def address(person: Person, secret: str) -> str:
    """What an authenticator app reads out of the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email or person.display, issuer_name=Organisation.current().name)


def picture(text: str) -> Markup:
    """The QR code, as SVG to stand in a page."""
    drawn = segno.make(text, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff", title="QR code for your authenticator app")
    return Markup(drawn)  # noqa: S704 - drawn of squares alone


def turn_on(person: Person, secret: str, code: str) -> list[str]:
    """After one right code; returns the recovery codes, which are told this once."""
    if person.totp:
        raise Invalid("It is on already.")
    step = _fits(secret, code)
    if step is None:
        raise Invalid(WRONG, field="code")
    codes = ["-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(CODES)]
    with db.atomic():
        facts = {"totp": secret, "totp_step": step, "recovery": [links.digest(each) for each in codes]}
        Person.update(facts).where(Person.id == person.id).execute()
        sessions.end_all(person, but=sessions.key_in_cookie())
        Activity.record(person, "person.two_step_on", person, title=person.display)
    return codes


def turn_off(viewer, person: Person) -> None:
    """One's own, unless the role needs it; an admin for somebody who lost their phone."""
    if viewer.id == person.id and needed(person):
        raise Invalid("Your role signs in in two steps. An admin can reset it if you lost your phone.")
    if viewer.id != person.id and viewer.role != "admin":
        raise Forbidden()
    with db.atomic():
        Person.update(totp="", totp_step=0, recovery=[]).where(Person.id == person.id).execute()
        if viewer.id != person.id:
            sessions.end_all(person)
            tokens.revoke_all(person)
        Activity.record(viewer, "person.two_step_off", person, title=person.display)


def needed(person: Person) -> bool:
    """Whether it is asked of their role."""
    return person.role in (Organisation.current().two_step_roles or [])


def half_way(person: Person) -> list:
    """For the cookie of a browser in which the password was right: the code comes next."""
    return [person.id, int(clock.now().timestamp()), links.digest(person.password_hash)]


def half_in(kept: list | None) -> Person | None:
    """Who gave the right password in this browser a moment ago, and has not changed it since."""
    id, at, hashed = kept or (0, 0, "")
    person = Person.get_or_none(Person.id == id)
    late = int(clock.now().timestamp()) - at > HALF_LASTS
    if person is None or late or not person.is_active or not person.totp or links.digest(person.password_hash) != hashed:
        return None
    return person


def confirms(person: Person, text: str) -> bool:
    """A code of the app, each good once, or a recovery code, each good once. Throttled after a few wrong ones. Not inside a
    transaction: a wrong try has to be counted."""
    key = f"two-step:{person.id}"
    throttle.counted(key, TRIES, IN_SECONDS)
    text = "".join(text.split()).lower()
    fits = _app_code(person, text) or _recovery_code(person, text)
    if fits:
        throttle.clear(key)
    return fits


def _app_code(person: Person, text: str) -> bool:
    step = _fits(person.totp, text)
    if step is None:
        return False
    fresh = (Person.id == person.id) & (Person.totp_step < step)  # of two at once one gets in
    return bool(Person.update(totp_step=step).where(fresh).execute())


def _fits(secret: str, text: str) -> int | None:
    """The step of time whose code this is; None for none of now."""
    text = "".join((text or "").split())
    if not (text.isascii() and text.isdigit() and len(text) == 6):
        return None
    now = int(clock.now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    return next((step for step in (now, now - 1, now + 1) if secrets.compare_digest(totp.at(step * STEP), text)), None)


def _recovery_code(person: Person, text: str) -> bool:
    plain = text.replace("-", "")
    wanted = links.digest(f"{plain[:5]}-{plain[5:]}") if len(plain) == 10 else ""
    with db.atomic():
        now = Person.get_by_id(person.id)
        if not wanted or wanted not in (now.recovery or []):
            return False
        left = [each for each in now.recovery if each != wanted]
        Person.update(recovery=left).where(Person.id == person.id).execute()
        Activity.record(person, "person.recovery_code_used", person, title=person.display, left=len(left))
    return True
