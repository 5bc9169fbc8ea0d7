"""What is told about surveys on their screens: the list, the waves with who answered, what a contact is asked at present."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import JOIN, Case, fn

from prm.access import rows
from prm.core.mail import Mail
from prm.core.text import searchable
from prm.models import Contact, Invitation, Organisation, Partner, Person, Response, Survey, Wave
from prm.models.survey import STATES
from prm.surveys.content import Content

REFUSED = ("refused", "given_up")


@dataclass(frozen=True)
class Reach:
    """How many were asked, and how far they came. `held` were not asked; mails of `refused` never arrived."""

    asked: int = 0
    opened: int = 0
    started: int = 0
    answered: int = 0
    held: int = 0
    refused: int = 0

    @property
    def rate(self) -> float | None:
        return self.answered / self.asked if self.asked else None


def reach(viewer, waves: Iterable[int]) -> dict[int, Reach]:
    """By wave, of the contacts that the viewer may see."""
    asked = Invitation.held == ""

    def count(condition):
        return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)

    query = (
        rows.visible(
            Invitation, viewer, Invitation.wave, count(asked), count(Invitation.opened_at.is_null(False)), count(Invitation.started_at.is_null(False)),
            count(asked & (Invitation.answered == True)), count(~asked), count(Mail.state.in_(REFUSED)),  # noqa: E712
        )
        .join(Mail, JOIN.LEFT_OUTER).where(Invitation.wave.in_(list(waves) or [0])).group_by(Invitation.wave)
    )  # fmt: skip
    return {row[0]: Reach(*(int(each) for each in row[1:])) for row in query.tuples()}


def together(found: Iterable[Reach]) -> Reach:
    found = list(found)
    return Reach(*(sum(getattr(each, name) for each in found) for name in ("asked", "opened", "started", "answered", "held", "refused")))


@dataclass(frozen=True)
class Entry:
    """A line of the list. `responses` counts also those that came by the open link or out of a file."""

    survey: Survey
    owner: str
    questions: int
    reach: Reach
    responses: int


def surveys(viewer, text: str = "", state: str = "") -> list[Entry]:
    found = list(rows.visible(Survey, viewer, Survey, Person).join(Person, JOIN.LEFT_OUTER).order_by(Survey.updated_at.desc(), Survey.id.desc()))
    waves: dict[int, list[int]] = {}
    for id, survey in rows.visible(Wave, viewer, Wave.id, Wave.survey).tuples():
        waves.setdefault(survey, []).append(id)
    reached = reach(viewer, [id for ids in waves.values() for id in ids])
    given = dict(_responses(viewer))
    entries = []
    for survey in found:
        line = searchable(survey.title)
        if (state in STATES and survey.state != state) or not all(word in line for word in searchable(text).split()):
            continue
        content = Content.parse(survey.content)
        mine = together(reached[id] for id in waves.get(survey.id, ()) if id in reached)
        responses = given.get(survey.id, 0)
        entries.append(Entry(survey, survey.owner.display if survey.owner_id else "", len([q for q in content.questions if q.asks]), mine, responses))
    return entries


def _responses(viewer):
    """Named ones that the viewer may see; of anonymous surveys all that were counted."""
    held = rows.condition(Response, viewer)
    sealed = Response.sealed == True  # noqa: E712
    return Response.select(Response.survey, fn.COUNT(Response.id)).where(sealed if held is None else sealed | held).group_by(Response.survey).tuples()


# ── a wave ──

HOW = {"answered": "Answered", "started": "Started", "opened": "Opened", "sent": "Sent", "queued": "Queued", "refused": "Mail refused", "held": "Not asked"}


def state_of(invitation: Invitation) -> str:
    """How far somebody is: the key of a word in HOW."""
    if invitation.held:
        return "held"
    for reached, how in ((invitation.answered, "answered"), (invitation.started_at, "started"), (invitation.opened_at, "opened")):
        if reached:
            return how
    if invitation.mail is not None and invitation.mail.state in REFUSED:
        return "refused"
    return "sent" if invitation.mail is not None and invitation.mail.state == "sent" else "queued"


def invitations(viewer, wave: Wave, how: str = "", text: str = "", limit: int = 200) -> tuple[list[tuple[Invitation, str]], dict[str, int]]:
    """Those of a wave with how far they are, and how many there are of each."""
    query = (
        rows.visible(Invitation, viewer, Invitation, Contact, Partner, Mail).join(Contact).switch(Invitation).join(Partner).switch(Invitation)
        .join(Mail, JOIN.LEFT_OUTER).where(Invitation.wave == wave.id).order_by(Partner.name, Contact.name, Invitation.id)
    )  # fmt: skip
    words, counts, found = searchable(text).split(), dict.fromkeys(HOW, 0), []
    for each in query:
        state = state_of(each)
        counts[state] += 1
        line = searchable(each.contact.display, each.contact.email or "", each.partner.name)
        if (not how or how == state) and all(word in line for word in words) and len(found) < limit:
            found.append((each, state))
    return found, counts


# ── whoever is asked, in the portal ──


def waiting(viewer) -> list[Invitation]:
    """The surveys that wait for a portal user, with a link that the mail has too."""
    query = (
        rows.visible(Invitation, viewer, Invitation, Wave, Survey).join(Wave).join(Survey)
        .where((Invitation.answered == False) & (Invitation.held == "") & (Survey.state == "open") & Survey.deleted_at.is_null())  # noqa: E712
        .order_by(Invitation.asked_at.desc())
    )  # fmt: skip
    return list(query)


def zone() -> str:
    return Organisation.current().zone
