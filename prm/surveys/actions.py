"""The screen of the actions that results lead to."""
from __future__ import annotations

from flask import request, url_for
from flask_login import current_user
from peewee import JOIN

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do, may
from prm.core import clock
from prm.core.errors import Forbidden, Missing
from prm.models import Organisation, Person, Survey, SurveyAction
from prm.surveys import acting
from prm.surveys.blueprint import bp
from prm.surveys.forms import ActionForm
from prm.ui.forms import pairs
from prm.ui.page import page, redirect_to, toast


def _form(known: SurveyAction | None = None) -> ActionForm:
    staff = rows.visible(Person, current_user).where(Person.partner.is_null() & Person.disabled_at.is_null()).order_by(Person.name, Person.id)
    data = {"said": known.said, "did": known.did, "owner": known.owner_id, "due_on": known.due_on} if known else {"owner": current_user.id, "said": request.args.get("said", "")[:500]}
    made = ActionForm(data=data)
    made.owner.choices = pairs({person.id: person.display for person in staff})
    return made


@bp.route("/surveys/<int:id>/actions", methods=["GET", "POST"])
@needs(Do.READ_RESULTS)
def actions(id):
    """What was heard, and what is done about it."""
    survey = rows.get(Survey, current_user, id)
    form = _form()
    if request.method == "POST":
        _check_builds()
    if form.saved(lambda values: acting.save(current_user._get_current_object(), survey, **values), lambda _: url_for("surveys.actions", id=id)):
        toast("Noted. When it is done, everybody who was asked gets one line back.")
        return redirect_to(form.outcome)
    return page("surveys/actions.html", survey=survey, form=form, actions=_listed(survey), today=clock.today(Organisation.current().zone), asked=len(acting.audience(survey)), status=form.status)


def _listed(survey: Survey) -> list[SurveyAction]:
    mine = rows.visible(SurveyAction, current_user, SurveyAction, Person).join(Person, JOIN.LEFT_OUTER).where(SurveyAction.survey == survey.id)
    return list(mine.order_by(SurveyAction.done_at.is_null(False), SurveyAction.due_on, SurveyAction.id))


def _check_builds() -> None:
    if not may(current_user, Do.BUILD_SURVEYS):
        raise Forbidden()


@bp.route("/surveys/<int:id>/actions/<int:action_id>", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def edit_action(id, action_id):
    survey, action = rows.get(Survey, current_user, id), _action(id, action_id)
    form = _form(action)
    if form.saved(lambda values: acting.save(current_user._get_current_object(), survey, **values, action=action), lambda _: url_for("surveys.actions", id=id)):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("surveys/action.html", survey=survey, form=form, action=action, status=form.status)


def _action(id: int, action_id: int) -> SurveyAction:
    found = rows.get(SurveyAction, current_user, action_id)
    if found.survey_id != id:
        raise Missing()
    return found


@bp.post("/surveys/<int:id>/actions/<int:action_id>/<any(done, drop):do>")
@needs(Do.BUILD_SURVEYS)
def act_on_action(id, action_id, do):
    action, viewer = _action(id, action_id), current_user._get_current_object()
    if do == "done":
        acting.finish(viewer, action)
        toast("Done. Everybody who was asked hears of it by mail.")
    else:
        acting.drop(viewer, action)
        toast("Taken away.")
    return redirect_to(url_for("surveys.actions", id=id))
