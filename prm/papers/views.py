"""Asking for a PDF, seeing how far it is, and fetching it."""
from __future__ import annotations

from flask import Blueprint, request, send_file, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core import files
from prm.core.errors import Missing
from prm.core.jobs import Job, cancel
from prm.papers import services
from prm.ui.page import page, redirect_to, toast
from prm.ui.printed import Sheet
from prm.ui.remembered import remember

bp = Blueprint("papers", __name__, url_prefix="/papers")
OWN = ("what", "size", "orientation", "csrf_token")


@bp.post("/")
@needs(Do.SEE_REPORTS)
def make():
    viewer = current_user._get_current_object()
    found = services.source(viewer, request.form.get("what", ""))
    sheet = Sheet.of(request.form.get("size", ""), request.form.get("orientation", ""))
    remember(viewer, "papers", {"size": sheet.size, "orientation": sheet.orientation})
    values = {name: each[:100] for name, each in request.form.lists() if name not in OWN}
    return redirect_to(url_for("papers.show", id=services.make_later(viewer, found, sheet, values).id))


def _own_job(id: int) -> Job:
    """A job of this feature that the viewer asked for themselves: what it made is for them alone."""
    job = rows.get(Job, current_user, id)
    if job.kind != services.KIND or job.person_id != current_user.id:
        raise Missing()
    return job


@bp.get("/<int:id>")
@needs(Do.SEE_REPORTS)
def show(id):
    job = _own_job(id)
    if job.state in ("waiting", "running"):
        return page("papers/show.html", block="progress", job=job, back=_back(job.facts["what"]))
    if request.htmx and request.args.get("watch"):
        return redirect_to(url_for("papers.show", id=id))
    return page("papers/show.html", job=job, back=_back(job.facts["what"]))


def _back(what: str) -> str:
    kind, _, key = what.partition(":")
    if kind == "ready":
        return url_for("reports.library_report", key=key)
    return url_for("reports.show" if kind == "report" else "dashboards.show", id=int(key))


@bp.post("/<int:id>/cancel")
@needs(Do.SEE_REPORTS)
def stop(id):
    toast("Stopped" if cancel(_own_job(id)) else "It was finished already")
    return redirect_to(url_for("papers.show", id=id))


@bp.get("/<int:id>/file")
@needs(Do.SEE_REPORTS)
def file(id):
    made = _own_job(id).result or {}
    if "file" not in made or not files.place(made["file"]).is_file():
        raise Missing("This file was thrown away after a week. Make it again.")
    return send_file(files.place(made["file"]).absolute(), mimetype="application/pdf", as_attachment=True, download_name=made["name"])
