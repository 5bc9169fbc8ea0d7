"""The dashboards' screens: the list, a dashboard whose tiles load by themselves, a tile, the rows behind its figures, editing."""
from __future__ import annotations

import json
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do, may
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.dashboards import services
from prm.reporting import tiles
from prm.dashboards.patterns import PATTERNS
from prm.models import Dashboard, Kpi, Partner, Report, Role, Tier, Tile
from prm.models.dashboard import WIDTHS
from prm.models.report import SHARING
from prm.reporting.library import ready
from prm.reporting.narrowing import FILTERS, Narrowing, offered, values_of
from prm.ui.answers import drawn
from prm.ui.behind import rows_page
from prm.ui.cells import Addresses
from prm.ui.documents import paper_choices
from prm.ui.page import page, redirect_to, toast
from prm.ui.pictures import picture

bp = Blueprint("dashboards", __name__, url_prefix="/dashboards")
STRETCHES = ("this month", "last month", "this quarter", "last quarter", "last 4 quarters", "last 8 quarters", "this year", "last year")


@bp.get("/")
@needs(Do.SEE_REPORTS)
def index():
    return page("dashboards/index.html", **_index())


def _index(**more) -> dict:
    found = rows.visible(Dashboard, current_user).order_by(Dashboard.name)
    given = {"dashboards": list(found), "patterns": PATTERNS, "sharing": SHARING, "builds": may(current_user, Do.BUILD_REPORTS), "roles": _roles()}
    return given | {"problem": "", "name": ""} | more


def _roles() -> dict[str, str]:
    return {role.value: role.label for role in Role}


@bp.post("/new")
@needs(Do.BUILD_REPORTS)
def new():
    name, pattern = request.form.get("name", ""), request.form.get("pattern", "")
    try:
        made = services.add(current_user, name=name or (PATTERNS[pattern].label if pattern in PATTERNS else ""), pattern=pattern)
    except Invalid as refusal:
        return page("dashboards/index.html", status=422, **_index(problem=refusal.message, name=name))
    toast("Dashboard added")
    return redirect_to(url_for("dashboards.edit", id=made.id) if not pattern else url_for("dashboards.show", id=made.id))


@bp.get("/<int:id>")
@needs(Do.SEE_REPORTS)
def show(id):
    dashboard = rows.get(Dashboard, current_user, id)
    values = values_of(current_user, request.args, dashboard.filters)
    return page(
        "dashboards/show.html", dashboard=dashboard, tiles=_tiles(dashboard), values=values, filters=offered(current_user), choices=_offered(),
        query=urlencode(values) or "period=", paper=paper_choices(current_user), mine=services.may_edit(current_user, dashboard),
    )  # fmt: skip


def _tiles(dashboard: Dashboard) -> list[Tile]:
    return list(rows.visible(Tile, current_user).where(Tile.dashboard == dashboard.id).order_by(Tile.position, Tile.id))


def _offered() -> dict[str, list[str]]:
    """What the filters offer: of the rows that the viewer sees."""
    territories = rows.visible(Partner, current_user, Partner.territory).where(Partner.territory != "").distinct().order_by(Partner.territory).limit(200)
    tiers = rows.visible(Tier, current_user, Tier.name).order_by(Tier.position)
    return {"period": list(STRETCHES), "territory": list(territories.scalars()), "tier": list(tiers.scalars())}


def _tile(id: int, tile_id: int) -> tuple[Dashboard, Tile]:
    dashboard = rows.get(Dashboard, current_user, id)
    return dashboard, rows.get(Tile, current_user, tile_id, among=rows.visible(Tile, current_user).where(Tile.dashboard == dashboard.id))


@bp.get("/<int:id>/tiles/<int:tile_id>")
@needs(Do.SEE_REPORTS)
def tile(id, tile_id):
    dashboard, one = _tile(id, tile_id)
    if one.kind == "text":
        return page("dashboards/tile.html", block="tile", dashboard=dashboard, tile=one, it=None, shown=None, address="", href="")
    values = values_of(current_user, request.args, dashboard.filters)
    filled = tiles.fill(current_user._get_current_object(), one, values, catalogue(current_user))
    here = url_for("dashboards.tile", id=id, tile_id=tile_id)
    return page(
        "dashboards/tile.html", block="tile", dashboard=dashboard, tile=one, it=filled, shown=_shown(one, filled, here, values),
        address=f"{here}?{urlencode(values) or 'period='}", href=_href(filled),
    )  # fmt: skip


def _href(filled: tiles.Filled) -> str:
    if filled.report:
        return url_for("reports.show", id=filled.report)
    return url_for("reports.library_report", key=filled.ready) if filled.ready and may(current_user, Do.BUILD_REPORTS) else ""


def _shown(one: Tile, filled: tiles.Filled, here: str, values: dict[str, str]) -> dict:
    """A number, a chart, or a short table, as the tile is set; what has no chart is a table."""
    if filled.table is None or filled.content is None:
        return {}
    show, chart = tiles.shows(one, filled), filled.content.question.chart
    if show == "number":
        chart = {**chart, "kind": "number", "y": chart.get("y") or []}
    open = lambda cell: _behind(here, values, cell)  # noqa: E731
    if show != "table":
        return {"chart": picture(filled.table, chart, title=filled.title, open=open)}
    return {"table": drawn(tiles.short(filled.table), open, Addresses())}


def _behind(here: str, values: dict[str, str], cell) -> str:
    place = json.dumps([list(step) for step in cell.place or ()], separators=(",", ":"), default=str)
    return f"{here}/rows?{urlencode({**(values or {'period': ''}), 'at': place, 'm': cell.column.key, 'part': cell.part})}"


@bp.get("/<int:id>/tiles/<int:tile_id>/rows")
@needs(Do.SEE_REPORTS)
def tile_rows(id, tile_id):
    dashboard, one = _tile(id, tile_id)
    filled = tiles.content_of(current_user._get_current_object(), one) if one.kind != "text" else None
    if filled is None or filled.content is None:
        raise Invalid("There are no rows behind it.")
    narrowing = Narrowing(catalogue(current_user), values_of(current_user, request.args, dashboard.filters))
    content = filled.content.narrowed(narrowing.conditions)
    back = url_for("dashboards.show", id=id)
    return rows_page(content, current_user, request.args, request.path, name=filled.title, back=back)


# ── editing ──


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.BUILD_REPORTS)
def edit(id):
    dashboard, problem = rows.get(Dashboard, current_user, id), ""
    if request.method == "POST":
        try:
            services.edit(current_user, dashboard, **_facts())
            toast("Saved")
            return redirect_to(url_for("dashboards.show", id=id))
        except Invalid as refusal:
            problem = refusal.message
    return _editor(dashboard, problem)


def _facts() -> dict:
    form = request.form
    filters = {name: form.get(name, "").strip()[:200] for name in FILTERS if form.get(name, "").strip()}
    return {name: form.get(name, "") for name in ("name", "description", "sharing", "home_of")} | {"filters": filters}


def _editor(dashboard: Dashboard, problem: str = ""):
    sharing = {key: label for key, label in SHARING.items() if key != "partners" or may(current_user, Do.PUBLISH_REPORTS)}
    reports = list(rows.visible(Report, current_user).order_by(Report.name))
    kpis = list(rows.visible(Kpi, current_user).where(Kpi.state == "active").order_by(Kpi.position))
    return page(
        "dashboards/edit.html", status=422 if problem else 200, dashboard=dashboard, problem=problem, sharing=sharing,
        tiles=_named_tiles(dashboard, reports, kpis),
        reports=reports, ready=ready(), kpis=kpis,
        widths=WIDTHS, shows=services.SHOWS, filters=FILTERS, roles=_roles(), form=request.form, mine=services.may_edit(current_user, dashboard),
    )  # fmt: skip


def _named_tiles(dashboard: Dashboard, reports: list[Report], kpis: list[Kpi]) -> list[tuple[Tile, str]]:
    """Each tile with what it shows."""
    names = {("report", report.id): report.name for report in reports} | {("kpi", kpi.id): kpi.name for kpi in kpis}
    names |= {("ready", each.key): each.name for each in ready()}
    found = []
    for one in _tiles(dashboard):
        key = {"report": one.report_id, "kpi": one.kpi_id}.get(one.kind, one.text)
        found.append((one, names.get((one.kind, key)) or one.text.split("\n")[0][:60] or one.kind.capitalize()))
    return found


@bp.post("/<int:id>/tiles")
@needs(Do.BUILD_REPORTS)
def add_tile(id):
    dashboard = rows.get(Dashboard, current_user, id)
    try:
        services.add_tile(current_user, dashboard, what=request.form.get("what", ""), text=request.form.get("text", ""))
    except Invalid as refusal:
        return _editor(dashboard, refusal.message)
    toast("Tile added")
    return redirect_to(url_for("dashboards.edit", id=id))


@bp.post("/<int:id>/tiles/<int:tile_id>")
@needs(Do.BUILD_REPORTS)
def change_tile(id, tile_id):
    """One form has all buttons of a tile: save, move up or down, take away; and where it was dropped (to:3)."""
    dashboard, one = _tile(id, tile_id)
    verb = request.form.get("do", "save")
    if verb in ("up", "down"):
        services.move_tile(current_user, dashboard, one, step=-1 if verb == "up" else 1)
    elif verb.startswith("to:") and verb[3:].isdecimal() and len(verb) < 7:
        services.move_tile(current_user, dashboard, one, to=int(verb[3:]))
    elif verb == "remove":
        services.remove_tile(current_user, dashboard, one)
        toast("The tile is gone. The report it showed is where it was.")
    else:
        services.change_tile(current_user, dashboard, one, **{name: request.form.get(name, "") for name in ("width", "title", "show")})
        toast("Saved")
    return redirect_to(url_for("dashboards.edit", id=id))


@bp.post("/<int:id>/delete")
@needs(Do.BUILD_REPORTS)
def delete(id):
    dashboard = rows.get(Dashboard, current_user, id)
    services.delete(current_user, dashboard)
    toast(f"“{dashboard.name}” is deleted.", undo=url_for("dashboards.undelete", id=id))
    return redirect_to(url_for("dashboards.index"))


@bp.post("/<int:id>/undelete")
@needs(Do.BUILD_REPORTS)
def undelete(id):
    services.undelete(current_user, id)
    toast("It is there again.")
    return redirect_to(url_for("dashboards.show", id=id))
