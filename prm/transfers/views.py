"""The import's screens: what was imported, upload, look and settle, progress, result, undo."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from wtforms import FileField, SelectField
from wtforms.fields import SelectChoice

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.catalogue.days import ORDERS
from prm.catalogue.numbers import FORMATS
from prm.core import files
from prm.core.errors import Invalid
from prm.models import Import, ImportRow
from prm.transfers import matching, services
from prm.transfers.plan import NEW, Plan
from prm.ui.forms import Form
from prm.ui.limits import takes_files
from prm.ui.page import page, redirect_to, toast
from prm.ui.sheets import SheetColumn, write_csv

bp = Blueprint("transfers", __name__, url_prefix="/import")
ENCODINGS = ("utf-8", "cp1252", "utf-16", "iso-8859-15", "cp1250", "cp1251")
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}


class UploadForm(Form):
    """What the file holds, and the file; it is kept on disk while it is looked at, never in memory."""

    object = SelectField("What does it hold?", choices=[SelectChoice(*each) for each in services.OBJECTS.items()])
    file = FileField("File", description="CSV or Excel (.xlsx), up to 30 MB")

    def values(self) -> dict:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("Choose a file first.", field="file")
        place = files.temporary()
        sent.save(place)
        return {"object": self.object.data, "filename": sent.filename, "path": place}


@bp.get("/")
@needs(Do.IMPORT)
def index():
    found = rows.visible(Import, current_user).order_by(Import.id.desc()).limit(100)
    return page("transfers/index.html", imports=list(found), names=services.OBJECTS)


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.IMPORT)
@takes_files
def new():
    form = UploadForm(data={"object": request.args.get("object")})
    if form.saved(_upload, lambda batch: url_for("transfers.show", id=batch.id)):
        return redirect_to(form.outcome)
    return page("transfers/new.html", block="record", form=form, status=form.status)


def _upload(values: dict) -> Import:
    try:
        return services.upload(current_user, **values)
    except Invalid as refusal:
        raise Invalid(refusal.message, field=refusal.field or "file") from None
    finally:
        values["path"].unlink(missing_ok=True)


@bp.get("/<int:id>")
@needs(Do.IMPORT)
def show(id):
    batch = services.of(current_user, id)
    job = services.job_of(batch)
    busy = job is not None and job.state in ("waiting", "running")
    if busy or batch.state in ("checking", "committing"):
        return page("transfers/working.html", block="progress", batch=batch, job=job)
    if request.headers.get("HX-Request") and request.args.get("watch"):
        return redirect_to(url_for("transfers.show", id=id))
    if batch.state in ("done", "undone"):
        return page(
            "transfers/result.html", batch=batch, job=job, refused=_entries(batch, "refused"), undone=_undone(batch)
        )
    return page("transfers/show.html", block="record", **_preview(batch))


def _preview(batch: Import) -> dict:
    preview = services.Preview(current_user, batch)
    fields = matching.importable(preview.obj, current_user)
    return {
        "batch": batch, "preview": preview, "plan": preview.plan, "fields": fields, "kinds": matching.KINDS_TO_MAKE,
        "numbers": FORMATS, "days": ORDERS, "encodings": ENCODINGS, "delimiters": DELIMITERS, "new": NEW, "shown": preview.shown,
        "checked": batch.found.get("check") if batch.state == "checked" else None,
    }  # fmt: skip


@bp.post("/<int:id>/settings")
@needs(Do.IMPORT)
def settle(id):
    """How it is read, as the form says; then the same page with the preview made anew."""
    batch = services.of(current_user, id)
    services.resettle(current_user, batch, _plan(batch))
    if request.htmx:
        return page("transfers/show.html", block="record", **_preview(services.of(current_user, id)))
    return redirect_to(url_for("transfers.show", id=id))


def _plan(batch: Import) -> Plan:
    plan, sent, header = Plan.of(batch.settings), request.form, batch.found["header"]
    before = dict(plan.made)
    plan.columns, plan.made, taken = {}, {}, set(_keys(batch))
    for at, column in enumerate(header):
        chosen = sent.get(f"column-{at}", "")[:80]
        if chosen.startswith(NEW):
            key = before[column][0] if column in before else matching.new_key(column, taken)
            taken.add(key)
            plan.made[column] = [
                key,
                chosen.removeprefix(NEW) if chosen.removeprefix(NEW) in matching.KINDS_TO_MAKE else "text",
            ]
        elif chosen:
            plan.columns[column] = chosen
        for formats, prefix, known in ((plan.numbers, "numbers", (*FORMATS, "plain")), (plan.days, "days", ORDERS)):
            wanted = sent.get(f"{prefix}-{at}", "")
            formats.pop(column, None)
            if wanted in known:
                formats[column] = wanted
    plan.fixed = {
        k: v for k, v in zip(sent.getlist("fixed-field"), sent.getlist("fixed-value"), strict=False) if k and v
    }
    plan.encoding, plan.sheet = sent.get("encoding", "")[:40], sent.get("sheet", "")[:80]
    plan.delimiter = sent.get("delimiter", "") if sent.get("delimiter", "") in DELIMITERS else ""
    plan.columns = {c: k for c, k in plan.columns.items() if k in _keys(batch)}
    return plan


def _keys(batch: Import) -> list[str]:
    from prm.catalogue.objects import catalogue

    return [f.key for f in matching.importable(catalogue(current_user)[batch.object], current_user)]


@bp.post("/<int:id>/check")
@needs(Do.IMPORT)
def check(id):
    services.start_check(current_user, services.of(current_user, id))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/commit")
@needs(Do.IMPORT)
def commit(id):
    services.start_commit(current_user, services.of(current_user, id))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/undo")
@needs(Do.IMPORT)
def undo(id):
    services.undo_later(current_user, services.of(current_user, id))
    toast("Taking the import back …", icon="rotate-ccw")
    return redirect_to(url_for("transfers.show", id=id))


@bp.get("/<int:id>/refused.csv")
@needs(Do.IMPORT)
def refused(id):
    batch = services.of(current_user, id)
    columns = [SheetColumn("Line", "number"), SheetColumn("Reason", "text")]
    entries = ImportRow.select(ImportRow.line, ImportRow.reason).where(
        (ImportRow.batch == batch) & (ImportRow.outcome == "refused")
    )
    found = list(entries.order_by(ImportRow.line).tuples()) or batch.found.get("check", {}).get("worst", [])
    headers = {"Content-Disposition": f'attachment; filename="refused-{batch.id}.csv"'}
    return Response(write_csv(columns, found), mimetype="text/csv", headers=headers)


def _entries(batch: Import, outcome: str) -> list[ImportRow]:
    found = ImportRow.select().where((ImportRow.batch == batch) & (ImportRow.outcome == outcome))
    return list(found.order_by(ImportRow.line).limit(services.WORST))


def _undone(batch: Import) -> list[ImportRow]:
    """The rows that were not reversed, with why."""
    if batch.state != "undone":
        return []
    found = ImportRow.select().where((ImportRow.batch == batch) & ImportRow.undone.in_(("kept", "failed")))
    return list(found.order_by(ImportRow.line).limit(services.WORST))
