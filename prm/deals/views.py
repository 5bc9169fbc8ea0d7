"""The deals' screens."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.catalogue.keeping import is_open_to
from prm.deals import services
from prm.models import Deal
from prm.ui.details import details
from prm.ui.downloads import download
from prm.ui.forms import form_for
from prm.ui.lists import listing
from prm.ui.page import page, redirect_to, toast
from prm.ui.stories import of_record

bp = Blueprint("deals", __name__, url_prefix="/deals")

COLUMNS = ("title", "partner", "stage", "amount", "closed_on", "partner.territory")
UNDER = ("partner",)
FILTERS = ("stage", "outcome", "partner.territory", "partner.tier")


@bp.get("/")
@needs(Do.SEE_DEALS)
def index():
    quick = FILTERS if current_user.is_staff else ("stage", "closed_on")
    args = request.args
    table = listing("deal", current_user, args, columns=COLUMNS, under=UNDER, filters=quick, sort="-closed_on")
    if table.format:
        return download(table)
    return page("deals/index.html", block="rows", table=table)


@bp.get("/<int:id>")
@needs(Do.SEE_DEALS)
def show(id):
    deal = rows.get(Deal, current_user, id)
    return page(
        "deals/show.html", deal=deal, details=details("deal", current_user, deal), history=of_record(current_user, deal)
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.EDIT_DEALS)
def new():
    form = form_for("deal", current_user)
    if form.saved(lambda values: services.add_deal(current_user, values), _address):
        toast("Deal added" if current_user.is_staff else "Registered. Your channel manager is told.")
        return redirect_to(form.outcome)
    return page("deals/edit.html", block="record", form=form, deal=None, status=form.status)


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.EDIT_DEALS)
def edit(id):
    deal = rows.get(Deal, current_user, id)
    if request.method == "GET" and not is_open_to(current_user, deal):
        toast(f"This deal is {deal.outcome}: ask your channel manager to change it.", icon="lock")
        return redirect_to(_address(deal))
    form = form_for("deal", current_user, deal)
    if form.saved(lambda values: services.edit_deal(current_user, deal, values, version=form.seen_version), _address):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("deals/edit.html", block="record", form=form, deal=deal, status=form.status)


@bp.post("/<int:id>/<any(approve, reject):do>")
@needs(Do.DECIDE_DEALS)
def decide(id, do):
    services.decide(current_user, rows.get(Deal, current_user, id), "approved" if do == "approve" else "rejected")
    toast("Approved; its owner is told." if do == "approve" else "Rejected; its owner is told.")
    return redirect_to(url_for("deals.show", id=id))


def _address(deal: Deal) -> str:
    return url_for("deals.show", id=deal.id)
