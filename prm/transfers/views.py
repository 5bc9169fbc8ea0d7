"""The import's screens: what was imported, upload, look and settle, progress, result and its rows, undo."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from wtforms import FileField, SelectField

from prm.access import rows as access
from prm.access.gate import needs
from prm.access.policy import Do
from prm.catalogue.days import ORDERS
from prm.catalogue.kinds import KINDS
from prm.catalogue.numbers import FORMATS
from prm.core import files
from prm.core.errors import Invalid, Missing
from prm.models import Import, ImportRow
from prm.transfers import matching, services, undoing
from prm.transfers.plan import DAYS, FIGURES, NEW, Plan
from prm.transfers.preview import Preview, titles
from prm.transfers.reading import DELIMITERS, ENCODINGS
from prm.transfers.results import RESULTS, described, entries, rateless, refused_sheet
from prm.transfers.settling import plan_of
from prm.transfers.standing import Standing
from prm.ui.cells import Addresses
from prm.ui.forms import Form, pairs
from prm.ui.limits import takes_files
from prm.ui.page import page, redirect_to, toast
from prm.ui.paging import paged
from prm.ui.sheets import write_csv

bp = Blueprint("transfers", __name__, url_prefix="/import")
CHOICES = {
    "kinds": matching.KINDS_TO_MAKE, "numbers": FORMATS, "days": ORDERS, "encodings": ENCODINGS,
    "delimiters": DELIMITERS, "new": NEW, "labels": {key: kind.label for key, kind in KINDS.items()}, "figures": FIGURES, "day_kinds": DAYS,
}  # fmt: skip
SHOWN = 100  # refused rows on the page itself
STATES = {
    "uploaded": ("Needs a look", "warn"), "checking": ("Checking", "info"), "checked": ("Ready to store", "info"),
    "committing": ("Storing", "info"), "done": ("Stored", "good"), "failed": ("Failed", "bad"),
    "undoing": ("Taking back", "info"), "undone": ("Taken back", ""),
}  # fmt: skip
DOING = {"checking": "Checking every row", "committing": "Storing", "undoing": "Taking back"}


class UploadForm(Form):
    """What the file holds, and the file; it is kept on disk while it is looked at, never in memory."""

    object = SelectField("What does it hold?")
    file = FileField("File", description="CSV or Excel (.xlsx), up to 30 MB. The first line has the names of the columns.")

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.object.choices = pairs(services.objects_of(current_user))

    def values(self) -> dict:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise Invalid("Choose a file first.", field="file")
        return {"object": self.object.data, "filename": sent.filename, "path": _kept(sent)}


@bp.get("/")
@needs(Do.IMPORT)
def index():
    found = access.visible(Import, current_user).order_by(Import.id.desc())
    table = paged(found, request.args, url_for("transfers.index"))
    people = titles(current_user, "person", {batch.person_id for batch in table.records} - {None})
    return page(
        "transfers/index.html", block="rows", table=table, names=services.objects_of(current_user), states=STATES, people=people
    )


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.IMPORT)
@takes_files
def new():
    form = UploadForm(data={"object": request.args.get("object")})
    if form.saved(_upload, lambda batch: url_for("transfers.show", id=batch.id)):
        return redirect_to(form.outcome)
    return page("transfers/new.html", block="record", form=form, status=form.status)


def _kept(sent: FileStorage) -> Path:
    """On the disk, whole; nothing is left of a file for which there is no room."""
    place = files.temporary()
    try:
        sent.save(place)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return place


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
    """Where the import stands: being settled, under way, done or taken back."""
    batch = services.of(current_user, id)
    job = services.job_of(batch)
    services.notice_broken(batch, job)
    if batch.state in ("committing", "undoing"):
        return page("transfers/working.html", block="progress", batch=batch, **_working(batch, job))
    if request.args.get("watch") == "work" and request.htmx:
        return redirect_to(url_for("transfers.show", id=id))
    if batch.state in ("done", "undone"):
        return _result(batch)
    block = "check" if request.args.get("watch") == "check" else "record"
    return page("transfers/show.html", block=block, **_preview(batch, job))


def _working(batch: Import, job) -> dict:
    done, total = services.progress_of(batch, job)
    return {"doing": DOING[batch.state], "done": done, "total": total}


def _preview(batch: Import, job) -> dict:
    found = Preview(current_user, batch)
    check = batch.found.get("check") if batch.state in ("checked", "failed") else None
    return CHOICES | {
        "batch": batch, "preview": found, "plan": found.plan, "fields": matching.importable(found.obj, current_user),
        "names": services.objects_of(current_user), "remembered": _day(batch.found.get("remembered")),
        "check": check, "working": _working(batch, job) if batch.state == "checking" else None,
    }  # fmt: skip


def _day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).date() if text else None


def _result(batch: Import) -> Response:
    refused = entries(batch, "refused").limit(SHOWN).select(ImportRow.line, ImportRow.reason).tuples()
    return page(
        "transfers/result.html", batch=batch, refused=list(refused), names=services.objects_of(current_user),
        undone=undoing.outcomes(batch), left=list(entries(batch, "kept", "failed").limit(SHOWN)), rateless=rateless(batch),
    )  # fmt: skip


@bp.post("/<int:id>/settings")
@needs(Do.IMPORT)
def settle(id):
    """How it is read, as the form says; then the same page with the preview made anew, and every row checked again."""
    batch = services.of(current_user, id)
    plan = plan_of(request.form, Standing(current_user, batch), current_user)
    batch = services.resettle(current_user, batch, plan)
    if request.htmx:
        return page("transfers/show.html", block="record", **_preview(batch, services.job_of(batch)))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/names")
@needs(Do.IMPORT)
def by_name(id):
    """Match the columns by their names, not as the last time."""
    services.match_by_name(current_user, services.of(current_user, id))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/check")
@needs(Do.IMPORT)
def check(id):
    batch = services.of(current_user, id)
    services.resettle(current_user, batch, Plan.of(batch.settings))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/commit")
@needs(Do.IMPORT)
def commit(id):
    services.start_commit(current_user, services.of(current_user, id))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/undo")
@needs(Do.IMPORT)
def undo(id):
    services.start_undo(current_user, services.of(current_user, id))
    return redirect_to(url_for("transfers.show", id=id))


@bp.post("/<int:id>/drop")
@needs(Do.IMPORT)
def drop(id):
    """Put away an upload of which nothing was stored."""
    services.drop(current_user, services.of(current_user, id))
    toast("The upload is put away. Nothing of it was stored.")
    return redirect_to(url_for("transfers.index"))


@bp.get("/<int:id>/rows")
@needs(Do.IMPORT)
def rows(id):
    """The rows of one outcome, each with the record it made or changed."""
    batch = services.of(current_user, id)
    result = request.args.get("result", "made")
    if result not in RESULTS:
        raise Missing()
    table = paged(entries(batch, result), request.args, url_for("transfers.rows", id=id))
    table.records = described(current_user, batch, table.records)
    return page(
        "transfers/rows.html", block="rows", batch=batch, table=table, result=result, results=RESULTS,
        addresses=Addresses(), name=services.objects_of(current_user).get(batch.object, batch.object),
    )  # fmt: skip


@bp.get("/<int:id>/refused.csv")
@needs(Do.IMPORT)
def refused(id):
    batch = services.of(current_user, id)
    columns, found = refused_sheet(batch)
    headers = {"Content-Disposition": f'attachment; filename="refused-{batch.id}.csv"'}
    return Response(write_csv(columns, found), mimetype="text/csv", headers=headers)
