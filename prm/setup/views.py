"""Setup's screens: the list of what can be set, the organisation, its lists and rates. First visit and outbox are in
their own files; ROUTES says which address is whose."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core.errors import Missing
from prm.models import BusinessRole, Mail, Organisation, Person, Portal, Rate, Stage, Tier
from prm.setup import lists, outbox, rates, services, welcome
from prm.setup.forms import OrganisationForm, RateForm, entry_form
from prm.setup.sections import sections
from prm.ui.launch import steps
from prm.ui.page import page, redirect_to, toast

bp = Blueprint("setup", __name__)


@needs(Do.SET_UP)
def index():
    counts = {
        table.__name__: rows.visible(table, current_user).count()
        for table in (Tier, Stage, BusinessRole, Rate, Person, Mail, Portal)
    }
    text = request.args.get("q", "")
    found = steps(current_user)
    return page(
        "setup/index.html", block="settings", sections=sections(current_user, text), text=text, counts=counts, steps=found, done=sum(step.done for step in found)
    )


@needs(Do.SET_UP)
def organisation():
    form = OrganisationForm.of(Organisation.current())
    if form.saved(
        lambda values: services.change_organisation(current_user, values), lambda _: url_for("setup.organisation")
    ):
        again = form.result and set(form.result) & set(services.FIGURES)
        toast("Saved. Figures are being worked out again." if again else "Saved")
        return redirect_to(form.outcome)
    return page("setup/organisation.html", form=form, status=form.status)


@needs(Do.SET_UP)
def entries(kind):
    found = _kind(kind)
    return page("setup/list.html", key=kind, kind=found, entries=lists.entries(found), uses=lists.uses(found))


@needs(Do.SET_UP)
def entry(kind, id=None):
    """A new entry, or a changed one."""
    found = _kind(kind)
    row = rows.get(found.table, current_user, id) if id is not None else None
    form = entry_form(found.table, row)
    if form.saved(
        lambda values: lists.save(current_user, found, row, values), lambda _: url_for("setup.entries", kind=kind)
    ):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("setup/entry.html", key=kind, kind=found, row=row, form=form, status=form.status)


@needs(Do.SET_UP)
def move(kind, id):
    lists.move(current_user, _kind(kind), id, 1 if request.form.get("to") == "down" else -1)
    return redirect_to(url_for("setup.entries", kind=kind))


@needs(Do.SET_UP)
def remove(kind, id):
    name = lists.remove(current_user, _kind(kind), id)
    toast(f"{name} is removed.")
    return redirect_to(url_for("setup.entries", kind=kind))


def _kind(key: str) -> lists.Kind:
    if key not in lists.KINDS:
        raise Missing()
    return lists.KINDS[key]


@needs(Do.SET_UP)
def exchange():
    form = RateForm()
    if form.saved(lambda values: rates.set_rate(current_user, **values), lambda _: url_for("setup.exchange")):
        toast("Saved. Amounts are being worked out again.")
        return redirect_to(form.outcome)
    return page("setup/rates.html", block="record", form=form, rates=rates.all_rates(current_user), status=form.status)


@needs(Do.SET_UP)
def remove_rate(id):
    was = rates.remove_rate(current_user, id)
    back = url_for("setup.put_back", currency=was.currency, valid_from=was.valid_from.isoformat(), rate=f"{was.rate:f}")
    toast("Removed. Amounts are being worked out again.", undo=back)
    return redirect_to(url_for("setup.exchange"))


@needs(Do.SET_UP)
def put_back():
    rates.put_back(current_user, **{name: request.args.get(name, "") for name in ("currency", "valid_from", "rate")})
    toast("The rate is there again. Amounts are being worked out again.")
    return redirect_to(url_for("setup.exchange"))


ROUTES = (
    ("/welcome", "GET POST", welcome.welcome),
    ("/welcome/sample", "GET", welcome.sample),
    ("/setup/", "GET", index),
    ("/setup/organisation", "GET POST", organisation),
    ("/setup/rates", "GET POST", exchange),
    ("/setup/rates/<int:id>/remove", "POST", remove_rate),
    ("/setup/rates/put-back", "POST", put_back),
    ("/setup/outbox", "GET", outbox.outbox),
    ("/setup/outbox/<int:id>", "GET", outbox.mail_page),
    ("/setup/outbox/<int:id>/again", "POST", outbox.send_again),
    ("/setup/<kind>", "GET", entries),
    ("/setup/<kind>/new", "GET POST", entry),
    ("/setup/<kind>/<int:id>", "GET POST", entry),
    ("/setup/<kind>/<int:id>/move", "POST", move),
    ("/setup/<kind>/<int:id>/remove", "POST", remove),
)
for rule, methods, view in ROUTES:
    bp.add_url_rule(rule, view_func=view, methods=methods.split())
bp.before_app_request(welcome.lead_to_welcome)
