"""What a PDF is made of, and asking for it."""
from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.access.policy import Do, may
from prm.core.db import db
from prm.core.errors import Missing
from prm.core.jobs import Job, enqueue
from prm.models import Dashboard, Report
from prm.reporting.content import Content
from prm.reporting.library import ready_one
from prm.reporting.narrowing import values_of
from prm.ui.answered import given_values
from prm.ui.documents import dashboard_pdf, report_pdf
from prm.ui.printed import Sheet

KIND = "papers.make"


@dataclass(frozen=True)
class Source:
    """A report, a ready report or a dashboard, as this viewer may see it. `what` names it: report:5, ready:revenue-by-tier,
    dashboard:3."""

    what: str
    name: str
    content: Content | None = None
    dashboard: Dashboard | None = None


def source(viewer, what: str) -> Source:
    """Missing for what is not there, and for what this viewer may not see."""
    kind, _, key = what.partition(":")
    if kind == "ready" and may(viewer, Do.BUILD_REPORTS):
        found = ready_one(key)
        return Source(what, found.name, content=found.content)
    if kind not in ("report", "dashboard") or not key.isdecimal() or len(key) > 18:
        raise Missing()
    if kind == "dashboard":
        board = rows.get(Dashboard, viewer, int(key))
        return Source(what, board.name, dashboard=board)
    report = rows.get(Report, viewer, int(key))
    return Source(what, report.name, content=Content.parse(report.content))


def make_later(viewer, found: Source, sheet: Sheet, values: dict[str, list[str]]) -> Job:
    """A second click while the first waits gives the same."""
    told = sha256(json.dumps([found.what, values], sort_keys=True).encode()).hexdigest()[:24]
    with db.atomic():
        return enqueue(
            KIND, key=f"{viewer.id}-{sheet.size}-{sheet.orientation}-{told}", person=viewer,
            what=found.what, name=found.name, size=sheet.size, orientation=sheet.orientation, values=values,
        )  # fmt: skip


def document(viewer, found: Source, sheet: Sheet, values: dict[str, list[str]]) -> bytes:
    """The PDF, with the filter values that its reader has set."""
    args = MultiDict(values)
    if found.content is not None:
        return report_pdf(found.content.changed(given_values(found.content, args)), found.name, viewer, sheet)
    if found.dashboard is not None:
        return dashboard_pdf(found.dashboard, viewer, values_of(viewer, args, found.dashboard.filters), sheet)
    raise Missing()
