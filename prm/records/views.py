"""The screens of the portal's own objects."""
from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.records import services
from prm.ui.details import details
from prm.ui.downloads import download
from prm.ui.forms import form_for
from prm.ui.lists import listing
from prm.ui.page import page, redirect_to, toast
from prm.ui.recorded import list_columns, list_filters
from prm.ui.stories import of_record

bp = Blueprint("records", __name__, url_prefix="/records")


@bp.get("/<object>/")
@needs(Do.SEE_RECORDS)
def index(object):
    obj = services.object_of(current_user, object)
    staff = current_user.is_staff  # the partner side knows whose they are
    columns, filters = list_columns(obj, staff), list_filters(obj, staff)
    table = listing(object, current_user, request.args, columns=columns, filters=filters, under=("partner",), sort="name")
    if table.format:
        return download(table)
    return page("records/index.html", block="rows", table=table, obj=obj)


@bp.get("/<object>/<int:id>")
@needs(Do.SEE_RECORDS)
def show(object, id):
    obj = services.object_of(current_user, object)
    row = rows.get(obj.table, current_user, id)
    return page("records/show.html", obj=obj, row=row, details=details(object, current_user, row), history=of_record(current_user, row))


@bp.route("/<object>/new", methods=["GET", "POST"])
@needs(Do.EDIT_RECORDS)
def new(object):
    obj = services.object_of(current_user, object)
    form = form_for(object, current_user)
    if form.saved(lambda values: services.add_record(current_user, object, values), lambda row: _address(object, row)):
        toast(f"{obj.label} added")
        return redirect_to(form.outcome)
    return page("records/edit.html", block="record", form=form, obj=obj, row=None, status=form.status)


@bp.route("/<object>/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.EDIT_RECORDS)
def edit(object, id):
    obj = services.object_of(current_user, object)
    row = rows.get(obj.table, current_user, id)
    form = form_for(object, current_user, row)
    if form.saved(
        lambda values: services.edit_record(current_user, object, row, values, version=form.seen_version), lambda saved: _address(object, saved)
    ):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("records/edit.html", block="record", form=form, obj=obj, row=row, status=form.status)


def _address(object: str, row) -> str:
    return url_for("records.show", object=object, id=row.id)
