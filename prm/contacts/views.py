"""The contacts' screens."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import invites, rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.contacts import services
from prm.contacts.forms import EnableForm
from prm.models import Contact, Person
from prm.ui.details import details
from prm.ui.downloads import download
from prm.ui.forms import form_for
from prm.ui.lists import listing
from prm.ui.page import page, redirect_to, toast
from prm.ui.stories import of_record

bp = Blueprint("contacts", __name__, url_prefix="/contacts")

COLUMNS = ("name", "partner", "roles", "email", "phone", "primary")
UNDER = ("partner", "roles")
FILTERS = ("roles", "partner.territory", "partner.tier")


@bp.get("/")
@needs(Do.SEE_CONTACTS)
def index():
    quick = FILTERS if current_user.is_staff else ("roles",)
    table = listing("contact", current_user, request.args, columns=COLUMNS, under=UNDER, filters=quick, sort="name")
    if table.format:
        return download(table)
    return page("contacts/index.html", block="rows", table=table)


@bp.get("/<int:id>")
@needs(Do.SEE_CONTACTS)
def show(id):
    contact = rows.get(Contact, current_user, id)
    login = rows.visible(Person, current_user).where(Person.contact == contact.id).get_or_none()
    return page(
        "contacts/show.html",
        contact=contact,
        login=login,
        deals=services.deals(current_user, contact),
        details=details("contact", current_user, contact),
        history=of_record(current_user, contact),
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.EDIT_CONTACTS)
def new():
    form = form_for("contact", current_user)
    if form.saved(lambda values: services.add_contact(current_user, values), _address):
        toast("Contact added")
        return redirect_to(form.outcome)
    return page("contacts/edit.html", block="record", form=form, contact=None, status=form.status)


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.EDIT_CONTACTS)
def edit(id):
    contact = rows.get(Contact, current_user, id)
    form = form_for("contact", current_user, contact)
    if form.saved(
        lambda values: services.edit_contact(current_user, contact, values, version=form.seen_version), _address
    ):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("contacts/edit.html", block="record", form=form, contact=contact, status=form.status)


@bp.route("/enable", methods=["GET", "POST"])
@needs(Do.ENABLE_PARTNERS)
def enable():
    """Partner, contact and role on one screen; the contact is made if it is new. `?contact=` proposes one."""
    known = rows.get(Contact, current_user, request.args["contact"]) if request.args.get("contact") else None
    form = EnableForm.for_viewer(current_user, known, request.args.get("partner", ""))
    if form.saved(
        lambda values: form.enable(current_user), lambda person: url_for("contacts.show", id=person.contact_id)
    ):
        toast("Invite queued. It stands in the outbox until the mail server has taken it.", icon="send")
        return redirect_to(form.outcome)
    return page("contacts/enable.html", block="record", form=form, contact=known, status=form.status)


@bp.post("/<int:id>/reinvite")
@needs(Do.ENABLE_PARTNERS)
def reinvite(id):
    person = _login(id)
    invites.reinvite(current_user, person)
    toast("A new invite is queued. The earlier link now says so.", icon="send")
    return redirect_to(url_for("contacts.show", id=id))


@bp.post("/<int:id>/disable")
@needs(Do.ENABLE_PARTNERS)
def disable(id):
    invites.disable_person(current_user, _login(id))
    toast("Disabled. Their sessions have ended.", undo=url_for("contacts.allow", id=id))
    return redirect_to(url_for("contacts.show", id=id))


@bp.post("/<int:id>/allow")
@needs(Do.ENABLE_PARTNERS)
def allow(id):
    invites.enable_person(current_user, _login(id))
    toast("They can sign in again.")
    return redirect_to(url_for("contacts.show", id=id))


def _login(id) -> Person:
    contact = rows.get(Contact, current_user, id)
    person = rows.visible(Person, current_user).where(Person.contact == contact.id).get_or_none()
    return rows.get(Person, current_user, person.id if person else None)


def _address(contact: Contact) -> str:
    return url_for("contacts.show", id=contact.id)
