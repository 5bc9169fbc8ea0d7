"""Links from mails: what state one is in, and spending it. Looking never spends, as mail scanners open every link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from prm.access.invites import mint_link
from prm.access.portals import as_seen_by
from prm.accounts import services
from prm.core import clock, links, mail, throttle
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.core.letters import letter
from prm.models import Activity, Link, Organisation, Person, Role

RESET_LASTS = timedelta(hours=1)
SPENT = "This link was used a moment ago."


@dataclass(frozen=True)
class Found:
    """`state`: open, used, superseded, expired, shut (the person is disabled) or unknown."""

    link: Link | None
    state: str

    @property
    def person(self) -> Person | None:
        return self.link.person if self.link else None


def look_up(token: str, purpose: str) -> Found:
    link = (
        Link.select(Link, Person).join(Person, on=(Link.person == Person.id), attr="person")
        .where((Link.hash == links.digest(token)) & (Link.purpose == purpose)).get_or_none()
    )  # fmt: skip
    return Found(link, _state(link) if link else "unknown")


def _state(link: Link) -> str:
    if link.used_at:
        return "used"
    if link.superseded_at:
        return "superseded"
    if link.expires_at <= clock.now():
        return "expired"
    return "open" if link.person.is_active else "shut"


def spend(link: Link) -> None:
    """Use it up, in the caller's transaction. Of any number of tries at once exactly one gets through."""
    now = clock.now()
    still_open = Link.used_at.is_null() & Link.superseded_at.is_null() & (Link.expires_at > now)
    if Link.update(used_at=now).where((Link.id == link.id) & still_open).execute() != 1:
        raise Invalid(SPENT)


def accept_invite(token: str, *, name: str, password: str) -> Person:
    """Choose the first password. It does not sign in: whoever opened the link has to know the password."""
    found = look_up(token, "invite")
    if found.state != "open":
        raise Invalid(SPENT)
    person = found.person
    person.name = name.strip() or person.name
    hashed = services.hashed_password(person, password)
    with db.atomic():
        spend(found.link)
        services.set_password(person, hashed)
        person.save(only=[Person.name])
        Activity.record(person, "person.joined", person, title=person.display)
    return person


def reset_password(token: str, *, password: str) -> Person:
    """Choose a new password with the link of a mail; every session ends, and waiting after wrong tries too."""
    found = look_up(token, "reset")
    if found.state != "open":
        raise Invalid(SPENT)
    hashed = services.hashed_password(found.person, password)
    with db.atomic():
        spend(found.link)
        services.set_password(found.person, hashed)
        throttle.clear(f"sign-in:{links.digest(found.person.email)}")
        Activity.record(found.person, "person.password_changed", found.person, title=found.person.display)
        services.tell_of_change(found.person)
    return found.person


def send_reset(email: str) -> Link | None:
    """The link to whom can sign in; nothing to anybody else."""
    person = services.person_with(email)
    if person is None or not person.is_active or not person.password_hash:
        return None
    with db.atomic():
        link, token = mint_link(person, "reset", RESET_LASTS)
        address = links.address(f"/r/{token}")
        with as_seen_by(person):
            subject, text = letter("reset", name=person.display, organisation=Organisation.current().name, link=address)
        mail.post(person.email, subject, text, link=address, partner=person.partner_id)
    return link


def ask_again(token: str) -> None:
    """Ask whoever sent a dead invite for a new one: once a day, however often the button is pressed."""
    found = look_up(token, "invite")
    if found.state not in ("expired", "superseded"):
        raise Missing()
    person, address = found.person, links.address(f"/people/{found.link.person_id}")
    subject, text = letter(
        "asks_again", name=person.display, email=person.email, organisation=Organisation.current().name, link=address
    )
    key = f"asks-again-{found.link.id}-{clock.now():%Y-%m-%d}"
    with db.atomic():
        mail.post(_sender_of(found.link).email, subject, text, link=address, key=key, partner=person.partner_id)


def _sender_of(link: Link) -> Person:
    """Who sent it, or an admin when they have left."""
    sender = link.sender
    if sender is not None and sender.is_active and sender.email:
        return sender
    admins = Person.select().where(
        (Person.role == Role.ADMIN) & Person.disabled_at.is_null() & Person.email.is_null(False)
    )
    found = admins.order_by(Person.id).first()
    if found is None:
        raise Missing()
    return found
