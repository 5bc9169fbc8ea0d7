"""What people do with reports: save, share, keep in folders, mark, go back to an earlier version, delete and bring back."""
from __future__ import annotations

from datetime import timedelta

from prm.access import rows
from prm.access.policy import Do, may
from prm.core import clock
from prm.core.db import db
from prm.core.errors import Conflict, Forbidden, Invalid, Missing
from prm.models import Activity, Folder, Report, ReportReader, ReportVersion
from prm.models.report import SHARING
from prm.reporting.content import Content

SEEN_AGAIN = timedelta(minutes=1)  # a reader who stays is noted once a minute
LONGEST_NAME = 120


def save(viewer, content: Content, *, name: str, description: str = "", folder: Folder | None = None, sharing: str = "private",
         report: Report | None = None, version: int | None = None) -> Report:
    """A new report, or a further version of one; Conflict when somebody saved it since `version`."""
    _may_build(viewer, sharing)
    facts = {
        "name": _named(name), "description": description.strip()[:2000], "folder": folder, "sharing": sharing,
        "object": content.question.object, "content": content.data,
    }  # fmt: skip
    with db.atomic():
        if report is None:
            made = Report.create(**facts, owner=viewer.id)
            Activity.record(viewer, "report.created", made, title=made.name)
        else:
            made = _changed(viewer, report, facts, version)
        _keep_version(viewer, made)
    return made


def _may_build(viewer, sharing: str) -> None:
    if sharing not in SHARING:
        raise Invalid("Choose whom it is for.", field="sharing")
    if not may(viewer, Do.BUILD_REPORTS) or (sharing == "partners" and not may(viewer, Do.PUBLISH_REPORTS)):
        raise Forbidden()


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the report a name.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"At most {LONGEST_NAME} characters.", field="name")
    return name


def may_edit(viewer, report: Report) -> bool:
    """Its owner; of a shared one also whoever may share with partners."""
    if not may(viewer, Do.BUILD_REPORTS):
        return False
    return report.owner_id == viewer.id or (report.sharing != "private" and may(viewer, Do.PUBLISH_REPORTS))


def _changed(viewer, report: Report, facts: dict, version: int | None) -> Report:
    if not may_edit(viewer, report):
        raise Forbidden()
    expected = version or report.version
    facts |= {"version": expected + 1, "updated_at": clock.now()}
    same = (Report.id == report.id) & (Report.version == expected) & Report.deleted_at.is_null()
    if not Report.update(facts).where(same).execute():
        raise Conflict("Somebody else saved this report meanwhile. Open it again, or save yours as a copy.")
    Activity.record(viewer, "report.changed", report, title=facts["name"])
    return Report.get_by_id(report.id)


def _keep_version(viewer, report: Report) -> None:
    number = ReportVersion.select().where(ReportVersion.report == report.id).count() + 1
    ReportVersion.create(report=report, number=number, name=report.name, content=report.content, author=viewer.id)


def copy(viewer, content: Content, *, name: str, description: str = "") -> Report:
    """A private copy of a report that one reads, or of a ready one."""
    return save(viewer, content, name=f"{name[: LONGEST_NAME - 7]} (copy)", description=description)


def restore_version(viewer, report: Report, number: int) -> Report:
    """An earlier version becomes the newest; nothing is lost."""
    found = rows.visible(ReportVersion, viewer).where((ReportVersion.report == report.id) & (ReportVersion.number == number))
    old = found.get_or_none() if number <= rows.MAX_ID else None
    if old is None:
        raise Missing()
    return save(
        viewer, Content.parse(old.content), name=old.name, description=report.description, folder=report.folder,
        sharing=report.sharing, report=report,
    )  # fmt: skip


def delete(viewer, report: Report) -> None:
    if not may_edit(viewer, report):
        raise Forbidden()
    with db.atomic():
        Report.update(deleted_at=clock.now()).where(Report.id == report.id).execute()
        Activity.record(viewer, "report.removed", report, title=report.name)


def undelete(viewer, id: int) -> Report:
    """By who may edit it; Missing for anybody else's."""
    report = Report.get_or_none((Report.id == id) & Report.deleted_at.is_null(False)) if 0 < id <= rows.MAX_ID else None
    if report is None or not may_edit(viewer, report):
        raise Missing()
    with db.atomic():
        Report.update(deleted_at=None).where(Report.id == id).execute()
        Activity.record(viewer, "report.restored", report, title=report.name)
    return Report.get_by_id(id)


# ── readers ──


def _reader(viewer, report: Report) -> ReportReader:
    return ReportReader.get_or_create(report=report.id, person=viewer.id)[0]


def favourite(viewer, report: Report) -> bool:
    """On where it was off; returns how it is now."""
    with db.atomic():
        mark = _reader(viewer, report)
        ReportReader.update(favourite=not mark.favourite).where(ReportReader.id == mark.id).execute()
        Activity.record(viewer, "report.marked", report, title=report.name, on=not mark.favourite)
    return not mark.favourite


def seen(viewer, report: Report) -> None:
    """Not a change, so without a line of history; at most once a minute."""
    now = clock.now()
    mark = ReportReader.get_or_none((ReportReader.report == report.id) & (ReportReader.person == viewer.id))
    if mark is None or mark.seen_at is None or mark.seen_at + SEEN_AGAIN < now:
        with db.atomic():
            mark = mark or _reader(viewer, report)
            ReportReader.update(seen_at=now).where(ReportReader.id == mark.id).execute()


# ── folders ──


def folder_named(viewer, name: str) -> Folder | None:
    """The folder of this name, made if there is none; None for no name."""
    name = " ".join(name.split())[:80]
    if not name:
        return None
    found = Folder.get_or_none(Folder.name == name)
    if found is None:
        with db.atomic():
            found = Folder.create(name=name, position=Folder.select().count())
            Activity.record(viewer, "folder.created", found, title=name)
    return found
