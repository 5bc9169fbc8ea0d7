"""Whom a wave asks: contacts found by a question, or chosen by hand; and who of them is held back, and why."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.catalogue.answer import answer
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT, Condition, Only, Question
from prm.core.errors import Invalid
from prm.core.text import naturals
from prm.models import Contact, Invitation, Partner, Survey
from prm.ui.asked import Asked

PICK = "pick"  # of the address: who was chosen by hand
MOST_PICKED = 500
REFUSES = "does not want surveys"
NO_ADDRESS = "has no e-mail address"
BATCH = 500


@dataclass(frozen=True)
class Planned:
    """A contact of a wave. `held` says why they are not asked; empty: they are."""

    contact: Contact
    partner_name: str
    held: str = ""


def picked(args: MultiDict) -> tuple[int, ...]:
    """Whom the address says were chosen by hand."""
    ids = naturals(args.get(PICK, "").split(","))
    return tuple(dict.fromkeys(ids))[:MOST_PICKED]


def recipe(args: MultiDict) -> dict:
    """As a wave keeps it: the search and the filters of the address, or the contacts chosen by hand."""
    if ids := picked(args):
        return {"contacts": list(ids)}
    return {"query": urlencode([(k, v) for k, v in args.items(multi=True) if k == "q" or k.startswith("f.")])}


def args_of(recipients: dict) -> MultiDict:
    return MultiDict(parse_qsl(recipients.get("query", "")))


def words(viewer, recipients: dict) -> str:
    """What a recipe says, for people."""
    if "contacts" in recipients:
        count = len(recipients["contacts"])
        return f"{count} contact{'' if count == 1 else 's'} chosen by hand"
    asked, _ = _asked(viewer, args_of(recipients))
    said = [chip.words for chip in asked.chips("")]
    search = args_of(recipients).get("q", "")
    return "Contacts where " + " and ".join(said + ([f"“{search}” is found"] if search else [])) if said or search else "All contacts"


def _asked(viewer, args: MultiDict) -> tuple[Asked, list[Condition]]:
    """The address as it was read, and the conditions in it; reading them finds its problems."""
    known = catalogue(viewer)
    asked = Asked(known, known["contact"], args, viewer, "survey recipients")
    return asked, list(asked.conditions())


def question(viewer, recipients: dict) -> Question:
    """The contacts of a recipe as a question. Invalid where a filter cannot be used any more: fewer, or more, than were
    meant must not be asked."""
    base = Question("contact", limit=MAX_LIMIT)
    if "contacts" in recipients:
        return base.where(Only(tuple(recipients["contacts"])))
    asked, conditions = _asked(viewer, args_of(recipients))
    if asked.problems:
        raise Invalid(asked.problems[0])
    return base.where(*conditions)


def ids(viewer, recipients: dict) -> list[int]:
    return [row.id for row in answer(question(viewer, recipients), viewer).rows]


def plan(viewer, survey: Survey, recipients: dict, now: datetime) -> list[Planned]:
    """Everybody who is found, the same address only once, and who of them is held back."""
    wanted = ids(viewer, recipients)
    resting = _resting(wanted, survey, now)
    found, addresses = [], set()
    for at in range(0, len(wanted), BATCH):
        group = wanted[at : at + BATCH]
        query = rows.visible(Contact, viewer).where(Contact.id.in_(group)).order_by(Contact.name, Contact.id)
        contacts = list(query)
        names = dict(rows.visible(Partner, viewer, Partner.id, Partner.name).where(Partner.id.in_({c.partner_id for c in contacts} or {0})).tuples())
        for contact in contacts:
            held = _held(contact, resting, addresses)
            addresses.add((contact.email or "").casefold())
            found.append(Planned(contact, names.get(contact.partner_id, ""), held))
    return found


def _held(contact: Contact, resting: dict[int, str], addresses: set[str]) -> str:
    if not contact.email:
        return NO_ADDRESS
    if contact.no_surveys_at is not None:
        return REFUSES
    if contact.id in resting:
        return resting[contact.id]
    return "has the address of another contact" if contact.email.casefold() in addresses else ""


def _resting(wanted: list[int], survey: Survey, now: datetime) -> dict[int, str]:
    """Who was asked by any survey less than so many days ago."""
    if not survey.rest_days:
        return {}
    since, found = now - timedelta(days=survey.rest_days), {}
    for at in range(0, len(wanted), BATCH):
        asked = Invitation.select(Invitation.contact, Invitation.asked_at).where(Invitation.contact.in_(wanted[at : at + BATCH]) & (Invitation.asked_at > since))
        for contact, when in asked.tuples():
            days = max(0, (now - when).days)
            found[contact] = "was asked " + ("today" if not days else "yesterday" if days == 1 else f"{days} days ago")
    return found
