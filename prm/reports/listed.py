"""The list of reports, and what is told about one: readers, versions, where it is used."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.access.policy import Do, may
from prm.core.errors import Invalid
from prm.core.text import searchable
from prm.models import Dashboard, Folder, Person, Report, ReportReader, ReportVersion, Subscription, Tile
from prm.models.report import SHARING
from prm.reporting.content import Content

SHOW = {"": "All", "mine": "Mine", "favourites": "Favourites", "shared": "Shared with partners"}
SHAPES = {"list": "List", "summary": "Summary", "matrix": "Matrix", "joined": "Joined"}


@dataclass(frozen=True)
class Entry:
    """A line of the list."""

    report: Report
    folder: str
    owner: str
    shape: str
    sharing: str
    favourite: bool
    seen_at: datetime | None


def reports(viewer, args: MultiDict) -> dict:
    """Those that the viewer may see, in folders, narrowed by what the address says."""
    show = args.get("show", "") if viewer.is_staff else ""
    show = show if show in SHOW else ""
    entries = [entry for entry in _entries(viewer) if _fits(entry, viewer, show, args.get("q", ""))]
    folders: dict[str, list[Entry]] = {}
    order = {name: at for at, name in enumerate(rows.visible(Folder, viewer, Folder.name).order_by(Folder.position, Folder.id).scalars())}
    for entry in sorted(entries, key=lambda e: (order.get(e.folder, len(order)), e.report.name.casefold())):
        folders.setdefault(entry.folder, []).append(entry)
    return {
        "folders": folders, "show": show, "shows": SHOW, "q": args.get("q", "")[:200], "count": len(entries),
        "any": bool(entries) or rows.visible(Report, viewer).exists(), "builds": may(viewer, Do.BUILD_REPORTS),
    }  # fmt: skip


def _entries(viewer) -> list[Entry]:
    found = list(rows.visible(Report, viewer))
    marks = {m.report_id: m for m in rows.visible(ReportReader, viewer).where(ReportReader.person == viewer.id)}
    names = {p.id: p.display for p in rows.visible(Person, viewer).where(Person.id.in_({r.owner_id for r in found} - {None} or {0}))}
    folders = dict(rows.visible(Folder, viewer, Folder.id, Folder.name).tuples())
    return [_entry(report, marks.get(report.id), names, folders) for report in found]


def _entry(report: Report, mark: ReportReader | None, names: dict, folders: dict) -> Entry:
    try:
        shape = SHAPES[Content.parse(report.content).shape]
    except Invalid:
        shape = "–"
    return Entry(
        report, folders.get(report.folder_id, ""), names.get(report.owner_id, ""), shape, SHARING.get(report.sharing, report.sharing),
        bool(mark and mark.favourite), mark.seen_at if mark else None,
    )  # fmt: skip


def _fits(entry: Entry, viewer, show: str, text: str) -> bool:
    line = searchable(entry.report.name, entry.report.description, entry.folder, entry.owner)
    if not all(word in line for word in searchable(text).split()):
        return False
    return {
        "mine": entry.report.owner_id == viewer.id, "favourites": entry.favourite, "shared": entry.report.sharing == "partners",
    }.get(show, True)  # fmt: skip


def is_favourite(viewer, report: Report) -> bool:
    return rows.visible(ReportReader, viewer).where(
        (ReportReader.report == report.id) & (ReportReader.person == viewer.id) & (ReportReader.favourite == True)  # noqa: E712
    ).exists()  # fmt: skip


def readers(viewer, report: Report, limit: int = 5) -> list[tuple[str, datetime]]:
    """Who of those one may know looked at it last, and when."""
    found = rows.visible(ReportReader, viewer).where((ReportReader.report == report.id) & ReportReader.seen_at.is_null(False))
    marks = list(found.order_by(ReportReader.seen_at.desc()).limit(limit))
    names = {p.id: p.display for p in rows.visible(Person, viewer).where(Person.id.in_({m.person_id for m in marks} or {0}))}
    return [(names[m.person_id], m.seen_at) for m in marks if m.person_id in names]


@dataclass(frozen=True)
class Version:
    """`changes` says in words what differs from the version before."""

    number: int
    who: str
    at: datetime
    changes: list[str]


def versions(viewer, report: Report) -> list[Version]:
    """Newest first."""
    found = list(rows.visible(ReportVersion, viewer).where(ReportVersion.report == report.id).order_by(ReportVersion.number))
    names = {p.id: p.display for p in rows.visible(Person, viewer).where(Person.id.in_({v.author_id for v in found} - {None} or {0}))}
    told, before = [], None
    for version in found:
        told.append(Version(version.number, names.get(version.author_id, "Somebody"), version.created_at, _changes(before, version)))
        before = version
    return told[::-1]


PARTS = {
    "object": "what it is about", "fields": "columns", "filters": "filters", "logic": "how filters combine", "rows": "rows", "columns": "columns",
    "measures": "measures", "sort": "order", "limit": "limit", "chart": "chart", "formulas": "formulas",
}  # fmt: skip


def _changes(before: ReportVersion | None, now: ReportVersion) -> list[str]:
    if before is None:
        return ["first version"]
    found = ["name"] if before.name != now.name else []
    old, new = (v.content.get("parts", [{}]) for v in (before, now))
    if len(old) != len(new):
        found.append("number of questions")
    for one, other in zip(old, new, strict=False):
        a, b = one.get("question", {}), other.get("question", {})
        found += [words for part, words in PARTS.items() if a.get(part) != b.get(part)]
    found += [key for key in ("highlights",) if before.content.get(key) != now.content.get(key)]
    found += ["filters readers may change"] if before.content.get("open") != now.content.get("open") else []
    return list(dict.fromkeys(found)) or ["nothing"]


def used(viewer, report: Report) -> list[str]:
    """Where it is used, as far as the viewer may know."""
    tiles = rows.visible(Tile, viewer, Tile.dashboard).where(Tile.report == report.id)
    names = rows.visible(Dashboard, viewer, Dashboard.name).where(Dashboard.id.in_(tiles)).order_by(Dashboard.name).scalars()
    mails = rows.visible(Subscription, viewer).where(Subscription.report == report.id).count()
    return [f"Dashboard {name}" for name in names] + ([f"{mails} subscription{'s' if mails > 1 else ''}"] if mails else [])
