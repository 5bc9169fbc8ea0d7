"""Letting people in and shutting them out, staff and portal users alike. Each is one transaction with its Activity row;
a link sets a password and never signs in by itself.
"""

from __future__ import annotations

from datetime import timedelta

from prm.access import rows, sessions, tokens
from prm.access.authority import check_admin_remains, check_may_change, check_may_give
from prm.access.policy import Do, check_may
from prm.access.portals import as_seen_by
from prm.core import clock, formats, links, mail, throttle
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.letters import letter
from prm.models import Activity, Contact, Link, Organisation, Person, Role

LASTS = timedelta(days=14)
AN_HOUR, A_DAY = 3600, 86_400
INVITES_PER_HOUR = 200  # of one sender
INVITES_PER_ADDRESS = 10  # a day, whoever sends them


def mint_link(person: Person, purpose: str, lasts: timedelta, *, sender: Person | None = None) -> tuple[Link, str]:
    """A new link and its token; earlier ones of this purpose answer from now on that a newer one was sent."""
    token, hashed = links.mint()
    now = clock.now()
    open_ones = (
        (Link.person == person) & (Link.purpose == purpose) & Link.used_at.is_null() & Link.superseded_at.is_null()
    )
    Link.update(superseded_at=now).where(open_ones).execute()
    return Link.create(hash=hashed, purpose=purpose, person=person, sender=sender, expires_at=now + lasts), token


def invite(viewer, *, person: Person) -> Link:
    """Send (or send again) the link with which `person` chooses a password."""
    if not person.email:
        raise Invalid("An address is needed to send the invite to.", field="email")
    if person.password_hash:
        raise Invalid(f"{person.display} can sign in already.")
    with db.atomic():
        _count_against(viewer, person)
        link, token = mint_link(person, "invite", LASTS, sender=viewer)
        _send(viewer, person, link, links.address(f"/i/{token}"))
        Activity.record(viewer, "person.invited", person, title=person.display)
    return link


def _count_against(viewer, person: Person) -> None:
    """The portal's address must not become one that others block: so many an hour, and so many to one person."""
    by, to = f"invites-by:{viewer.id}", f"invites-to:{links.digest(person.email)}"
    throttle.check(by)
    throttle.check(to)
    throttle.hit(by, INVITES_PER_HOUR, AN_HOUR)
    throttle.hit(to, INVITES_PER_ADDRESS, A_DAY)


def _send(viewer, person: Person, link: Link, address: str) -> None:
    with as_seen_by(person):
        here = Organisation.current()
    subject, text = letter(
        "invite", name=person.display, sender=viewer.display, organisation=here.name, link=address,
        company=person.partner.name if person.partner_id else here.name, role=person.access.label.lower(),
        until=formats.moment(link.expires_at, here.zone, here.locale),
    )  # fmt: skip
    mail.post(person.email, subject, text, link=address, partner=person.partner_id)


def reinvite(viewer, person: Person) -> Link:
    """A new link; the earlier one says that a newer one was sent."""
    check_may_change(viewer, person)
    if person.disabled_at:
        raise Invalid(f"{person.display} is disabled. Enable them first.")
    return invite(viewer, person=person)


def enable_contact(viewer, contact: Contact, role: Role) -> Person:
    """Make a contact a portal user and send the invite."""
    check_may(viewer, Do.ENABLE_PARTNERS)
    rows.get(Contact, viewer, contact.id)
    check_may_give(viewer, Role(role), to_staff=False)
    _check_can_be_let_in(contact)
    with db.atomic():
        person = _person_of(viewer, contact, role)
        invite(viewer, person=person)
        Activity.record(viewer, "contact.enabled", contact, title=contact.display, role=Role(role).label)
    return person


def _check_can_be_let_in(contact: Contact) -> None:
    if not contact.email:
        raise Invalid("An address is needed to send the invite to.", field="email")
    if contact.partner.status == "ended":
        raise Invalid(f"Working with {contact.partner.name} has ended. Change its status first.", field="partner")


def _person_of(viewer, contact: Contact, role: Role) -> Person:
    """The login of this contact, made when there is none; an invite that nobody answered yet may change its role."""
    email = mail.address(contact.email).lower()
    person = Person.get_or_none(Person.contact == contact.id)
    if person is None:
        _check_free(viewer, email)
        return Person.create(
            name=contact.name, email=email, role=Role(role).value, partner=contact.partner_id, contact=contact
        )
    check_may_change(viewer, person)
    if person.disabled_at:
        raise Invalid(f"{person.display} had access and was disabled. Enable them again instead.")
    if person.password_hash:
        raise Invalid(f"{person.display} can sign in already.")
    if person.email != email:
        _check_free(viewer, email)
    person.role, person.email = Role(role).value, email
    person.save(only=[Person.role, Person.email])
    return person


def _check_free(viewer, email: str) -> None:
    """The partner side is not told who else signs in here."""
    if Person.select().where(Person.email == email).exists():
        why = (
            f"Somebody else signs in with {email}."
            if viewer.is_staff
            else "This address cannot be used. Ask your contact with us."
        )
        raise Invalid(why, field="email")


def add_staff(
    viewer, *, name: str, email: str, role: Role, sees_all: bool = False, known: Person | None = None
) -> Person:
    """Invite a colleague; `known` is one that is named already (as a partner's manager, say) but has no address."""
    check_may_give(viewer, Role(role), to_staff=True)
    email = mail.address(email).lower()
    with db.atomic():
        _check_free(viewer, email)
        person = known or Person()
        person.name, person.email, person.role = name.strip()[:200], email, Role(role).value
        person.sees_all = bool(sees_all) and role == Role.MANAGER
        person.save()
        invite(viewer, person=person)
    return person


def disable_person(viewer, person: Person) -> None:
    """Shut somebody out at their next request. What they did and wrote stays theirs; it can be undone."""
    check_may_change(viewer, person)
    with db.atomic():
        check_admin_remains(person)
        person.disabled_at = person.disabled_at or clock.now()
        person.save(only=[Person.disabled_at])
        sessions.end_all(person)
        tokens.revoke_all(person)
        Activity.record(viewer, "person.disabled", person, title=person.display)


def enable_person(viewer, person: Person) -> None:
    check_may_change(viewer, person)
    with db.atomic():
        person.disabled_at = None
        person.save(only=[Person.disabled_at])
        Activity.record(viewer, "person.enabled", person, title=person.display)


def change_role(viewer, person: Person, role: Role, *, sees_all: bool = False) -> None:
    """Give another access role; they sign in again with it."""
    check_may_change(viewer, person)
    check_may_give(viewer, Role(role), to_staff=person.partner_id is None)
    with db.atomic():
        if role != Role.ADMIN:
            check_admin_remains(person)
        before, person.role = person.access, Role(role).value
        person.sees_all = bool(sees_all) and role == Role.MANAGER
        person.save(only=[Person.role, Person.sees_all])
        sessions.end_all(person)
        Activity.record(
            viewer, "person.role_changed", person, title=person.display, old=before.label, new=Role(role).label
        )


def end_sessions(viewer, person: Person) -> int:
    """Sign somebody out everywhere, programs with their tokens too; returns from how many browsers."""
    check_may_change(viewer, person)
    with db.atomic():
        ended = sessions.end_all(person)
        tokens.revoke_all(person)
        Activity.record(viewer, "person.signed_out", person, title=person.display)
    return ended
