"""The partners' screens."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Filter
from prm.core.text import natural
from prm.models import Partner
from prm.partners import services
from prm.ui.details import details
from prm.ui.downloads import download
from prm.ui.forms import form_for
from prm.ui.lists import listing
from prm.ui.page import page, redirect_to, toast
from prm.ui.panels import panel
from prm.ui.recorded import list_columns, list_filters
from prm.ui.stories import stories

bp = Blueprint("partners", __name__, url_prefix="/partners")

COLUMNS = ("name", "tier", "territory", "type", "manager", "status", "number")
UNDER = ("tier", "territory")
FILTERS = ("tier", "territory", "status", "manager")
TABS = {"overview": "Overview", "deals": "Deals", "contacts": "Contacts", "activity": "Activity"}
DEALS = ("title", "stage", "amount", "closed_on")
CONTACTS = ("name", "roles", "email", "phone", "primary")


@bp.get("/")
@needs(Do.SEE_PARTNERS)
def index():
    quick = FILTERS if current_user.is_staff else ()  # the partner side has one row
    table = listing("partner", current_user, request.args, columns=COLUMNS, under=UNDER, filters=quick, sort="name")
    if table.format:
        return download(table)
    return page("partners/index.html", block="rows", table=table, applications=services.applications(current_user))


@bp.get("/<int:id>")
@needs(Do.SEE_PARTNERS)
def show(id):
    partner = services.partner_of(current_user, id)
    own = {obj.key: obj for obj in catalogue(current_user).objects.values() if obj.custom}
    tabs = TABS | {key: obj.plural for key, obj in own.items()}
    tab = request.args.get("tab", "overview")
    tab = tab if tab in tabs else "overview"
    given = _records(partner, own[tab]) if tab in own else GIVEN[tab](partner)
    if (table := given.get("table")) and table.format:
        return download(table)
    counts = services.counts(current_user, partner, own)
    return page(
        "partners/show.html", block=("tab", "tabs"), partner=partner, tab=tab, tabs=tabs, counts=counts, own=own.get(tab), **given
    )


def _overview(partner: Partner) -> dict:
    known = catalogue(current_user)
    return {
        "details": details("partner", current_user, partner, known=known),
        "panel": panel(current_user, partner, request.args.get("period", ""), "partners.show", known=known),
        "deals": services.newest_deals(current_user, partner),
        "contacts": services.first_contacts(current_user, partner),
    }


def _deals(partner: Partner) -> dict:
    return {"table": _of(partner, "deal", DEALS, ("stage", "closed_on"), "-closed_on")}


def _contacts(partner: Partner) -> dict:
    return {"table": _of(partner, "contact", CONTACTS, (), "name")}


def _records(partner: Partner, obj: Object) -> dict:
    """A tab that an object of the portal's own has by itself."""
    return {"table": _of(partner, obj.key, list_columns(obj, False), list_filters(obj, False), "name")}


def _of(partner: Partner, object: str, columns, filters, sort):
    return listing(
        object,
        current_user,
        request.args,
        columns=columns,
        filters=filters,
        sort=sort,
        where=(Filter("partner", "is", partner.id),),
        name=f"partner.{object}",
    )


def _activity(partner: Partner) -> dict:
    found = services.latest(current_user, partner, before=natural(request.args.get("before")))
    return {"stories": stories(current_user, found), "more": found[-1].id if len(found) == 30 else None}


GIVEN = {"overview": _overview, "deals": _deals, "contacts": _contacts, "activity": _activity}


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.EDIT_PARTNERS)
def new():
    form = form_for("partner", current_user)
    if form.saved(lambda values: services.add_partner(current_user, values), _address):
        toast("Partner added")
        return redirect_to(form.outcome)
    return page("partners/edit.html", block="record", form=form, partner=None, status=form.status)


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.EDIT_PARTNERS)
def edit(id):
    partner = rows.get(Partner, current_user, id)
    form = form_for("partner", current_user, partner)
    if form.saved(
        lambda values: services.edit_partner(current_user, partner, values, version=form.seen_version), _address
    ):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("partners/edit.html", block="record", form=form, partner=partner, status=form.status)


def _address(partner: Partner) -> str:
    return url_for("partners.show", id=partner.id)
