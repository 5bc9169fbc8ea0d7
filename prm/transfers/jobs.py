"""The long parts of an import, off the request threads. Each is safe to run twice, and begins anew where a worker died."""

from __future__ import annotations

from prm.core.errors import Refusal
from prm.core.jobs import Job, job
from prm.models import Import, Person
from prm.transfers import running, services, undoing
from prm.transfers.plan import Plan


@job("import.check", attempts=2, long=True)
def check(job: Job) -> None:
    batch, viewer = _of(job)
    if batch.state != "checking":
        return
    total = batch.found["rows"]
    job.report(0, total)
    try:
        sheet = services.sheet_of(batch, Plan.of(batch.settings))
        counted = running.check(viewer, batch, sheet, lambda done: job.report(done, total))
    except Refusal as refusal:
        _fail(batch, "checking", refusal)
        raise
    running.keep_check(batch, counted)


@job("import.commit", attempts=2, long=True)
def commit(job: Job) -> None:
    batch, viewer = _of(job)
    if batch.state != "committing":
        return
    job.report(0, batch.found["rows"])
    try:
        running.store(viewer, batch, services.sheet_of(batch, Plan.of(batch.settings)))
    except Refusal as refusal:
        _fail(batch, "committing", refusal)
        raise


@job("import.undo", attempts=2, long=True)
def undo(job: Job) -> None:
    batch, viewer = _of(job)
    if batch.state == "undoing":
        undoing.undo(viewer, batch, job.report)


def _fail(batch: Import, state: str, refusal: Refusal) -> None:
    """Nothing is stored, and the person reads why."""
    Import.update(state="failed", message=f"Nothing was stored. {refusal.message}").where(
        (Import.id == batch.id) & (Import.state == state)
    ).execute()


def _of(job: Job) -> tuple[Import, Person]:
    """The import and who asked for it; their rights are looked at now, not when it was queued."""
    viewer = Person.get_by_id(job.person_id)
    return services.of(viewer, job.facts["batch"]), viewer
