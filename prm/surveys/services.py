"""A survey from its first draft to its end: made, copied, closed, reopened, deleted, shared. What is asked in it: versions.py."""
from __future__ import annotations

from prm.access import rows
from prm.access.policy import Do, may
from prm.core import clock, links
from prm.core.db import db
from prm.core.errors import Conflict, Forbidden, Invalid, Missing
from prm.models import Activity, Survey
from prm.models.survey import AGAIN
from prm.surveys.content import Content
from prm.surveys.mixing import mix
from prm.surveys.versions import publish

LONGEST_TITLE = 200


def make(viewer, content: Content, *, anonymous: bool = False) -> Survey:
    with db.atomic():
        survey = Survey.create(title=_title(content), content=content.to_json(), anonymous=anonymous, owner=viewer.id)
        Activity.record(viewer, "survey.created", survey, title=survey.title)
    return survey


def _title(content: Content) -> str:
    title = " ".join(content.say(content.title).split())[:LONGEST_TITLE]
    if not title:
        raise Invalid("A survey needs a title.", field="title")
    return title


def copy(viewer, survey: Survey) -> Survey:
    content = Content.parse(survey.content)
    first = content.languages[0]
    return make(viewer, Content.parse(content.to_json() | {"title": content.title | {first: f"Copy of {survey.title}"[:LONGEST_TITLE]}}), anonymous=survey.anonymous)


def settle(viewer, survey: Survey, *, again: str, rest_days: int, anonymous: bool) -> None:
    """How it is answered. Whether it is anonymous cannot be changed once somebody was asked: it was promised."""
    if again not in AGAIN:
        raise Invalid("Choose what happens to a second answer.", field="again")
    if not 0 <= rest_days <= 3650:
        raise Invalid("A number of days from 0 to 3650.", field="rest_days")
    if anonymous != survey.anonymous and survey.version:
        raise Invalid("Whether it is anonymous was promised to those who were asked. Make a copy to change it.", field="anonymous")
    with db.atomic():
        Survey.update(again=again, rest_days=rest_days, anonymous=anonymous, updated_at=clock.now()).where(Survey.id == survey.id).execute()
        Activity.record(viewer, "survey.changed", survey, title=survey.title)


def close(viewer, survey: Survey) -> None:
    """Nobody can answer any more; what waits to be mixed is mixed."""
    _state(viewer, survey, "closed", "survey.closed")
    for wave in survey.waves:
        mix(wave, all=True)


def reopen(viewer, survey: Survey) -> None:
    if not survey.version:
        raise Conflict("It was never sent: send it instead.")
    _state(viewer, survey, "open", "survey.opened")


def _state(viewer, survey: Survey, state: str, verb: str) -> None:
    with db.atomic():
        Survey.update(state=state, updated_at=clock.now()).where(Survey.id == survey.id).execute()
        survey.state = state
        Activity.record(viewer, verb, survey, title=survey.title)


def delete(viewer, survey: Survey) -> None:
    """It is gone for everybody and takes no answers; `restore` brings it back with all that was answered. By whoever it
    belongs to, or an admin."""
    if survey.owner_id != viewer.id and not may(viewer, Do.SET_UP):
        raise Forbidden("Only whoever made it, or an admin, may delete it.")
    with db.atomic():
        Survey.update(deleted_at=clock.now()).where(Survey.id == survey.id).execute()
        Activity.record(viewer, "survey.deleted", survey, title=survey.title)


def restore(viewer, id: int) -> Survey:
    """By whoever it belongs to, or an admin."""
    with db.atomic():
        found = Survey.get_or_none((Survey.id == id) & Survey.deleted_at.is_null(False)) if 0 < id <= rows.MAX_ID else None
        if found is None or (found.owner_id != viewer.id and not may(viewer, Do.SET_UP)):
            raise Missing()
        Survey.update(deleted_at=None).where(Survey.id == id).execute()
        Activity.record(viewer, "survey.restored", found, title=found.title)
    return rows.get(Survey, viewer, id)


def share(viewer, survey: Survey, shared: bool) -> None:
    """Whether partners may read the totals of its results."""
    with db.atomic():
        Survey.update(shared=shared).where(Survey.id == survey.id).execute()
        Activity.record(viewer, "survey.shared" if shared else "survey.unshared", survey, title=survey.title)


# ── the open link ──


def open_key(survey: Survey) -> str:
    """The key of its open link: worked out anew each time, as only its hash is stored."""
    return links.derived("survey-open", survey.id)


def set_open_link(viewer, survey: Survey, wanted: bool) -> None:
    """A link that everybody may answer by who has it."""
    if wanted and not survey.version:
        survey = publish(viewer, survey)
    with db.atomic():
        hashed = links.digest(open_key(survey)) if wanted else ""
        state = "open" if wanted and survey.state == "draft" else survey.state
        Survey.update(open_hash=hashed, state=state).where(Survey.id == survey.id).execute()
        Activity.record(viewer, "survey.link_opened" if wanted else "survey.link_closed", survey, title=survey.title)
