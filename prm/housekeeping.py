"""What is thrown away after a while, so that the tables of the plumbing stay small. No record of a partner is among it."""
from __future__ import annotations

from datetime import timedelta

from prm.core import clock, files
from prm.core.jobs import Job, job
from prm.core.ledger import Receipt
from prm.core.mail import Mail
from prm.core.throttle import Hit
from prm.models import Session

FINISHED_JOBS = timedelta(days=30)
RECEIPTS = timedelta(days=7)  # a form is not sent a second time after a week
HITS = timedelta(days=1)
ATTACHED = timedelta(days=30)  # how long a mail keeps its files; its text stays
MADE = timedelta(days=7)  # how long a file that a job made can be fetched


@job("housekeeping")
def tidy(_job: Job) -> dict:
    """Returns how many rows went, by table."""
    now = clock.now()
    old = {
        "jobs": Job.delete().where((Job.done_at < now - FINISHED_JOBS) | (Job.failed_at < now - FINISHED_JOBS)),
        "receipts": Receipt.delete().where(Receipt.at < now - RECEIPTS),
        "hits": Hit.delete().where((Hit.since < now - HITS) & (Hit.blocked_until.is_null() | (Hit.blocked_until < now))),
        "sessions": Session.delete().where(Session.expires_at < now),
    }
    return {name: query.execute() for name, query in old.items()}


@job("housekeeping.files")
def tidy_files(_job: Job) -> dict:
    """Throw away files that jobs made after a week, and what broken-off ones have left on the disk."""
    sent = _old_attachments()
    made = [each for each in Job.select().where(Job.done_at.is_null(False)) if "file" in (each.result or {})]
    old = [each for each in made if each.done_at < clock.now() - MADE]
    kept = {each.result["file"] for each in made if each not in old} | _attached()
    for each in old:
        if each.result["file"] not in kept:
            files.discard(each.result["file"])
        Job.update(result={k: v for k, v in each.result.items() if k != "file"}).where(Job.id == each.id).execute()
    for name in sent - kept:
        files.discard(name)
    return {"files": len(old), "attachments": len(sent - kept), "left": files.discard_unfinished(timedelta(days=1))}


def _old_attachments() -> set[str]:
    """Take the files from mails that are old; which those were."""
    found: set[str] = set()
    for mail in Mail.select().where(Mail.attachments.is_null(False) & (Mail.created_at < clock.now() - ATTACHED)):
        found |= {each["file"] for each in mail.attachments or ()}
        Mail.update(attachments=None).where(Mail.id == mail.id).execute()
    return found


def _attached() -> set[str]:
    """The files of mails that still have them: many may carry the same chart."""
    lists = Mail.select(Mail.attachments).where(Mail.attachments.is_null(False)).scalars()
    return {each["file"] for attachments in lists for each in attachments or ()}
