"""You said, we did: actions that results lead to. Done, all who were asked hear of it: whoever answered or not, so that it
tells nothing about who said what."""
from __future__ import annotations

from datetime import date

from prm.core import clock, mail
from prm.core.db import db
from prm.core.errors import Conflict, Invalid
from prm.core.jobs import enqueue
from prm.core.letters import letter
from prm.models import Activity, Contact, Invitation, Organisation, Survey, SurveyAction, Wave
from prm.surveys import letters, sending


def save(viewer, survey: Survey, *, said: str, did: str, owner: int, due_on: date | None, action: SurveyAction | None = None) -> SurveyAction:
    facts = {"said": said.strip(), "did": did.strip(), "owner": owner, "due_on": due_on}
    with db.atomic():
        if action is None:
            action = SurveyAction.create(survey=survey, **facts)
        elif action.done_at is not None:
            raise Conflict("It is done, and people were told so.")
        else:
            SurveyAction.update(**facts).where(SurveyAction.id == action.id).execute()
        Activity.record(viewer, "survey.action", survey, title=survey.title)
    return action


def finish(viewer, action: SurveyAction) -> None:
    """It is done: the mails are queued by a job, once."""
    if not action.did:
        raise Invalid("Say what was done first.")
    with db.atomic():
        if not SurveyAction.update(done_at=clock.now()).where((SurveyAction.id == action.id) & SurveyAction.done_at.is_null()).execute():
            raise Conflict("It is done already.")
        enqueue("surveys.tell", key=f"action-{action.id}", action=action.id)
        Activity.record(viewer, "survey.action_done", Survey.get_by_id(action.survey_id), title=action.survey.title)


def audience(survey: Survey):
    """Everybody who was asked in any wave and may be written to: each contact once, by their newest invitation."""
    asked = (Wave.survey == survey.id) & (Invitation.held == "") & Contact.no_surveys_at.is_null() & Contact.email.is_null(False)
    query = Invitation.select(Invitation, Wave, Contact).join(Wave).switch(Invitation).join(Contact).where(asked).order_by(Wave.number)
    return list({each.contact_id: each for each in query}.values())


def tell(action: SurveyAction, report=lambda done, total: None) -> int:
    survey, org = Survey.get_by_id(action.survey_id), Organisation.current()
    posts = []
    for each in audience(survey):
        link = letters.address(sending.key_of(each.wave, each.contact_id))
        values = letters.values_of(each.contact, "")
        subject, text = letter(
            "survey_action", title=survey.title, first_name=values["first_name"], said=action.said, did=action.did, organisation=org.name, leave=f"{link}/stop",
        )  # fmt: skip
        posts.append(mail.Post(each.contact.email, subject, text, "", "", f"{link}/stop", each.partner_id, f"survey-action-{action.id}-{each.contact_id}"))
    with db.atomic():
        known = set(mail.Mail.select(mail.Mail.key).where(mail.Mail.key.startswith(f"survey-action-{action.id}-")).scalars())
        mail.post_all([post for post in posts if post.key not in known], report)
        SurveyAction.update(told=len(posts)).where(SurveyAction.id == action.id).execute()
    return len(posts)


def drop(viewer, action: SurveyAction) -> None:
    if action.done_at is not None:
        raise Conflict("It is done, and people were told so.")
    with db.atomic():
        SurveyAction.delete().where(SurveyAction.id == action.id).execute()
        Activity.record(viewer, "survey.action_dropped", Survey.get_by_id(action.survey_id), title=action.survey.title)
