"""Reports and dashboards as PDFs for one viewer: what each box shows, and what is said under the title."""
from __future__ import annotations

import re
from collections.abc import Mapping

from prm.access import rows
from prm.catalogue.objects import catalogue
from prm.core import clock, formats
from prm.core.text import searchable
from prm.models import Dashboard, Organisation, Tile
from prm.reporting import tiles
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.narrowing import FILTERS
from prm.ui import printed
from prm.ui.answered import said
from prm.ui.marked import marked
from prm.ui.paper import SIZES
from prm.ui.printed import Box, Sheet
from prm.ui.remembered import recalled

MORE = f"A PDF holds {printed.PAGES} pages of rows; the Excel and CSV files have all of them."


def paper_choices(viewer) -> dict:
    """What is offered for a PDF, and what this person chose last."""
    last = recalled(viewer, "papers")
    sheet = Sheet.of(last.get("size", ""), last.get("orientation", ""))
    return {"sizes": SIZES, "orientations": printed.ORIENTATIONS, "size": sheet.size, "orientation": sheet.orientation}


def report_pdf(content: Content, name: str, viewer, sheet: Sheet) -> bytes:
    """What the screen shows, with every line that forty pages hold. Its conditions are told to staff only."""
    known = catalogue(viewer)

    def make(lines: int) -> bytes:
        table = ask(content, viewer, known=known, limit=lines)
        facts = printed.about(table, said(table) if viewer.is_staff else "")
        notes = table.notes + ([MORE] if table.shown < table.count else [])
        return printed.document(name, [Box(table=table, chart=content.question.chart, notes=notes)], facts, sheet, subtitle="Report")

    return printed.fitting(make, sheet)


def dashboard_pdf(dashboard: Dashboard, viewer, values: Mapping[str, str], sheet: Sheet) -> bytes:
    """Its tiles as they are on the screen, all of them answered for this viewer."""
    org = Organisation.current()
    narrowed = [(FILTERS[name], value) for name, value in values.items()]
    facts = [*narrowed, ("As of", f"{formats.moment(clock.now(), org.zone, org.locale)} ({org.zone})")]
    return printed.document(dashboard.name, boxes(dashboard, viewer, values), facts, sheet, subtitle=dashboard.description or "Dashboard")


def boxes(dashboard: Dashboard, viewer, values: Mapping[str, str]) -> list[Box]:
    known = catalogue(viewer)
    found = rows.visible(Tile, viewer).where(Tile.dashboard == dashboard.id).order_by(Tile.position, Tile.id)
    return [_box(tile, viewer, dict(values), known) for tile in found]


def _box(tile: Tile, viewer, values: dict[str, str], known) -> Box:
    if tile.kind == "text":
        return Box(tile.title, text=marked(tile.text), width=tile.width)
    filled = tiles.fill(viewer, tile, values, known)
    made = Box(filled.title, width=tile.width, notes=[filled.problem] if filled.problem else [])
    if filled.table is None or filled.content is None:
        return made
    made.table, made.chart = tiles.short(filled.table), filled.content.question.chart
    made.show = tiles.shows(tile, filled)
    if made.show == "table":
        made.notes.append(made.table.said + ".")
    if filled.lost:
        made.notes.append(f"Not narrowed by {' and '.join(filled.lost).lower()}: it has no such field.")
    return made


def file_name(name: str, ending: str) -> str:
    """For a file of a report or dashboard, made today: “revenue-by-tier-2026-11-25.pdf”."""
    stem = re.sub(r"[^a-z0-9]+", "-", searchable(name)).strip("-")[:60] or "report"
    return f"{stem}-{clock.now():%Y-%m-%d}.{ending}"

