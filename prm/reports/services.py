"""What people do with reports: save, share, keep in folders, mark, go back to an earlier version, delete and bring back."""
from __future__ import annotations

from datetime import timedelta

from prm.access import rows
from prm.access.policy import Do, check_may, may
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
    """Not a change, so without a line of history; at most once a minute. Who looks as somebody else leaves no trace of theirs."""
    if viewer.viewed_by:
        return
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


def check_builder(viewer) -> None:
    check_may(viewer, Do.BUILD_REPORTS)


def rename_folder(viewer, folder: Folder, name: str) -> None:
    check_builder(viewer)
    name, before = " ".join(name.split())[:80], folder.name
    if not name:
        raise Invalid("A folder needs a name.", field="name")
    if Folder.select().where((Folder.name == name) & (Folder.id != folder.id)).exists():
        raise Invalid(f"There is a folder “{name}” already.", field="name")
    with db.atomic():
        Folder.update(name=name).where(Folder.id == folder.id).execute()
        Activity.record(viewer, "folder.changed", folder, title=name, before=before)


def move_folder(viewer, folder: Folder, *, step: int = 0, to: int | None = None) -> None:
    """One place up (step -1) or down (1), or to a place counted from 0."""
    check_builder(viewer)
    ids = list(Folder.select(Folder.id).order_by(Folder.position, Folder.id).scalars())
    at = ids.index(folder.id)
    aim = max(0, min(len(ids) - 1, at + step if to is None else to))
    ids.insert(aim, ids.pop(at))
    with db.atomic():
        for place, id in enumerate(ids):
            Folder.update(position=place).where(Folder.id == id).execute()
        Activity.record(viewer, "folder.changed", folder, title=folder.name)


def remove_folder(viewer, folder: Folder) -> Activity:
    """Its reports are in no folder then. What is returned brings it back."""
    check_builder(viewer)
    with db.atomic():
        held = list(Report.select(Report.id).where(Report.folder == folder.id).scalars())
        Report.update(folder=None).where(Report.id.in_(held)).execute()
        done = Activity.record(viewer, "folder.removed", folder, title=folder.name, reports=held, position=folder.position)
        folder.delete_instance()
    return done


def restore_folder(viewer, id: int) -> Folder:
    """As it was, with those of its reports that are still in no folder."""
    check_builder(viewer)
    done = Activity.get_or_none((Activity.id == id) & (Activity.verb == "folder.removed")) if 0 < id <= rows.MAX_ID else None
    if done is None or done.actor_id != viewer.id:
        raise Missing()
    with db.atomic():
        made, _ = Folder.get_or_create(name=done.facts["title"], defaults={"position": done.facts["position"]})
        Report.update(folder=made).where(Report.id.in_(done.facts["reports"]) & Report.folder.is_null()).execute()
        Activity.record(viewer, "folder.restored", made, title=made.name)
    return made
