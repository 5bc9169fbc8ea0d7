"""The people's screens: the list, one person, inviting staff. Portal users are invited where contacts are."""

from __future__ import annotations

from flask import Blueprint, g, request, url_for
from flask import session as cookie
from flask_login import current_user

from prm.access import authority, invites, looking, rows, two_step
from prm.access.gate import also_when_looking, needs, public
from prm.access.policy import Do
from prm.core.errors import Invalid, Missing
from prm.models import Person, Role
from prm.people import services
from prm.people.forms import RoleForm, StaffForm
from prm.ui.entering import PREVIEW
from prm.ui.page import page, redirect_to, toast
from prm.ui.paging import paged

bp = Blueprint("people", __name__, url_prefix="/people")
HIDDEN = {"state_of": services.state_of, "states": services.STATES}


@bp.get("/")
@needs(Do.SEE_PEOPLE)
def index():
    text, state, role = (request.args.get(name, "") for name in ("q", "state", "role"))
    found = paged(services.find(current_user, text=text, state=state, role=role), request.args, request.path)
    return page(
        "people/index.html", block="rows", table=found, roles=list(Role), narrowed=bool(text or state or role), **HIDDEN
    )


@bp.get("/<int:id>")
@needs(Do.SEE_PEOPLE)
def show(id):
    return _show(rows.get(Person, current_user, id))


def _show(person: Person, form: RoleForm | None = None):
    may_change = authority.may_change(current_user, person)
    form = form or (RoleForm.for_viewer(current_user, person) if may_change else None)
    return page(
        "people/show.html",
        person=person,
        form=form,
        may_change=may_change,
        browsers=services.browsers(person) if may_change else 0,
        may_look=looking.may_view_as(current_user, person),
        managed=services.managed(current_user, person) if current_user.is_staff and person.is_staff else 0,
        status=form.status if form else 200,
        **HIDDEN,
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.MANAGE_PEOPLE)
def new():
    """`?person=` gives a login to somebody who is only named so far."""
    known = _named(request.args["person"]) if request.args.get("person") else None
    form = StaffForm.for_viewer(current_user, known)
    if form.saved(lambda values: invites.add_staff(current_user, **values, known=known), _address):
        toast("Invite queued. It stands in the outbox until the mail server has taken it.", icon="send")
        return redirect_to(form.outcome)
    return page("people/new.html", block="record", form=form, known=known, status=form.status)


def _named(id) -> Person:
    person = rows.get(Person, current_user, id)
    if person.email or person.partner_id:
        raise Invalid(f"{person.display} has an address already. Invite them from their own page.")
    return person


@bp.post("/<int:id>/role")
@needs(Do.SEE_PEOPLE)
def role(id):
    person = rows.get(Person, current_user, id)
    authority.check_may_change(current_user, person)
    form = RoleForm.for_viewer(current_user, person)
    if form.saved(
        lambda values: invites.change_role(current_user, person, **_typed(values)), lambda _: _address(person)
    ):
        toast("Access changed. They are asked to sign in again.")
        return redirect_to(form.outcome)
    return _show(rows.get(Person, current_user, id), form)


def _typed(values: dict) -> dict:
    return values | {"role": Role(values["role"])}


@bp.post("/<int:id>/reinvite")
@needs(Do.SEE_PEOPLE)
def reinvite(id):
    person = rows.get(Person, current_user, id)
    invites.reinvite(current_user, person)
    toast("A new invite is queued. The earlier link now says so.", icon="send")
    return redirect_to(_address(person))


@bp.post("/<int:id>/disable")
@needs(Do.SEE_PEOPLE)
def disable(id):
    person = rows.get(Person, current_user, id)
    invites.disable_person(current_user, person)
    toast(f"{person.display} is disabled. Their sessions have ended.", undo=url_for("people.enable", id=id))
    return redirect_to(_address(person))


@bp.post("/<int:id>/enable")
@needs(Do.SEE_PEOPLE)
def enable(id):
    person = rows.get(Person, current_user, id)
    invites.enable_person(current_user, person)
    toast(f"{person.display} can sign in again.")
    return redirect_to(_address(person))


@bp.post("/<int:id>/reset-two-step")
@needs(Do.MANAGE_PEOPLE)
def reset_two_step(id):
    person = rows.get(Person, current_user, id)
    two_step.turn_off(current_user, person)
    toast(f"{person.display} signs in with the password alone, until they turn it on again.")
    return redirect_to(_address(person))


@bp.post("/<int:id>/view-as")
@needs(Do.VIEW_AS)
def view_as(id):
    looking.begin(current_user, g.session_row, rows.get(Person, current_user, id))
    return redirect_to("/")


@bp.post("/stop-viewing")
@public
@also_when_looking
def stop_viewing():
    """Back to oneself. Open to anybody: it is asked by somebody who is somebody else."""
    seen = looking.end(g.session_row) if current_user.is_authenticated else None
    cookie.pop(PREVIEW, None)
    if seen is None:
        raise Missing()
    toast(f"You are yourself again. Looking as {seen.display} is noted in the audit trail.")
    return redirect_to(_address(seen))


@bp.post("/<int:id>/sign-out")
@needs(Do.SEE_PEOPLE)
def sign_out(id):
    person = rows.get(Person, current_user, id)
    invites.end_sessions(current_user, person)
    toast(f"{person.display} is signed out everywhere.")
    return redirect_to(_address(person))


def _address(person: Person) -> str:
    return url_for("people.show", id=person.id)
