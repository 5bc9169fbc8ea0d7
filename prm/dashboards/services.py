"""What people do with dashboards: make, rename, share, fill with tiles, order them, delete and bring back."""
from __future__ import annotations

from typing import Any

from prm.access import rows
from prm.access.policy import Do, check_may, may
from prm.core import clock
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid, Missing
from prm.dashboards.patterns import PATTERNS
from prm.models import Activity, Dashboard, Kpi, Report, Role, Tile
from prm.models.dashboard import TILES, WIDTHS
from prm.models.report import SHARING
from prm.reporting.library import ready_one

MOST_TILES = 40
SHOWS = {"chart": "Chart", "table": "Table", "number": "Number"}


def may_edit(viewer, dashboard: Dashboard) -> bool:
    if not may(viewer, Do.BUILD_REPORTS):
        return False
    return dashboard.owner_id == viewer.id or (dashboard.sharing != "private" and may(viewer, Do.PUBLISH_REPORTS))


def add(viewer, *, name: str, pattern: str = "") -> Dashboard:
    """A private one: empty, or with the tiles of a pattern."""
    check_may(viewer, Do.BUILD_REPORTS)
    if pattern and pattern not in PATTERNS:
        raise Invalid("There is no such template.", field="pattern")
    with db.atomic():
        made = Dashboard.create(name=_named(name), owner=viewer.id)
        for at, tile in enumerate(PATTERNS[pattern].tiles if pattern else ()):
            Tile.create(dashboard=made, position=at, **tile)
        Activity.record(viewer, "dashboard.created", made, title=made.name)
    return made


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the dashboard a name.", field="name")
    if len(name) > 120:
        raise Invalid("At most 120 characters.", field="name")
    return name


def edit(viewer, dashboard: Dashboard, *, name: str, description: str, sharing: str, home_of: str, filters: dict[str, str]) -> None:
    """`home_of` is the role whose home it is; another one of that role gives way."""
    _may_change(viewer, dashboard)
    if sharing not in SHARING:
        raise Invalid("Choose whom it is for.", field="sharing")
    if sharing == "partners" and not may(viewer, Do.PUBLISH_REPORTS):
        raise Forbidden()
    if home_of and (home_of not in {role.value for role in Role} or not may(viewer, Do.PUBLISH_REPORTS)):
        raise Invalid("That is no role whose home you may choose.", field="home_of")
    facts = {"name": _named(name), "description": description.strip()[:2000], "sharing": sharing, "home_of": home_of, "filters": filters}
    with db.atomic():
        if home_of:
            Dashboard.update(home_of="").where((Dashboard.home_of == home_of) & (Dashboard.id != dashboard.id)).execute()
        Dashboard.update(facts | {"version": Dashboard.version + 1, "updated_at": clock.now()}).where(Dashboard.id == dashboard.id).execute()
        Activity.record(viewer, "dashboard.changed", dashboard, title=facts["name"])


def _may_change(viewer, dashboard: Dashboard) -> None:
    if not may_edit(viewer, dashboard):
        raise Forbidden()


def delete(viewer, dashboard: Dashboard) -> None:
    _may_change(viewer, dashboard)
    with db.atomic():
        Dashboard.update(deleted_at=clock.now()).where(Dashboard.id == dashboard.id).execute()
        Activity.record(viewer, "dashboard.removed", dashboard, title=dashboard.name)


def undelete(viewer, id: int) -> Dashboard:
    """By who may edit it; Missing for anybody else's."""
    found = Dashboard.get_or_none((Dashboard.id == id) & Dashboard.deleted_at.is_null(False)) if 0 < id <= rows.MAX_ID else None
    if found is None or not may_edit(viewer, found):
        raise Missing()
    with db.atomic():
        Dashboard.update(deleted_at=None).where(Dashboard.id == id).execute()
        Activity.record(viewer, "dashboard.restored", found, title=found.name)
    return found


# ── tiles ──


def add_tile(viewer, dashboard: Dashboard, *, what: str, text: str = "") -> Tile:
    """`what` is report:7, ready:revenue-by-tier, kpi:3 or text."""
    _may_change(viewer, dashboard)
    kind, _, key = what.partition(":")
    if kind not in TILES:
        raise Invalid("Choose what the tile shows.", field="what")
    there = Tile.select().where(Tile.dashboard == dashboard.id)
    if there.count() >= MOST_TILES:
        raise Invalid(f"A dashboard has at most {MOST_TILES} tiles.", field="what")
    last = max([tile.position for tile in there], default=-1)
    with db.atomic():
        tile = Tile.create(dashboard=dashboard, position=last + 1, kind=kind, **_subject(viewer, kind, key, text))
        Activity.record(viewer, "dashboard.changed", dashboard, title=dashboard.name)
    return tile


def _subject(viewer, kind: str, key: str, text: str) -> dict[str, Any]:
    if kind == "report":
        return {"report": rows.get(Report, viewer, key)}
    if kind == "kpi":
        return {"kpi": rows.get(Kpi, viewer, key), "width": 4}
    if kind == "ready":
        return {"text": ready_one(key).key}
    if not text.strip():
        raise Invalid("Write the text of the tile.", field="text")
    return {"text": text.strip()[:5000], "width": 12}


def change_tile(viewer, dashboard: Dashboard, tile: Tile, *, width: str, title: str, show: str) -> None:
    _may_change(viewer, dashboard)
    if width not in map(str, range(WIDTHS[0], WIDTHS[-1] + 1)) or show not in ("", *SHOWS):
        raise Invalid("That is no width or look of a tile.")
    near = min(WIDTHS, key=lambda each: abs(each - int(width)))  # a slider without its script stops anywhere
    with db.atomic():
        Tile.update(width=near, title=title.strip()[:120], look={"show": show} if show else {}).where(Tile.id == tile.id).execute()
        Activity.record(viewer, "dashboard.changed", dashboard, title=dashboard.name)


def move_tile(viewer, dashboard: Dashboard, tile: Tile, *, step: int = 0, to: int | None = None) -> None:
    """One place up (step -1) or down (1), or to a place counted from 0."""
    _may_change(viewer, dashboard)
    ids = list(Tile.select(Tile.id).where(Tile.dashboard == dashboard.id).order_by(Tile.position, Tile.id).scalars())
    at = ids.index(tile.id)
    aim = max(0, min(len(ids) - 1, at + step if to is None else to))
    ids.insert(aim, ids.pop(at))
    with db.atomic():
        for place, id in enumerate(ids):
            Tile.update(position=place).where(Tile.id == id).execute()
        Activity.record(viewer, "dashboard.changed", dashboard, title=dashboard.name)


def remove_tile(viewer, dashboard: Dashboard, tile: Tile) -> None:
    _may_change(viewer, dashboard)
    with db.atomic():
        tile.delete_instance()
        Activity.record(viewer, "dashboard.changed", dashboard, title=dashboard.name)
