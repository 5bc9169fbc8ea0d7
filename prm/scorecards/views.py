"""The scorecards' screens: the list of a period, the page, note and publishing, PDFs, and what is made by jobs."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, request, send_file, url_for
from flask_login import current_user
from wtforms import HiddenField, TextAreaField

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do, may
from prm.cards.showing import beside, card_of, chosen, periods
from prm.catalogue.question import Filter
from prm.core import clock, files
from prm.core.errors import Invalid, Missing
from prm.core.jobs import Job
from prm.core.jobs import cancel as cancel_job
from prm.models import Organisation, Person, Scorecard
from prm.scorecards import paper, services
from prm.ui.cards import Written
from prm.ui.downloads import download
from prm.ui.forms import Form
from prm.ui.lists import listing
from prm.ui.panels import drawn
from prm.ui.page import page, redirect_to, toast
from prm.ui.stories import of_record

bp = Blueprint("scorecards", __name__, url_prefix="/scorecards")

COLUMNS = ("partner", "score", "grade", "rank", "partner.tier", "partner.territory", "partner.manager", "state")
FILTERS = ("partner.tier", "partner.territory", "partner.manager", "grade", "state")
UNDER = ("partner.tier", "partner.territory")  # on a phone, below the partner
JOBS = {"scorecards.publish": "Publishing", "scorecards.zip": "Making PDFs"}


class NoteForm(Form):
    """The words to the partner. `version` is the one that was seen."""

    note = TextAreaField("Note", description="The partner reads it on the scorecard and in the PDF.")
    version = HiddenField()

    def values(self) -> dict:
        return {"text": self.note.data or "", "version": seen(self.version.data)}


def seen(text: str | None) -> int | None:
    """The version a form was shown with."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


@bp.get("/")
@needs(Do.SEE_SCORECARDS)
def index():
    choices = periods(current_user)
    now = chosen(choices, request.args.get("period", ""))
    if now is None:
        return page("scorecards/index.html", block="rows", table=None)
    columns, filters = (COLUMNS, FILTERS) if current_user.is_staff else (COLUMNS[:4], ())
    where = (Filter("period", "is", now.period.key),)
    table = listing("scorecard", current_user, request.args, columns=columns, filters=filters, sort="-score", where=where, under=UNDER)
    if table.format:
        return download(table)
    waiting = services.drafts(current_user, now.period.key).count() if may(current_user, Do.PUBLISH_SCORECARDS) else 0
    return page(
        "scorecards/index.html", block="rows", table=table, period=now.period, drafts=waiting, open=_is_open(now.period),
        switch=_switch(choices, now, lambda c: url_for("scorecards.index", period=c.period.key)),
    )  # fmt: skip


def _is_open(period) -> bool:
    return period.end >= clock.today(Organisation.current().zone)


def _switch(choices, now, address) -> tuple:
    """What `ui.period_switch` draws."""
    back, on = (address(c) if c else "" for c in beside(choices, now))
    return now.period.label, back, on, [(c.period.key, c.period.label, address(c)) for c in choices]


@bp.get("/<int:id>")
@needs(Do.SEE_SCORECARDS)
def show(id):
    scorecard = rows.get(Scorecard, current_user, id)
    form = NoteForm(data={"note": scorecard.note, "version": str(scorecard.version)})
    return page("scorecards/show.html", block="record", **_shown(scorecard, form))


def _shown(scorecard: Scorecard, form: NoteForm) -> dict:
    choices = periods(current_user, scorecard.partner_id)
    now = next(c for c in choices if c.scorecard.id == scorecard.id)
    publisher = rows.visible(Person, current_user).where(Person.id == scorecard.publisher_id).get_or_none()
    card = card_of(current_user, scorecard)
    return {
        "scorecard": scorecard, "sheet": Written(card), "drawn": drawn(current_user, scorecard.id, card), "form": form, "sizes": paper.SIZES,
        "publisher": publisher, "history": of_record(current_user, scorecard, 5) if current_user.is_staff else [],
        "switch": _switch(choices, now, lambda c: url_for("scorecards.show", id=c.scorecard.id)),
    }  # fmt: skip


@bp.post("/<int:id>/note")
@needs(Do.PUBLISH_SCORECARDS)
def note(id):
    scorecard, form = rows.get(Scorecard, current_user, id), NoteForm()
    to = url_for("scorecards.show", id=id)
    if form.saved(lambda values: services.write_note(current_user, scorecard, **values), lambda _: to):
        toast("Note saved")
        return redirect_to(form.outcome)
    return page("scorecards/show.html", block="record", status=form.status, **_shown(scorecard, form))


@bp.post("/<int:id>/publish")
@needs(Do.PUBLISH_SCORECARDS)
def publish(id):
    scorecard = rows.get(Scorecard, current_user, id)
    services.publish(current_user, scorecard, version=seen(request.form.get("version")))
    toast("Published: the partner sees it now", icon="award")
    return redirect_to(url_for("scorecards.show", id=id))


@bp.get("/<int:id>/scorecard.pdf")
@needs(Do.SEE_SCORECARDS)
def pdf(id):
    """`paper=letter` for Letter, else A4."""
    scorecard = rows.get(Scorecard, current_user, id)
    made = services.document(current_user, scorecard, _size(request.args))
    return send_file(BytesIO(made.content), mimetype="application/pdf", as_attachment=True, download_name=made.name)


def _size(args) -> str:
    return args.get("paper") if args.get("paper") in paper.SIZES else "a4"


# ── a whole period, by a job ──


@bp.post("/publish")
@needs(Do.PUBLISH_SCORECARDS)
def publish_all():
    key = _asked_period()
    if not services.drafts(current_user, key).exists():
        raise Invalid("There is no draft left in this period that you could publish.")
    return redirect_to(url_for("scorecards.work", id=services.publish_later(current_user, key).id))


@bp.post("/zip")
@needs(Do.DOWNLOAD_ALL_SCORECARDS)
def zip_all():
    job = services.zip_later(current_user, _asked_period(), _size(request.form))
    return redirect_to(url_for("scorecards.work", id=job.id))


def _asked_period() -> str:
    """A period with scorecards the viewer sees; anything else is as missing as a foreign row."""
    key = services.period_named(request.form.get("period", "")).key
    if not rows.visible(Scorecard, current_user).where(Scorecard.period == key).exists():
        raise Missing()
    return key


def _own_job(id: int) -> Job:
    """A job of this feature that the viewer asked for themselves: what it made is for them alone."""
    job = rows.get(Job, current_user, id)
    if job.kind not in JOBS or job.person_id != current_user.id:
        raise Missing()
    return job


@bp.get("/work/<int:id>")
@needs(Do.DOWNLOAD_ALL_SCORECARDS)
def work(id):
    job = _own_job(id)
    period = services.period_named(job.facts["period"])
    if job.state in ("waiting", "running"):
        return page("scorecards/work.html", block="progress", job=job, period=period, title=JOBS[job.kind])
    if request.htmx and request.args.get("watch"):
        return redirect_to(url_for("scorecards.work", id=id))
    if job.state == "done" and job.kind == "scorecards.publish":
        count = job.result["published"]
        toast(f"{count} scorecard{'' if count == 1 else 's'} published", icon="award")
        return redirect_to(url_for("scorecards.index", period=period.key))
    return page("scorecards/work.html", job=job, period=period, title=JOBS[job.kind])


@bp.post("/work/<int:id>/cancel")
@needs(Do.DOWNLOAD_ALL_SCORECARDS)
def cancel(id):
    job = _own_job(id)
    toast("Stopped" if cancel_job(job) else "It was finished already")
    return redirect_to(url_for("scorecards.work", id=id))


@bp.get("/work/<int:id>/scorecards.zip")
@needs(Do.DOWNLOAD_ALL_SCORECARDS)
def bundle(id):
    job = _own_job(id)
    made = job.result or {}
    if "file" not in made or not files.place(made["file"]).is_file():
        raise Missing("This file was thrown away after a week. Make it again.")
    return send_file(
        files.place(made["file"]).absolute(), mimetype="application/zip", as_attachment=True, download_name=made["name"]
    )
