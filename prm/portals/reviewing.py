"""The screens of whoever decides about applications."""
from __future__ import annotations

from flask import request, url_for
from flask_login import current_user
from wtforms.fields import SelectChoice

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.models import Application, Person, Role, Tier
from prm.portals import applying
from prm.portals.blueprint import bp
from prm.portals.forms import AcceptForm, DeclineForm
from prm.ui.page import page, redirect_to, toast
from prm.ui.paging import paged
from prm.ui.wording import Wording

TONES = {"new": "info", "accepted": "good", "declined": ""}


@bp.get("/applications/")
@needs(Do.REVIEW_APPLICATIONS)
def applications():
    state = request.args.get("state", "new")
    found = rows.visible(Application, current_user).order_by(Application.id.desc())
    if state in applying.STATES:
        found = found.where(Application.state == state)
    return page("portals/applications.html", table=paged(found, request.args, request.path), state=state, states=applying.STATES, tones=TONES)


@bp.get("/applications/<int:id>")
@needs(Do.REVIEW_APPLICATIONS)
def application(id):
    return _show(rows.get(Application, current_user, id), _accepting(), DeclineForm())


def _show(row: Application, accepting: AcceptForm, declining: DeclineForm):
    said = Wording(current_user)
    facts = [(f.label, said.of(f, row.values[f.key])) for f in applying.offered() if row.values.get(f.key) not in (None, "", [])]
    status = max(accepting.status, declining.status)
    accepting.seen.data = declining.seen.data = applying.print_of(row)
    return page("portals/application.html", row=row, facts=facts, accepting=accepting, declining=declining, states=applying.STATES, tones=TONES, status=status)


def _accepting() -> AcceptForm:
    form = AcceptForm()
    staff = rows.visible(Person, current_user).where(Person.partner.is_null() & Person.disabled_at.is_null() & Person.role.in_((Role.ADMIN, Role.MANAGER)))
    form.manager.choices = [SelectChoice("", "–"), *(SelectChoice(str(p.id), p.display) for p in staff.order_by(Person.name))]
    form.tier.choices = [SelectChoice("", "–"), *(SelectChoice(str(t.id), t.name) for t in rows.visible(Tier, current_user).order_by(Tier.position))]
    if not form.is_submitted():
        form.manager.data = str(current_user.id)
    return form


@bp.post("/applications/<int:id>/accept")
@needs(Do.REVIEW_APPLICATIONS)
def accept(id):
    row, form = rows.get(Application, current_user, id), _accepting()
    if form.saved(lambda values: applying.accept(current_user, row, **values), lambda partner: url_for("partners.show", id=partner.id)):
        toast(f"{row.company} is a partner. {row.contact} gets an invite.", icon="send")
        return redirect_to(form.outcome)
    return _show(row, form, DeclineForm(formdata=None))


@bp.post("/applications/<int:id>/decline")
@needs(Do.REVIEW_APPLICATIONS)
def decline(id):
    row, form = rows.get(Application, current_user, id), DeclineForm()
    if form.saved(lambda values: applying.decline(current_user, row, values["reason"] or "", seen=values["seen"] or ""), lambda _: url_for("portals.applications")):
        toast(f"{row.company} is declined, and told so.")
        return redirect_to(form.outcome)
    return _show(row, _accepting(), form)
