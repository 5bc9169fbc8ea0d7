"""What people do with imports: upload, look, settle how it is read, store, take back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field
from prm.catalogue.links import BY_KEY
from prm.catalogue.objects import catalogue
from prm.core import files
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.core.formats import DASH
from prm.core.jobs import Job, enqueue
from prm.models import Import, Organisation
from prm.transfers import matching
from prm.transfers.checking import Checker, Line, blocked
from prm.transfers.committing import Commit, commit
from prm.transfers.finding import Found
from prm.transfers.plan import Plan, chosen, doubts, fields_of, missing, survey
from prm.transfers.reading import open_table

OBJECTS = {"partner": "Partners", "contact": "Contacts", "deal": "Deals"}
PREVIEW = 20
WORST = 200


def upload(viewer, object: str, filename: str, path: Path) -> Import:
    """Keep the file, look at its columns, and propose how to read it; Invalid for a file that is no table."""
    if object not in OBJECTS:
        raise Invalid("Choose what the file holds: partners, contacts or deals.", field="object")
    sheet = open_table(path, filename)
    obj, found = catalogue(viewer)[object], survey(sheet)
    plan = chosen(catalogue(viewer), obj, sheet.header, viewer, None, False, found)
    with db.atomic():
        return Import.create(
            object=object, filename=filename[:255], file=files.save(path.read_bytes()), person=viewer.id,
            settings=plan.as_dict(), found=_facts(sheet, found),
        )  # fmt: skip


def _facts(sheet, found: dict[str, Found]) -> dict:
    return {
        "header": sheet.header,
        "sheets": list(getattr(sheet, "sheets", []) or []),
        "encoding": getattr(sheet, "encoding", "") or "",
        "columns": {name: vars(f) for name, f in found.items()},
    }


def sheet_of(batch: Import, plan: Plan):
    """The file of an import, opened as the plan says."""
    return open_table(
        files.place(batch.file), batch.filename,
        encoding=plan.encoding or None, delimiter=plan.delimiter or None, sheet=plan.sheet or None,
    )  # fmt: skip


def resettle(viewer, batch: Import, plan: Plan) -> Import:
    """Change how the file is read; another encoding, delimiter or sheet is a new look at its columns."""
    before = Plan.of(batch.settings)
    if (plan.encoding, plan.delimiter, plan.sheet) != (before.encoding, before.delimiter, before.sheet):
        sheet = sheet_of(batch, plan)
        found = survey(sheet)
        batch.found = _facts(sheet, found)
        fresh = chosen(catalogue(viewer), catalogue(viewer)[batch.object], sheet.header, viewer, None, False, found)
        plan.columns, plan.made, plan.numbers, plan.days = fresh.columns, fresh.made, {}, {}
    batch.settings, batch.state, batch.message = plan.as_dict(), "uploaded", ""
    batch.save()
    return batch


def found_of(batch: Import) -> dict[str, Found]:
    return {name: Found(**facts) for name, facts in batch.found["columns"].items()}


class Preview:
    """The first rows as they would be read, and what stands in the way."""

    def __init__(self, viewer, batch: Import):
        self.viewer, self.plan, self.found = viewer, Plan.of(batch.settings), found_of(batch)
        self.obj, self.formats = catalogue(viewer)[batch.object], formats_of(Organisation.current())
        self.titles: dict[str, dict[int, str]] = {}
        self.fields = fields_of(self.plan, self.obj)
        self.doubts = doubts(self.plan, self.fields, self.found)
        self.missing = missing(self.obj, self.plan, self.fields.values())
        self.blocked = blocked(viewer, self.obj, self.plan)
        sheet = sheet_of(batch, self.plan)
        self.header = sheet.header
        self.checker = Checker(viewer, self.obj, self.plan, sheet.header, self.found, keep_cells=True)
        self.lines: list[Line] = list(islice(self.checker.check(sheet.rows()), PREVIEW))

    @property
    def ready(self) -> bool:
        return bool(self.fields) and not (self.doubts or self.missing or self.blocked)

    def shown(self, field: Field, value) -> str:
        """A parsed value in words: a choice by its label, a link by the title of its record."""
        if value in (None, "", []):
            return DASH
        if field.link:
            return self._titles(field).get(value, str(value))
        if field.options:
            labels = {o.value: o.label for o in field.choices}
            return ", ".join(labels.get(v, str(v)) for v in (value if isinstance(value, list) else [value]))
        return field.kind.show(value, self.formats)

    def _titles(self, field: Field) -> dict[int, str]:
        """Of the records that the lines shown lead to, in one query for each field."""
        if field.key not in self.titles:
            t = BY_KEY[field.link].table
            ids = [id for line in self.lines if isinstance(id := line.values.get(field.key), int)]
            found = rows.visible(t, self.viewer, t.id, BY_KEY[field.link].title(t)).where(t.id.in_(ids or [0]))
            self.titles[field.key] = dict(found.tuples())
        return self.titles[field.key]


def check(viewer, batch: Import, report: Callable[[int], None] = lambda at: None) -> dict:
    """Read the whole file and count what would happen; stores nothing but the counts."""
    plan, found = Plan.of(batch.settings), found_of(batch)
    obj = catalogue(viewer)[batch.object]
    sheet = sheet_of(batch, plan)
    checker = Checker(viewer, obj, plan, sheet.header, found)
    counts = {"new": 0, "known": 0, "refused": 0}
    worst: list[tuple[int, str]] = []
    for at, line in enumerate(checker.check(sheet.rows()), 1):
        counts["refused" if line.reasons else "known" if line.existing else "new"] += 1
        if line.reasons and len(worst) < WORST:
            worst.append((line.number, line.reason))
        if at % 1000 == 0:
            report(at)
    return counts | {
        "worst": worst,
        "people": list(checker.additions.people)[:50],
        "listed": {key: list(names)[:50] for key, names in checker.additions.listed.items()},
    }


def start_check(viewer, batch: Import) -> Job:
    with db.atomic():
        Import.update(state="checking").where(Import.id == batch.id).execute()
        return enqueue("import.check", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def start_commit(viewer, batch: Import) -> Job:
    """Queue the storing; refused while something is open."""
    refuse_unready(viewer, batch)
    with db.atomic():
        taken = (
            Import.update(state="committing")
            .where((Import.id == batch.id) & Import.state.in_(("uploaded", "checked")))
            .execute()
        )
        if not taken:
            raise Invalid("This import is under way or done already.")
        return enqueue("import.commit", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def refuse_unready(viewer, batch: Import) -> None:
    preview = Preview(viewer, batch)
    if preview.blocked:
        raise Invalid(preview.blocked)
    if preview.doubts:
        column, what, example = preview.doubts[0]
        format_ = "number" if what == "numbers" else "date"
        raise Invalid(f"Column “{column}” can be read in two ways ({example}). Choose its {format_} format first.")
    if preview.missing:
        raise Invalid(f"No column gives {', '.join(preview.missing)}. Match one, or set a fixed value.")
    if not preview.fields:
        raise Invalid("No column is matched to a field yet.")


def store(viewer, batch: Import, report: Callable[[int], None] = lambda at: None) -> Commit:
    """Store it now, all or nothing, and remember how it was read."""
    plan = Plan.of(batch.settings)
    done = commit(viewer, batch, plan, lambda: sheet_of(batch, plan), found_of(batch), report)
    matching.remember(catalogue(viewer)[batch.object], batch.found["header"], _to_remember(plan))
    return done


def _to_remember(plan: Plan) -> dict:
    """Fields made this time are ordinary columns the next time."""
    kept = Plan.of(plan.as_dict())
    kept.columns |= {column: key for column, (key, _) in kept.made.items()}
    kept.made = {}
    return kept.as_dict()


def import_file(
    viewer,
    object: str,
    path: Path,
    *,
    mapping: dict[str, str] | None = None,
    fixed: dict[str, str] | None = None,
    create: bool = False,
    numbers: str = "",
    days: str = "",
    dry: bool = False,
) -> Commit | dict:
    """A whole import at once, for commands: raises Invalid with the reason, else stores what can be stored."""
    known = catalogue(viewer)
    obj = known[object]
    sheet = open_table(path, path.name)
    found = survey(sheet)
    plan = chosen(known, obj, sheet.header, viewer, mapping, create, found)
    plan.fixed |= fixed or {}
    plan.columns = {c: k for c, k in plan.columns.items() if k not in (fixed or {})}
    plan.numbers |= {c: numbers for c in sheet.header if numbers}
    plan.days |= {c: days for c in sheet.header if days}
    batch = Import(
        object=object,
        filename=path.name,
        file="",
        person=viewer.id,
        settings=plan.as_dict(),
        found=_facts(sheet, found),
    )
    batch.file = files.save(path.read_bytes())
    refuse_unready(viewer, batch)
    if dry:
        return check(viewer, batch)
    with db.atomic():
        batch.save()
        return store(viewer, batch)


def undo_later(viewer, batch: Import) -> Job:
    with db.atomic():
        return enqueue("import.undo", key=f"import-{batch.id}", person=viewer, batch=batch.id)


def of(viewer, id) -> Import:
    """An import of one's own (an admin sees all)."""
    return rows.get(Import, viewer, id)


def job_of(batch: Import) -> Job | None:
    """The newest job about this import."""
    return Job.select().where(Job.key == f"import-{batch.id}").order_by(Job.id.desc()).first()


def object_named(text: str) -> str:
    if text not in OBJECTS:
        raise Missing()
    return text
