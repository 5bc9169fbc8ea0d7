"""Work for later: rows written in the transaction of the change that causes it, claimed by exactly one worker, safe to
run twice. A worker holds a lease and renews it; when it dies, another takes the job over.
"""
from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, IntegerField, JSONField, TextField

from prm.core import clock
from prm.core.db import Moment, Table, created, db, is_sqlite
from prm.core.errors import Refusal

log = logging.getLogger("prm.jobs")

LEASE = timedelta(seconds=60)
BEAT = 15.0
POLL = 0.3
ATTEMPTS = 5
PAUSES = (10, 60, 300, 1800)


class Job(Table):
    """`key` names what the job is about: a second one of the same kind and key is not queued while one waits."""

    kind = CharField(40)
    key = CharField(120, null=True)
    facts = JSONField(default=dict)
    run_at = created()
    started_at = Moment(null=True)
    lease_until = Moment(null=True)
    attempts = IntegerField(default=0)
    done_at = Moment(null=True)
    failed_at = Moment(null=True)
    message = TextField(default="")
    progress = IntegerField(default=0)
    total = IntegerField(default=0)
    result = JSONField(null=True)
    person_id = IntegerField(null=True)
    created_at = created()

    class Meta:
        indexes = ((("done_at", "failed_at", "run_at"), False), (("kind", "key", "started_at"), False))

    @property
    def state(self) -> str:
        if self.done_at:
            return "done"
        return "failed" if self.failed_at else "running" if self.started_at else "waiting"

    def report(self, progress: int, total: int = 0, message: str = "") -> None:
        """Say how far it is; also renews the lease."""
        self.progress, self.total, self.message = progress, total or self.total, message or self.message
        Job.update(
            progress=self.progress, total=self.total, message=self.message, lease_until=clock.now() + LEASE
        ).where(Job.id == self.id).execute()


class Schedule(Table):
    """When a timetable entry fires next."""

    kind = CharField(40, unique=True)
    next_at = Moment()


class GiveUp(Exception):
    """Raised by a job that knows that trying again is useless; the text is for people."""


Run = Callable[[Job], dict | None]
KINDS: dict[str, tuple[Run, int]] = {}


def job(kind: str, *, attempts: int = ATTEMPTS):
    """Register the function below under a kind."""

    def keep(run: Run) -> Run:
        KINDS[kind] = (run, attempts)
        return run

    return keep


def enqueue(kind: str, *, key: str | None = None, run_at: datetime | None = None, person=None, **facts: Any) -> Job:
    """Queue work in the caller's transaction. With a `key`, one that waits already is returned instead; one that has
    started is not, as it may have looked before this change."""
    if key is not None:
        waiting = Job.get_or_none((Job.kind == kind) & (Job.key == key) & Job.started_at.is_null() & Job.done_at.is_null())
        if waiting is not None:
            return waiting
    return Job.create(kind=kind, key=key, facts=facts, run_at=run_at or clock.now(), person_id=getattr(person, "id", person))


def claim(now: datetime) -> Job | None:
    """The next job due, marked as this worker's; None when there is none. Exactly one worker gets it."""
    due = Job.done_at.is_null() & Job.failed_at.is_null() & (Job.run_at <= now)
    free = due & (Job.lease_until.is_null() | (Job.lease_until < now))
    first = Job.select(Job.id).where(free).order_by(Job.run_at, Job.id).limit(1)
    if not is_sqlite():
        first = first.for_update("FOR UPDATE SKIP LOCKED")
    elif not first.exists():
        return None  # looking must not take the one write lock of SQLite several times a second
    taken = list(
        Job.update(started_at=now, lease_until=now + LEASE, attempts=Job.attempts + 1)
        .where((Job.id == first) & free)
        .returning(Job)
        .execute()
    )
    return taken[0] if taken else None


def run_once() -> bool:
    """Claim and run one job; False when none is due."""
    found = claim(clock.now())
    if found is None:
        return False
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(found.id, stop), daemon=True)
    beat.start()
    try:
        _run(found)
    finally:
        stop.set()
        beat.join()
    return True


def _run(found: Job) -> None:
    run, attempts = KINDS.get(found.kind, (_unknown, 1))
    try:
        result = run(found)
    except (GiveUp, Refusal) as refusal:
        _failed(found, str(refusal))
    except Exception as error:
        log.exception("job %s (%s) failed", found.id, found.kind)
        if found.attempts >= attempts:
            _failed(found, f"{type(error).__name__}: {error}"[:500])
        else:
            pause = PAUSES[min(found.attempts, len(PAUSES)) - 1]
            _set(found, lease_until=None, started_at=None, run_at=clock.now() + timedelta(seconds=pause), message=str(error)[:500])
    else:
        _set(found, done_at=clock.now(), lease_until=None, result=result)


def _unknown(found: Job) -> None:
    raise GiveUp(f"Nobody knows how to do “{found.kind}”.")


def _failed(found: Job, message: str) -> None:
    _set(found, failed_at=clock.now(), lease_until=None, message=message)


def _set(found: Job, **values) -> None:
    Job.update(**values).where(Job.id == found.id).execute()


def _beat(id: int, stop: threading.Event) -> None:
    """Renew the lease while the job runs, on a connection of its own."""
    while not stop.wait(BEAT):
        with db.connection_context():
            Job.update(lease_until=clock.now() + LEASE).where((Job.id == id) & Job.done_at.is_null()).execute()


# ── the timetable ──

Timetable = list[tuple[str, timedelta]]


def fire(timetable: Timetable, now: datetime) -> list[str]:
    """Queue what is due; of several workers exactly one does. Returns the kinds fired."""
    known = {row.kind: row for row in Schedule.select()}
    fired = []
    for kind, every in timetable:
        row = known.get(kind)
        if row is None:
            Schedule.insert(kind=kind, next_at=now + every).on_conflict_ignore().execute()
        elif row.next_at <= now and _mine(row, now + every):
            fired.append(kind)
    return fired


def _mine(row: Schedule, next_at: datetime) -> bool:
    with db.atomic():
        hit = Schedule.update(next_at=next_at).where((Schedule.id == row.id) & (Schedule.next_at == row.next_at)).execute()
        if hit:
            enqueue(row.kind, key="scheduled")
    return bool(hit)


def work(stop: threading.Event, timetable: Timetable | None = None) -> None:
    """Run jobs until `stop` is set; an error of the database is waited out."""
    checked = clock.now() - timedelta(minutes=1)
    while not stop.is_set():
        try:
            with db.connection_context():
                if timetable and clock.now() - checked >= timedelta(seconds=5):
                    checked = clock.now()
                    fire(timetable, checked)
                while not stop.is_set() and run_once():
                    pass
        except Exception:
            log.exception("the worker could not look for jobs; it tries again")
            stop.wait(2)
        stop.wait(POLL)
