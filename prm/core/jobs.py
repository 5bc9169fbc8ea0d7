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
from prm.core.errors import Busy, Refusal

log = logging.getLogger("prm.jobs")

LEASE = timedelta(seconds=60)
BEAT = 15.0
POLL = 0.3
LOOK = timedelta(seconds=5)  # at the timetable
NEWS = timedelta(seconds=0.5)
ATTEMPTS = 5
DEATHS = 10  # how many workers may die of a job, beyond its attempts, before it is left alone
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

    _told: datetime | None = None

    def report(self, progress: int, total: int = 0, message: str = "") -> None:
        """Say how far it is (stored at most twice a second) and renew the lease; LeaseLost when it is another's now."""
        now, news = clock.now(), bool(message) and message != self.message
        self.progress, self.total, self.message = progress, total or self.total, _clean(message) or self.message
        if self._told is None or news or progress == self.total or not now - NEWS < self._told <= now:
            self._told = now
            _keep(self, progress=progress, total=self.total, message=self.message, lease_until=now + LEASE)


class Schedule(Table):
    """When a timetable entry fires next."""

    kind = CharField(40, unique=True)
    next_at = Moment()


class GiveUp(Exception):
    """Raised by a job that knows that trying again is useless; the text is for people."""


class LeaseLost(Exception):
    """This worker was silent for too long, and another has taken the job over: what it does now is not wanted."""


Run = Callable[[Job], dict | None]
KINDS: dict[str, tuple[Run, int]] = {}
LONG: set[str] = set()  # kinds that may take minutes: a quick worker leaves them to others, so that mails do not wait


def job(kind: str, *, attempts: int = ATTEMPTS, long: bool = False):
    """Register the function below under a kind."""

    def keep(run: Run) -> Run:
        KINDS[kind] = (run, attempts)
        if long:
            LONG.add(kind)
        return run

    return keep


def enqueue(kind: str, *, key: str | None = None, run_at: datetime | None = None, person=None, **facts: Any) -> Job:
    """Queue work in the caller's transaction. With a `key`, one that waits already is returned instead, and runs at the
    earlier of both times; one that has started is not, as it may have looked before this change."""
    due = run_at or clock.now()
    with db.atomic():
        waiting = _waiting(kind, key) if key is not None else None
        if waiting is None:
            return Job.create(kind=kind, key=key, facts=facts, run_at=due, person_id=getattr(person, "id", person))
        if due < waiting.run_at:
            waiting.run_at = due
            waiting.save(only=[Job.run_at])
    return waiting


def _waiting(kind: str, key: str) -> Job | None:
    """The job of this key that has not started, held until the caller commits: a worker that took it before would not
    see the change. One held by somebody else is passed over, as two jobs are better than two people in a deadlock."""
    idle = Job.started_at.is_null() & Job.done_at.is_null() & Job.failed_at.is_null()
    found = Job.select().where((Job.kind == kind) & (Job.key == key) & idle).limit(1)
    return (found if is_sqlite() else found.for_update("FOR UPDATE SKIP LOCKED")).get_or_none()


def claim(now: datetime, *, quick: bool = False) -> Job | None:
    """The next job due, marked as this worker's; None when there is none. Exactly one worker gets it. `quick`: no long
    one."""
    due = Job.done_at.is_null() & Job.failed_at.is_null() & (Job.run_at <= now)
    if quick and LONG:
        due &= Job.kind.not_in(sorted(LONG))
    # a lease that ends later than one ever does was given before the clock was set back
    free = due & (Job.lease_until.is_null() | (Job.lease_until < now) | (Job.lease_until > now + 2 * LEASE))
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


def cancel(job: Job) -> bool:
    """Stop it where it is: the worker notices when it next reports. What it wrote until then stays. False when it is over already."""
    over = Job.done_at.is_null() & Job.failed_at.is_null()
    return bool(Job.update(failed_at=clock.now(), lease_until=None, message="Cancelled.").where((Job.id == job.id) & over).execute())


def take_over() -> None:
    """Free the jobs of workers that are gone, for whoever knows that nobody else works: a job of a server that was
    killed goes on when it is started again, not a minute later."""
    Job.update(lease_until=None).where(Job.lease_until.is_null(False)).execute()


def run_once(*, quick: bool = False) -> bool:
    """Claim and run one job; False when none is due."""
    found = claim(clock.now(), quick=quick)
    if found is None:
        return False
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(found.id, found.attempts, stop), daemon=True)
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
        if found.attempts > attempts + DEATHS:
            raise GiveUp("It was started again and again and never came to an end.")
        result = run(found)
        _keep(found, done_at=clock.now(), lease_until=None, result=result)
    except LeaseLost:
        log.warning("job %s (%s) was taken over by another worker", found.id, found.kind)
    except Exception as error:
        _end(found, error, attempts)
    except SystemExit as error:
        _end(found, GiveUp(str(error)), attempts)  # it would end the worker


def _end(found: Job, error: Exception, attempts: int) -> None:
    """What no further try would change is told; the rest is tried again after a pause."""
    if isinstance(error, (GiveUp, Refusal)) and not isinstance(error, Busy):
        return _failed(found, str(error))
    log.error("job %s (%s) failed", found.id, found.kind, exc_info=error)
    if found.attempts >= attempts:
        return _failed(found, f"{type(error).__name__}: {error}")
    again = clock.now() + timedelta(seconds=PAUSES[min(found.attempts, len(PAUSES)) - 1])
    return _release(found, started_at=None, run_at=again, message=_clean(str(error)))


def _unknown(found: Job) -> None:
    raise GiveUp(f"Nobody knows how to do “{found.kind}”.")


def _failed(found: Job, message: str) -> None:
    _release(found, failed_at=clock.now(), message=_clean(message))


def _release(found: Job, **values) -> None:
    try:
        _keep(found, lease_until=None, **values)
    except LeaseLost:
        log.warning("job %s (%s) was taken over by another worker", found.id, found.kind)


def _keep(found: Job, **values) -> None:
    """Write on a job that is still this worker's: each claim counts an attempt, so their number tells whose it is."""
    if not Job.update(**values).where(_held(found.id, found.attempts)).execute():
        raise LeaseLost(found.kind)


def _held(id: int, attempts: int):
    return (Job.id == id) & (Job.attempts == attempts) & Job.done_at.is_null() & Job.failed_at.is_null()


def _clean(text: str) -> str:
    """What any database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:500]


def _beat(id: int, attempts: int, stop: threading.Event) -> None:
    """Renew the lease while the job runs, on a connection of its own; a database that is busy is asked again."""
    while not stop.wait(BEAT):
        try:
            with db.connection_context():
                Job.update(lease_until=clock.now() + LEASE).where(_held(id, attempts)).execute()
        except Exception as error:
            log.warning("the lease of job %s was not renewed: %s", id, error)


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
        elif not now < row.next_at <= now + every and _mine(row, now + every):  # it is due, or the clock was set back
            fired.append(kind)
    return fired


def _mine(row: Schedule, next_at: datetime) -> bool:
    with db.atomic():
        unchanged = (Schedule.id == row.id) & (Schedule.next_at == row.next_at)
        hit = Schedule.update(next_at=next_at).where(unchanged).execute()
        if hit:
            enqueue(row.kind, key="scheduled")
    return bool(hit)


def work(stop: threading.Event, timetable: Timetable | None = None, quick: bool = False) -> None:
    """Run jobs (`quick`: no long ones) until `stop` is set, each on a connection of its own; an error of the database is waited out."""
    looked = clock.now() - LOOK
    while not stop.is_set():
        busy = False
        try:
            with db.connection_context():
                if timetable and not clock.now() - LOOK < looked <= clock.now():
                    looked = clock.now()
                    fire(timetable, looked)
                busy = run_once(quick=quick)
        except Exception:
            log.exception("the worker could not look for jobs; it tries again")
            stop.wait(2)
        if not busy:
            stop.wait(POLL)
