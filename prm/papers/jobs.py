"""Makes a PDF off the request threads, for whoever asked: their rights are looked at now, not when it was queued."""
from __future__ import annotations

from prm.access.policy import Do, may
from prm.access.portals import as_seen_by
from prm.core import files
from prm.core.errors import Missing
from prm.core.jobs import GiveUp, Job, job
from prm.models import Organisation, Person
from prm.papers import services
from prm.ui.documents import file_name
from prm.ui.printed import Sheet


@job(services.KIND, attempts=2, long=True)
def make(job: Job) -> dict:
    viewer = Person.get_or_none(Person.id == job.person_id)
    if viewer is None or not may(viewer, Do.SEE_REPORTS):
        raise GiveUp("Whoever asked for this may not do it any more.")
    token = Organisation.remember()
    try:
        with as_seen_by(viewer):
            return _made(job, viewer)
    finally:
        Organisation.forget(token)


def _made(job: Job, viewer: Person) -> dict:
    facts = job.facts
    try:
        found = services.source(viewer, facts["what"])
    except Missing:
        raise GiveUp("It is not there any more, or is not shared with you any more.") from None
    job.report(0, 2, "Working out the figures and laying out the pages")
    content = services.document(viewer, found, Sheet.of(facts["size"], facts["orientation"]), facts["values"])
    job.report(1, 2, "Keeping the file")
    made = {"file": files.save(content), "name": file_name(found.name, "pdf")}
    job.report(2, 2)
    return made
