"""What people do with imports: upload, settle how it is read, have it checked, store it, take it back."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from prm.access import rows
from prm.catalogue.fields import Object
from prm.catalogue.objects import catalogue
from prm.core import files
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.jobs import Job, enqueue
from prm.models import Import, ImportRow
from prm.transfers import matching, progress
from prm.transfers.finding import survey
from prm.transfers.plan import Plan, by_name
from prm.transfers.reading import SheetFile, open_table
from prm.transfers.standing import Standing

SOURCE = ("encoding", "delimiter", "sheet")
OPEN = ("uploaded", "checking", "checked", "failed")  # nothing of it is stored
BUSY = ("checking", "committing", "undoing")
BROKE = "It broke off, and nothing was stored. Try again; if it happens twice, tell your admin: {}"
HALF = "Taking it back broke off. What is reversed stays so; take it back again for the rest. For your admin: {}"


def objects_of(viewer) -> dict[str, str]:
    """What a file may hold: {object: its plural}."""
    return {key: obj.plural for key, obj in catalogue(viewer).objects.items() if obj.extensible}


def upload(viewer, object: str, filename: str, path: Path) -> Import:
    """Keep the file, look at its columns, propose how to read it, and have it checked; Invalid for what is no table.
    `path` is a temporary file of the store, which is moved into it."""
    known = objects_of(viewer)
    if object not in known:
        raise Invalid(f"Choose what the file holds: {', '.join(known.values())}.", field="object")
    sheet = open_table(path)
    obj, facts = catalogue(viewer)[object], look(sheet)
    plan, since = proposed(obj, sheet.header, facts["columns"], viewer)
    plan.sheet = next(iter(sheet.sheets), "")
    facts |= {"remembered": since, "encoding": sheet.encoding, "guessed": sheet.encoding == "cp1252"}
    with db.atomic():
        batch = Import.create(
            object=object, filename=filename_of(filename), file=files.adopt(path), person=viewer.id,
            settings=plan.as_dict(), found=facts,
        )  # fmt: skip
        _check_if_ready(viewer, batch)
    return batch


def filename_of(text: str) -> str:
    """The last part of what a browser or a shell calls the file, as any database takes it."""
    name = PurePosixPath(text.replace("\\", "/").replace("\0", "")).name.strip()
    return name.encode("utf-8", "replace").decode()[:255] or "file"


def look(sheet: SheetFile) -> dict:
    found, count = survey(sheet)
    return {
        "header": sheet.header,
        "sheets": sheet.sheets,
        "columns": {name: vars(f) for name, f in found.items()},
        "rows": count,
        "round": 0,
    }


def proposed(obj: Object, header: list[str], found: dict[str, dict], viewer) -> tuple[Plan, str]:
    """How such a file was read the last time, and when that was; else what the names of its columns say. A format is
    taken over only where this file leaves it open."""
    kept = matching.remembered(obj, header)
    if kept is None:
        return by_name(obj, header, viewer), ""
    plan = Plan.of(kept.settings).for_file(obj, header, viewer)
    plan.encoding = plan.delimiter = plan.sheet = ""
    plan.numbers = {c: form for c, form in plan.numbers.items() if c in header and found[c]["number_doubt"]}
    plan.days = {c: order for c, order in plan.days.items() if c in header and found[c]["day_doubt"]}
    return plan, kept.updated_at.isoformat()


def sheet_of(batch: Import, plan: Plan) -> SheetFile:
    """The file of an import, opened as the plan says."""
    try:
        return open_table(files.place(batch.file), encoding=plan.encoding, delimiter=plan.delimiter, sheet=plan.sheet)
    except FileNotFoundError:
        raise Invalid("The file is not kept any more. Upload it again.") from None


def resettle(viewer, batch: Import, plan: Plan) -> Import:
    """Change how the file is read, and have it checked anew; another encoding, delimiter or sheet is a new look at its
    columns."""
    facts, obj = dict(batch.found), catalogue(viewer)[batch.object]
    if plan.source != Plan.of(batch.settings).source:
        sheet = sheet_of(batch, plan)
        facts |= look(sheet) | {"remembered": "", "guessed": False}
        plan = Plan(**by_name(obj, sheet.header, viewer).as_dict() | dict(zip(SOURCE, plan.source, strict=True)))
    facts |= {"round": batch.found["round"] + 1, "check": None}
    with db.atomic():
        _move(batch, OPEN, "uploaded", settings=plan.as_dict(), found=facts)
        ImportRow.delete().where(ImportRow.batch == batch).execute()
        _check_if_ready(viewer, batch)
    return batch


def match_by_name(viewer, batch: Import) -> Import:
    """Forget how such a file was read the last time."""
    fresh = by_name(catalogue(viewer)[batch.object], batch.found["header"], viewer).as_dict()
    batch.found = batch.found | {"remembered": ""}
    return resettle(viewer, batch, Plan(**fresh | dict(zip(SOURCE, Plan.of(batch.settings).source, strict=True))))


def _move(batch: Import, sources: tuple[str, ...], state: str, **values) -> None:
    """To another state, if it is still in one of these: of two people, or of a double click, one gets through."""
    values = {"message": ""} | values
    hit = Import.update(state=state, **values).where((Import.id == batch.id) & Import.state.in_(sources)).execute()
    if not hit:
        raise Invalid("This import is under way or done already. Reload the page to see how it stands.")
    for name, value in ({"state": state} | values).items():
        setattr(batch, name, value)


# ── the long parts, queued ──


def _check_if_ready(viewer, batch: Import) -> None:
    if Standing(viewer, batch).ready:
        _move(batch, ("uploaded",), "checking")
        enqueue("import.check", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def start_commit(viewer, batch: Import) -> Job:
    """Queue the storing; refused while something is open, or before every row was checked."""
    Standing(viewer, batch).refuse_unready()
    with db.atomic():
        _move(batch, ("checked", "failed"), "committing")
        return enqueue("import.commit", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def start_undo(viewer, batch: Import) -> Job:
    with db.atomic():
        _move(batch, ("done",), "undoing")
        return enqueue("import.undo", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def of(viewer, id) -> Import:
    """An import of one's own (an admin sees all)."""
    return rows.get(Import, viewer, id)


def job_of(batch: Import) -> Job | None:
    """The newest job about this import."""
    return Job.select().where(Job.key == f"import-{batch.id}").order_by(Job.id.desc()).first()


def notice_broken(batch: Import, job: Job | None) -> None:
    """One whose job gave up is under way no longer: it says why, and can be tried again."""
    if batch.state not in BUSY or job is None or job.state != "failed":
        return
    back, words = ("done", HALF) if batch.state == "undoing" else ("failed", BROKE)
    _move(batch, (batch.state,), back, message=words.format(job.message))


def progress_of(batch: Import, job: Job | None) -> tuple[int, int]:
    """Rows done, and rows in all."""
    done = job.progress if job else 0
    if batch.state == "undoing":
        return done, batch.made + batch.changed
    return (max(done, progress.told(batch.id)) if batch.state == "committing" else done), batch.found["rows"]


def drop(viewer, batch: Import) -> None:
    """Put away an upload of which nothing is stored."""
    with db.atomic():
        _move(batch, OPEN, "dropped")
        Import.delete().where(Import.id == batch.id).execute()
    if not Import.select().where(Import.file == batch.file).exists():
        files.place(batch.file).unlink(missing_ok=True)
