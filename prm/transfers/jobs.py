"""The long parts of an import, off the request threads."""

from __future__ import annotations

from prm.core.errors import Refusal
from prm.core.jobs import Job, job
from prm.models import Import, Person
from prm.transfers import services, undoing


@job("import.check", attempts=2)
def check(job: Job) -> dict | None:
    batch, viewer = _of(job)
    counts = services.check(viewer, batch, lambda at: job.report(at))
    Import.update(found=batch.found | {"check": counts}, state="checked").where(
        (Import.id == batch.id) & (Import.state == "checking")
    ).execute()
    return None


@job("import.commit", attempts=2)
def commit(job: Job) -> dict | None:
    batch, viewer = _of(job)
    if batch.state == "done":
        return None
    try:
        services.store(viewer, batch)
    except Refusal as refusal:
        Import.update(state="failed", message=refusal.message).where(Import.id == batch.id).execute()
        raise
    return None


@job("import.undo", attempts=2)
def undo(job: Job) -> dict | None:
    batch, viewer = _of(job)
    return undoing.undo(viewer, batch) if batch.state == "done" else None


def _of(job: Job) -> tuple[Import, Person]:
    """The import and who asked for it; their rights are looked at now, not when it was queued."""
    viewer = Person.get_by_id(job.person_id)
    return services.of(viewer, job.facts["batch"]), viewer
