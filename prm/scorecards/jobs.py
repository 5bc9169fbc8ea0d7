"""The long parts, off the request threads: printing what was published, publishing a period, and a ZIP of a period."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import wraps
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from prm.access import rows
from prm.access.policy import Do, may
from prm.access.system import SYSTEM
from prm.cards.showing import in_batches
from prm.core import files
from prm.core.errors import Refusal
from prm.core.jobs import GiveUp, Job, job
from prm.models import Organisation, Person, Scorecard
from prm.scorecards import paper, services

PRINTED = 100  # PDFs made before other jobs have their turn


def remembering(run):
    """The organisation is read once for the whole job."""

    @wraps(run)
    def within(job: Job):
        token = Organisation.remember()
        try:
            return run(job)
        finally:
            Organisation.forget(token)

    return within


def _who(job: Job, do: Do) -> Person:
    """Who asked for it; their rights are looked at now, not when it was queued."""
    viewer = Person.get_or_none(Person.id == job.person_id)
    if not may(viewer, do):
        raise GiveUp("Whoever asked for this may not do it any more.")
    return viewer


@job("scorecards.print", long=True)
@remembering
def print_published(job: Job) -> dict:
    """PDFs of published scorecards that have none yet; a lot of them at a time."""
    t, key = Scorecard, job.facts["period"]
    bare = (t.period == key) & (t.state == "published") & (t.pdf == "") & (t.id > job.facts["after"])
    ids = list(t.select(t.id).where(bare).order_by(t.id).limit(PRINTED).scalars())
    failed = []
    with closing(paper.documents(_one_by_one(SYSTEM, ids, "a4"))) as made:
        for at, (scorecard, card, content) in enumerate(made, 1):
            if isinstance(content, bytes):
                services.keep_pdf(scorecard, content)
            else:
                failed.append(_failure(card, content))
            job.report(at, len(ids))
    if len(ids) == PRINTED:
        services.print_later(key, after=ids[-1])
    return {"made": len(ids) - len(failed), "failed": failed[:5]}


def _one_by_one(viewer, ids: list[int], size: str) -> Iterator[paper.Item]:
    """Each with its stored file, where that is what would be printed."""
    for batch, cards in in_batches(viewer, ids):
        for scorecard, card in zip(batch, cards, strict=True):
            yield scorecard, card, services.stored_pdf(scorecard) if size == "a4" else None


def _failure(card: dict, refusal: Refusal) -> str:
    return f"{card['partner']['number']} {card['partner']['name']}: {refusal.message}"


@job("scorecards.publish", attempts=20, long=True)  # it waits while figures are worked out
@remembering
def publish(job: Job) -> dict:
    viewer = _who(job, Do.PUBLISH_SCORECARDS)
    return {"published": services.publish_all(viewer, job.facts["period"], lambda at, of: job.report(at, of))}


@job("scorecards.zip", attempts=2, long=True)
@remembering
def bundle(job: Job) -> dict:
    """Every PDF of the period that its owner may see, written to disk one by one. One that cannot be made is named in
    errors.txt; the others are there all the same."""
    viewer, key, size = _who(job, Do.DOWNLOAD_ALL_SCORECARDS), job.facts["period"], job.facts["paper"]
    t = Scorecard
    ids = list(rows.visible(t, viewer, t.id).where(t.period == key).order_by(t.id).scalars())
    if not ids:
        raise GiveUp("There is no scorecard of this period any more.")
    job.report(0, len(ids), "Making PDFs")
    place = files.temporary(".zip")
    try:
        with closing(paper.documents(_one_by_one(viewer, ids, size), size)) as made:
            failed = _write(place, made, job, len(ids))
        return {"file": files.adopt(place), "name": f"scorecards-{key}.zip", "made": len(ids) - len(failed), "failed": len(failed)}
    finally:
        place.unlink(missing_ok=True)


def _write(place: Path, documents, job: Job, total: int) -> list[str]:
    """Returns what failed. A PDF is packed already, so it is only laid into the file."""
    failed, taken = [], set()
    with ZipFile(place, "w", ZIP_STORED) as bundle:
        for at, (_, card, content) in enumerate(documents, 1):
            if isinstance(content, bytes):
                bundle.writestr(_free(services.file_name(card), taken), content)
            else:
                failed.append(_failure(card, content))
            job.report(at, total)
        if failed:
            bundle.writestr("errors.txt", "\n".join(failed) + "\n", ZIP_DEFLATED)
    return failed


def _free(name: str, taken: set[str]) -> str:
    """Two partners may share a name once it was made fit for a file."""
    stem, at = name.removesuffix(".pdf"), 1
    while name.casefold() in taken:
        at += 1
        name = f"{stem} ({at}).pdf"
    taken.add(name.casefold())
    return name
