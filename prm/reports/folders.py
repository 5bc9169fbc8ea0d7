"""The folders that staff keep reports in: renamed, ordered, removed, on one page."""
from __future__ import annotations

from flask import request, url_for
from flask_login import current_user
from peewee import fn

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core.errors import Invalid
from prm.models import Folder, Report
from prm.reports import services
from prm.reports.blueprint import bp
from prm.ui.page import page, redirect_to, toast


@bp.get("/folders")
@needs(Do.BUILD_REPORTS)
def folders():
    return _page()


def _page(problem: str = ""):
    seen = rows.visible(Report, current_user, Report.folder, fn.COUNT(Report.id)).where(Report.folder.is_null(False)).group_by(Report.folder)
    found = list(rows.visible(Folder, current_user).order_by(Folder.position, Folder.id))
    return page("reports/folders.html", folders=found, counts=dict(seen.tuples()), problem=problem, status=422 if problem else 200)


@bp.post("/folders/<int:id>")
@needs(Do.BUILD_REPORTS)
def folder(id):
    """One form has all buttons of a folder: its name, up or down, where it was dropped (to:3), away."""
    one, verb = rows.get(Folder, current_user, id), request.form.get("do", "save")
    try:
        if verb in ("up", "down"):
            services.move_folder(current_user, one, step=-1 if verb == "up" else 1)
        elif verb.startswith("to:") and verb[3:].isdecimal() and len(verb) < 7:
            services.move_folder(current_user, one, to=int(verb[3:]))
        elif verb == "remove":
            done = services.remove_folder(current_user, one)
            toast(f"“{one.name}” is gone; its reports are in no folder.", undo=url_for("reports.restore_folder", id=done.id))
        else:
            services.rename_folder(current_user, one, request.form.get("name", ""))
            toast("Saved")
    except Invalid as refusal:
        return _page(refusal.message)
    return redirect_to(url_for("reports.folders"))


@bp.post("/folders/<int:id>/restore")
@needs(Do.BUILD_REPORTS)
def restore_folder(id):
    """`id` is that of the activity which says what went."""
    services.restore_folder(current_user, id)
    toast("It is there again.")
    return redirect_to(url_for("reports.folders"))
