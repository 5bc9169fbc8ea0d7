"""The KPIs' screens: the list, one KPI with its results, targets and versions, the form, and the periods."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.cards.wording import Wording
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid, Missing
from prm.core.periods import Period, parse_period
from prm.kpis import proposals, services, showing
from prm.kpis.entering import entry_form, read_lines
from prm.kpis.forms import kpi_form, representable
from prm.kpis.periods import all_periods, recompute_later, watched
from prm.kpis.targets import target_form, target_values
from prm.models import Kpi, KpiVersion, Organisation, Target
from prm.models.kpi import STATES
from prm.ui.downloads import download
from prm.ui.page import page, redirect_to, toast

bp = Blueprint("kpis", __name__, url_prefix="/kpis")
TABS = {"results": "Results", "targets": "Targets", "definition": "Definition"}


@bp.get("/")
@needs(Do.SEE_KPIS)
def index():
    found = list(rows.visible(Kpi, current_user).order_by(Kpi.position, Kpi.id))
    newest = {v.kpi_id: v for v in rows.visible(KpiVersion, current_user).order_by(KpiVersion.number)}
    aimed = set(rows.visible(Target, current_user, Target.kpi).distinct().scalars())
    return page(
        "kpis/index.html", kpis=found, newest=newest, aimed=aimed, states=STATES, job=watched(),
        standings=showing.standings(current_user, [k.id for k in found]),
    )  # fmt: skip


@bp.get("/<int:id>")
@needs(Do.SEE_KPIS)
def show(id):
    return _show(services.get(current_user, id), request.args.get("tab", "results"))


def _show(kpi: Kpi, tab: str, **forms):
    tab = tab if tab in TABS else "results"
    version = services.newest(kpi)
    given = GIVEN[tab](kpi, version, **forms)
    if (table := given.get("table")) and table.format:
        return download(table)
    status = next((form.status for form in forms.values()), 200)
    return page(
        "kpis/show.html", block=("tab", "tabs"), kpi=kpi, version=version, tab=tab, tabs=TABS, states=STATES,
        said=_said(version), status=status, **given,
    )  # fmt: skip


def _said(version: KpiVersion) -> str:
    return Wording(Organisation.current(), reader=current_user).definition(version)


def _results(kpi: Kpi, version: KpiVersion) -> dict:
    standings = showing.standings(current_user, [kpi.id]).get(kpi.id, [])
    period = _chosen([s.period for s in standings])
    table = showing.results(current_user, kpi, period, request.args) if period else None
    return {"standings": standings[: showing.SHOWN], "period": period, "table": table, "periods": standings}


def _chosen(periods: list[Period]) -> Period | None:
    """The period of the address, else the newest."""
    key = request.args.get("period", "")
    return next((p for p in periods if p.key == key), periods[0] if periods else None)


def _targets(kpi: Kpi, version: KpiVersion, form=None) -> dict:
    return {
        "targets": showing.targets(current_user, kpi, version),
        "form": form or target_form(kpi, version),
        "proposals": proposals.propose(kpi),
    }


def _definition(kpi: Kpi, version: KpiVersion, form=None) -> dict:
    versions = sorted(kpi.versions, key=lambda v: -v.number)
    entered = (form or entry_form(version)) if version.source == "entered" else None
    return {"versions": [(v, _said(v)) for v in versions], "entry": entered}


GIVEN = {"results": _results, "targets": _targets, "definition": _definition}


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.EDIT_KPIS)
def new():
    return _form(None, lambda values, form: services.add_kpi(current_user, values), "Draft saved. Look at it, then set it in force.")


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.EDIT_KPIS)
def edit(id):
    kpi = services.get(current_user, id)

    def save(values, form):
        start = _day(form.start.data) if kpi.state != "draft" else None
        return services.edit_kpi(current_user, kpi, values, start=start, version=kpi.version)

    return _form(kpi, save, "Saved. Results are being worked out.")


def _form(kpi: Kpi | None, save, done: str):
    """`look` re-draws the form for another object, and shows what the definition would give; it saves nothing."""
    known = catalogue(current_user)
    form = kpi_form(current_user, known, kpi)
    fits = kpi is None or representable(services.newest(kpi).question) or services.newest(kpi).source == "entered"
    looking = request.form.get("look") is not None
    if not looking and form.saved(lambda values: save(_kept(values, kpi, fits), form), lambda made: url_for("kpis.show", id=made.id)):
        toast(done)
        return redirect_to(form.outcome)
    trial, trouble = _trial(form)
    return page(
        "kpis/edit.html", block="record", form=form, kpi=kpi, fits=fits, trial=trial, trouble=trouble,
        status=200 if looking else form.status,
    )  # fmt: skip


def _kept(values: dict, kpi: Kpi | None, fits: bool) -> dict:
    """A definition that the inputs cannot hold stays as it is."""
    if kpi is None or fits:
        return values
    version = services.newest(kpi)
    return values | {"source": version.source, "question": version.question, "date_field": version.date_field}


def _trial(form) -> tuple[list, str]:
    if form.source.data != "question":
        return [], ""
    try:
        version = KpiVersion(
            question=form.question(), date_field=form.date_field.data, unit=form.unit.data, period_length=form.period_length.data
        )
        return showing.trial(current_user, version), ""
    except Invalid as refusal:
        return [], refusal.message


def _day(text: str | None):
    from prm.core.periods import iso_day

    return iso_day(text or "")


@bp.post("/<int:id>/activate")
@needs(Do.EDIT_KPIS)
def activate(id):
    kpi = services.get(current_user, id)
    services.activate(current_user, kpi)
    toast(f"{kpi.name} is in force. Its results are being worked out.")
    return redirect_to(url_for("kpis.show", id=id))


@bp.post("/<int:id>/retire")
@needs(Do.EDIT_KPIS)
def retire(id):
    kpi = services.get(current_user, id)
    services.retire(current_user, kpi)
    toast(f"{kpi.name} is retired. Past periods keep its results.", undo=url_for("kpis.activate", id=id))
    return redirect_to(url_for("kpis.show", id=id))


@bp.post("/<int:id>/targets")
@needs(Do.EDIT_KPIS)
def target(id):
    kpi = services.get(current_user, id)
    form = target_form(kpi, services.newest(kpi))
    to = url_for("kpis.show", id=id, tab="targets")
    if form.saved(lambda values: services.set_target(current_user, kpi, **target_values(current_user, kpi, form)), lambda _: to):
        toast("Target set. Results are being worked out.")
        return redirect_to(form.outcome)
    return _show(kpi, "targets", form=form)


@bp.post("/propose")
@needs(Do.EDIT_KPIS)
def propose():
    """Targets from what partners did so far, for one KPI or for all that have none."""
    named = request.form.get("kpi", "")
    kpis = [services.get(current_user, named)] if named else [k for k in rows.visible(Kpi, current_user) if k.state == "active"]
    made = proposals.accept(current_user, kpis)
    toast(f"{made} targets set. Scores are being worked out.")
    return redirect_to(url_for("kpis.show", id=kpis[0].id, tab="targets") if named else url_for("kpis.index"))


@bp.post("/<int:id>/values")
@needs(Do.EDIT_KPIS)
def enter(id):
    kpi = services.get(current_user, id)
    version = services.newest(kpi)
    form = entry_form(version)
    to = url_for("kpis.show", id=id, tab="definition")

    def save(values):
        period = _period(values["period"])
        return services.enter(current_user, kpi, period, read_lines(current_user, values["lines"], version))

    if form.saved(save, lambda _: to):
        toast("Values kept. Scores are being worked out.")
        return redirect_to(form.outcome)
    return _show(kpi, "definition", form=form)


# ── periods ──


@bp.get("/periods")
@needs(Do.SEE_KPIS)
def periods():
    return page("kpis/periods.html", block="progress", periods=all_periods(current_user), job=watched())


@bp.post("/periods/<key>/<verb>")
@needs(Do.CLOSE_PERIODS)
def settle(key, verb):
    """close, open or recompute a period."""
    period = _period(key)
    if verb == "recompute":
        recompute_later(current_user, period)
        toast(f"{period.label} is being worked out again, with the targets as they are now.")
    elif verb == "close":
        services.close_period(current_user, period)
        toast(f"{period.label} is closed.", undo=url_for("kpis.settle", key=key, verb="open"))
    elif verb == "open":
        services.open_period(current_user, period)
        toast(f"{period.label} is open again.")
    else:
        raise Missing()
    return redirect_to(url_for("kpis.periods"))


def _period(key: str) -> Period:
    try:
        return parse_period(key, Organisation.current().fiscal_month)
    except ValueError:
        raise Missing() from None
