"""The reports' screens: the list with the library, a report, the rows behind its figures. Building is in builder.py."""
from __future__ import annotations

from flask import request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.models import Report
from prm.models.report import SHARING
from prm.reporting.content import Content
from prm.reports import builder, files, folders, listed, services
from prm.ui.behind import rows_page
from prm.reports.blueprint import bp
from prm.reporting.library import ready, ready_one
from prm.ui.answered import answer
from prm.ui.documents import paper_choices
from prm.ui.page import page, redirect_to, toast


@bp.get("/")
@needs(Do.SEE_REPORTS)
def index():
    return page("reports/index.html", block="rows", **listed.reports(current_user, request.args))


@bp.get("/library")
@needs(Do.BUILD_REPORTS)
def library():
    groups: dict[str, list] = {}
    for report in ready():
        groups.setdefault(report.folder, []).append(report)
    return page("reports/library.html", folders=groups, count=len(ready()))


@bp.get("/library/<key>")
@needs(Do.BUILD_REPORTS)
def library_report(key):
    report = ready_one(key)
    found = answer(report.content, current_user, request.args, url_for("reports.library_rows", key=key), report.name)
    return page("reports/show.html", block="answer", report=None, ready=report, title=report.name, shown=found, given=_given(), paper=paper_choices(current_user))


@bp.get("/library/<key>/rows")
@needs(Do.BUILD_REPORTS)
def library_rows(key):
    report = ready_one(key)
    return _rows(report.content, report.name, url_for("reports.library_report", key=key))


@bp.post("/library/<key>/copy")
@needs(Do.BUILD_REPORTS)
def library_copy(key):
    ready = ready_one(key)
    made = services.save(
        current_user, ready.content, name=ready.name, description=ready.description, folder=services.folder_named(current_user, ready.folder)
    )
    toast("Copied: this one is yours to change.")
    return redirect_to(url_for("reports.show", id=made.id))


@bp.get("/<int:id>")
@needs(Do.SEE_REPORTS)
def show(id):
    report = rows.get(Report, current_user, id)
    services.seen(current_user, report)
    found = answer(Content.parse(report.content), current_user, request.args, url_for("reports.rows_of", id=id), report.name)
    return page(
        "reports/show.html", block="answer", report=report, ready=None, title=report.name, shown=found, given=_given(),
        readers=listed.readers(current_user, report), mine=services.may_edit(current_user, report), sharing=SHARING,
        favourite=listed.is_favourite(current_user, report), paper=paper_choices(current_user),
    )  # fmt: skip


def _given() -> dict[str, list[str]]:
    """The reader's filter values, to go along with links."""
    return {name: values for name, values in request.args.lists() if name[:1] == "f" and name[1:].isdigit()}


@bp.get("/<int:id>/rows")
@needs(Do.SEE_REPORTS)
def rows_of(id):
    report = rows.get(Report, current_user, id)
    return _rows(Content.parse(report.content), report.name, url_for("reports.show", id=id))


def _rows(content: Content, name: str, back: str):
    return rows_page(content, current_user, request.args, request.path, name=name, back=back)


@bp.get("/<int:id>/file")
@needs(Do.SEE_REPORTS)
def file(id):
    report = rows.get(Report, current_user, id)
    return files.download(Content.parse(report.content), current_user, request.args, report.name)


@bp.get("/library/<key>/file")
@needs(Do.BUILD_REPORTS)
def library_file(key):
    report = ready_one(key)
    return files.download(report.content, current_user, request.args, report.name)


@bp.post("/<int:id>/favourite")
@needs(Do.SEE_REPORTS)
def favourite(id):
    report = rows.get(Report, current_user, id)
    on = services.favourite(current_user, report)
    toast("Among your favourites." if on else "No favourite any more.", undo=url_for("reports.favourite", id=id))
    return redirect_to(url_for("reports.show", id=id))


@bp.post("/<int:id>/copy")
@needs(Do.BUILD_REPORTS)
def copy(id):
    report = rows.get(Report, current_user, id)
    made = services.copy(current_user, Content.parse(report.content), name=report.name, description=report.description)
    toast("Copied: this one is yours to change.")
    return redirect_to(url_for("reports.show", id=made.id))


@bp.get("/<int:id>/versions")
@needs(Do.BUILD_REPORTS)
def versions(id):
    report = rows.get(Report, current_user, id)
    return page(
        "reports/versions.html", report=report, versions=listed.versions(current_user, report),
        used=listed.used(current_user, report), mine=services.may_edit(current_user, report),
    )  # fmt: skip


@bp.post("/<int:id>/versions/<int:number>")
@needs(Do.BUILD_REPORTS)
def restore(id, number):
    report = services.restore_version(current_user, rows.get(Report, current_user, id), number)
    toast(f"Version {number} is the newest again.")
    return redirect_to(url_for("reports.show", id=report.id))


@bp.post("/<int:id>/delete")
@needs(Do.BUILD_REPORTS)
def delete(id):
    report = rows.get(Report, current_user, id)
    services.delete(current_user, report)
    toast(f"“{report.name}” is deleted.", undo=url_for("reports.undelete", id=id))
    return redirect_to(url_for("reports.index"))


@bp.post("/<int:id>/undelete")
@needs(Do.BUILD_REPORTS)
def undelete(id):
    services.undelete(current_user, id)
    toast("It is there again.")
    return redirect_to(url_for("reports.show", id=id))

__all__ = ["bp", "builder", "folders"]
