"""Answers as rows, whether they come from a person, out of the box of an anonymous survey, or out of a file."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from prm.core import bulk, clock
from prm.core.db import db
from prm.models import Answer, Invitation, Organisation, Response, SurveyQuestion, Wave
from prm.surveys import kinds
from prm.surveys.content import Content
from prm.surveys.versions import published

NAMES = ("response", "question", "choice", "number", "text", "tags", "survey", "wave", "contact", "partner", "day", "sealed")
Known = dict[tuple[str, str], int]  # (code, row) -> id of the SurveyQuestion


def questions_of(survey_id: int) -> Known:
    return {(q.code, q.row): q.id for q in SurveyQuestion.select().where(SurveyQuestion.survey == survey_id)}


def wave_day(wave: Wave) -> date:
    """The day a wave was sent, by the organisation's clock."""
    zone = clock.zone(Organisation.current().zone)
    return (wave.sent_at or wave.created_at).astimezone(zone).date()


def store(
    wave: Wave, version: int, language: str, answers: dict, *, known: Known | None = None, sealed: bool = False,
    invitation: Invitation | None = None, content: Content | None = None,
) -> Response:  # fmt: skip
    """One response with its answers; of an anonymous survey without anything that says whose. The caller's transaction."""
    content = content or published(wave.survey, version)
    now = None if sealed else clock.now()
    day = wave_day(wave) if sealed else clock.today(Organisation.current().zone)
    contact, partner = (invitation.contact_id, invitation.partner_id) if invitation and not sealed else (None, None)
    made = Response.create(
        survey=wave.survey_id, wave=wave, version=version, language=language, invitation=None if sealed else invitation,
        contact=contact, partner=partner, day=day, submitted_at=now, sealed=sealed,
    )  # fmt: skip
    fill(made, rows_of(content, answers), known or questions_of(wave.survey_id))
    return made


def rows_of(content: Content, answers: dict) -> list[tuple[str, kinds.Fact]]:
    return [(q.code, fact) for q in content.questions if q.code in answers for fact in kinds.facts(q, answers[q.code], content)]


def fill(response: Response, rows: Iterable[tuple[str, kinds.Fact]], known: Known) -> None:
    """The rows of a response that exists. A question of an older version that is gone since is still known."""
    same = (response.survey_id, response.wave_id, response.contact_id, response.partner_id, response.day, response.sealed)
    bulk.insert(Answer, NAMES, [
        (response.id, known[code, fact.row], fact.choice, fact.number, fact.text, [], *same)
        for code, fact in rows if (code, fact.row) in known
    ])  # fmt: skip


def replaced(response: Response, version: int, language: str, answers: dict, content: Content) -> None:
    """The last submit wins: other answers, the same response."""
    with db.atomic():
        Answer.delete().where(Answer.response == response.id).execute()
        response.version, response.language = version, language
        response.day, response.submitted_at = clock.today(Organisation.current().zone), clock.now()
        response.save(only=[Response.version, Response.language, Response.day, Response.submitted_at])
        fill(response, rows_of(content, answers), questions_of(response.survey_id))


