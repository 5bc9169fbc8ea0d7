"""What one tile shows to one viewer: an answer of its own, narrowed by the dashboard's filters."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from prm.access import rows
from prm.catalogue.fields import Catalogue
from prm.core import clock
from prm.core.errors import Invalid, Missing
from prm.core.unchanged import while_unchanged
from prm.reporting.narrowing import Narrowing
from prm.models import Kpi, KpiVersion, Organisation, Report, Tile
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.library import ready_one
from prm.reporting.table import Table

LINES = 8  # of a table on a tile; the report has them all


@dataclass
class Filled:
    """`problem` says in words why there is nothing; `lost` are the dashboard's filters that the tile has no field for."""

    title: str
    content: Content | None = None
    table: Table | None = None
    problem: str = ""
    lost: list[str] = field(default_factory=list)
    as_of: datetime | None = None
    report: int | None = None  # a saved report's id
    ready: str = ""


def content_of(viewer, tile: Tile) -> Filled:
    """What the tile asks, as far as this viewer may know it."""
    if tile.kind == "report":
        report = rows.visible(Report, viewer).where(Report.id == tile.report_id).get_or_none()
        if report is None:
            raise Missing()
        return Filled(tile.title or report.name, Content.parse(report.content), report=report.id)
    if tile.kind == "ready":
        found = ready_one(tile.text)
        return Filled(tile.title or found.name, found.content, ready=found.key)
    kpi = rows.visible(Kpi, viewer).where(Kpi.id == tile.kpi_id).get_or_none()
    if kpi is None:
        return Filled(tile.title or "KPI", problem="You see your own figures on your scorecards.")
    return Filled(tile.title or kpi.name, _of_kpi(kpi))


def _of_kpi(kpi: Kpi) -> Content:
    """The mean attainment of a KPI, period by period."""
    length = KpiVersion.select(KpiVersion.period_length).where(KpiVersion.kpi == kpi.id).order_by(KpiVersion.number.desc()).scalar()
    question = {
        "object": "kpi_result", "filters": [{"field": "kpi", "op": "is", "value": kpi.id}], "rows": [{"field": "starts_on", "by": length or "quarter"}],
        "measures": [{"key": "attainment", "fn": "mean", "field": "attainment", "label": "Attainment, mean"}, {"key": "n", "fn": "count", "label": "Partners"}],
        "chart": {"kind": "line", "y": ["attainment"]},
    }  # fmt: skip
    return Content.parse({"parts": [{"question": question}]})


def fill(viewer, tile: Tile, values: dict[str, str], known: Catalogue) -> Filled:
    """The answer is kept while nothing in the database changes: a page of tiles asks a dozen questions."""
    made = content_of(viewer, tile)
    if made.content is None:
        return made
    narrowing = Narrowing(known, values)
    try:
        made.content = made.content.narrowed(narrowing.conditions)
        day = clock.today(Organisation.current().zone)
        key = ("tile", tile.id, viewer.id, viewer.version, day, tuple(sorted(values.items())))
        made.table = while_unchanged(key, lambda: ask(made.content, viewer, known=known))
    except Invalid as refusal:
        made.problem = refusal.message
        return made
    made.lost, made.as_of = list(dict.fromkeys(narrowing.lost)), made.table.answers[0].as_of
    return made


def short(table: Table) -> Table:
    """The first lines and the total, for a tile."""
    kept = [line for line in table.lines if line.kind != "total"][:LINES]
    totals = [line for line in table.lines if line.kind == "total"]
    shown = min(table.shown, sum(line.kind == "row" for line in kept))
    return replace(table, lines=kept + totals, shown=shown)


def shows(tile: Tile, filled: Filled) -> str:
    """number, chart or table, as the tile is set; what has no chart is a table."""
    wanted, question = (tile.look or {}).get("show", ""), filled.content.question if filled.content else None
    if question is None:
        return "table"
    if wanted == "number" and question.measures:
        return "number"
    return "chart" if question.chart.get("kind") and wanted != "table" else "table"
