"""Jobs: each is done, by one worker at a time, whoever dies."""
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from prm.core import clock, jobs
from prm.core.db import db
from prm.core.errors import Busy, Invalid
from prm.core.jobs import GiveUp, Job, LeaseLost, Schedule, claim, enqueue, fire, job, run_once, work

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """What this test registers is gone after it."""
    monkeypatch.setattr(jobs, "KINDS", {})


@pytest.fixture
def clock_at():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def fresh(found: Job) -> Job:
    return Job.get_by_id(found.id)


def test_a_job_gets_its_facts_and_keeps_its_result(database):
    @job("add")
    def add(found):
        return {"sum": sum(found.facts["numbers"])}

    queued = enqueue("add", numbers=[1, 2, 3])
    assert queued.state == "waiting"
    assert run_once() and not run_once()
    done = fresh(queued)
    assert (done.state, done.result, done.attempts) == ("done", {"sum": 6}, 1)


def test_eight_workers_do_each_of_sixty_jobs_once(database, together):
    done = []

    @job("note")
    def note(found):
        done.append(found.facts["number"])

    for number in range(60):
        enqueue("note", number=number)

    def until_idle(_):
        while run_once():
            pass

    together(8, until_idle)
    assert Counter(done) == dict.fromkeys(range(60), 1)
    assert Job.select().where(Job.done_at.is_null(False) & (Job.attempts == 1)).count() == 60


def test_work_of_a_transaction_that_fails_is_never_done(database):
    with pytest.raises(RuntimeError), db.atomic():
        enqueue("note")
        raise RuntimeError
    assert claim(clock.now()) is None


def test_a_job_waits_for_its_time_and_the_earlier_one_goes_first(database, clock_at):
    later = enqueue("note", run_at=NOON + timedelta(minutes=5))
    sooner = enqueue("note", run_at=NOON + timedelta(minutes=3))
    assert claim(NOON) is None
    assert claim(NOON + timedelta(minutes=6)) == sooner
    assert claim(NOON + timedelta(minutes=6)) == later


def test_one_that_waits_is_not_queued_again_but_brought_forward(database, clock_at):
    first = enqueue("note", key="a", run_at=NOON + timedelta(hours=6))
    assert enqueue("note", key="a", run_at=NOON + timedelta(hours=7)) == first
    assert fresh(first).run_at == NOON + timedelta(hours=6)
    assert enqueue("note", key="a") == first
    assert fresh(first).run_at == NOON
    assert enqueue("note", key="b") != first
    assert enqueue("other", key="a") != first


@pytest.mark.parametrize("state", ["started_at", "done_at", "failed_at"])
def test_one_that_has_started_is_queued_again_as_it_may_not_have_seen_the_change(database, state):
    first = enqueue("note", key="a")
    Job.update({getattr(Job, state): clock.now()}).execute()
    assert enqueue("note", key="a") != first


def test_a_job_that_was_asked_for_again_starts_after_both_changes_are_stored(database, together):
    """A worker must not begin between the question whether one waits and the commit of the change."""
    first, asked = enqueue("note", key="a"), threading.Event()

    def act(number):
        if number == 0:
            with db.atomic():
                again = enqueue("note", key="a")
                asked.set()
                threading.Event().wait(0.3)
            return again, clock.now()
        asked.wait(5)
        return claim(clock.now()), clock.now()

    (again, stored), (taken, begun) = together(2, act)
    assert again == first
    assert taken is None or begun >= stored  # SQLite waits for its turn, PostgreSQL passes over


def test_the_job_of_a_killed_worker_is_taken_over(database, address):
    queued = enqueue("slow")
    worker = subprocess.Popen([sys.executable, "-c", SLEEPER, address], stdout=subprocess.PIPE, text=True)
    with worker:
        assert worker.stdout.readline() == "started\n"
        worker.kill()
    assert fresh(queued).state == "running"

    @job("slow")
    def quick(found):
        return {"by": "another"}

    assert not run_once()
    with time_machine.travel(clock.now() + jobs.LEASE + timedelta(seconds=1), tick=False):
        assert run_once()
    assert (fresh(queued).result, fresh(queued).attempts) == ({"by": "another"}, 2)


SLEEPER = """
import sys, time
from prm.core.db import db, open_database
from prm.core.jobs import job, run_once

@job("slow")
def slow(found):
    print("started", flush=True)
    time.sleep(60)

open_database(sys.argv[1])
with db.connection_context():
    run_once()
"""


def test_a_worker_that_lives_keeps_its_job(database, together, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT", 0.02)
    queued, renewed = enqueue("slow"), []

    @job("slow")
    def slow(found):
        Job.update(lease_until=clock.now() - timedelta(seconds=1)).execute()  # as if a minute had passed
        for _ in range(500):
            if fresh(found).lease_until > clock.now():
                renewed.append(1)
                break
            threading.Event().wait(0.01)

    assert run_once() and renewed
    assert fresh(queued).attempts == 1


def test_a_heart_beats_on_when_the_database_is_busy_for_a_while(database, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT", 0.02)
    held, tries = jobs._held, []

    def busy_at_first(id, attempts):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("database is locked")
        return held(id, attempts)

    @job("slow")
    def slow(found):
        monkeypatch.setattr(jobs, "_held", busy_at_first)
        for _ in range(500):
            if len(tries) > 1:
                break
            threading.Event().wait(0.01)

    enqueue("slow")
    assert run_once() and len(tries) > 1


def test_a_worker_that_was_away_cannot_write_on_a_job_that_is_anothers(database, clock_at):
    queued = enqueue("slow")
    first = claim(NOON)
    second = claim(NOON + timedelta(minutes=2))
    assert first == second == queued
    with pytest.raises(LeaseLost):
        first.report(1, 2)
    second.report(1, 2)
    assert fresh(queued).progress == 1


def test_the_result_of_a_worker_that_was_away_is_not_taken(database, clock_at):
    @job("slow")
    def slow(found):
        assert claim(NOON + timedelta(minutes=2)).attempts == 2
        return {"by": "the first"}

    queued = enqueue("slow")
    assert run_once()
    assert (fresh(queued).state, fresh(queued).result) == ("running", None)


def test_pauses_grow_until_it_is_given_up_with_the_reason(database, clock_at):
    @job("broken")
    def broken(found):
        raise ValueError("the disk is upside down")

    queued, pauses = enqueue("broken"), []
    while run_once():
        now = fresh(queued)
        if now.failed_at is None:
            pauses.append((now.run_at - clock.now()).seconds)
            clock_at.move_to(now.run_at)
    assert pauses == [10, 60, 300, 1800]
    assert fresh(queued).state == "failed"
    assert fresh(queued).message == "ValueError: the disk is upside down"


def test_a_kind_says_how_often_it_is_tried(database):
    @job("broken", attempts=1)
    def broken(found):
        raise ValueError

    queued = enqueue("broken")
    assert run_once()
    assert fresh(queued).state == "failed"


@pytest.mark.parametrize("no", [GiveUp, Invalid, SystemExit])
def test_a_reason_that_trying_cannot_change_ends_it_at_once(database, no):
    @job("broken")
    def broken(found):
        raise no("There is no such file.")

    queued = enqueue("broken")
    assert run_once()
    assert (fresh(queued).state, fresh(queued).message) == ("failed", "There is no such file.")


def test_a_busy_database_is_no_such_reason(database):
    @job("broken")
    def broken(found):
        raise Busy("later")

    queued = enqueue("broken")
    assert run_once()
    assert (fresh(queued).state, fresh(queued).message) == ("waiting", "later")


def test_words_that_no_database_takes_are_cleaned(database, caplog):
    caplog.set_level("CRITICAL", "prm.jobs")  # the reports of parallel test runs take no half characters

    @job("broken", attempts=1)
    def broken(found):
        raise ValueError("a\0b\ud800")

    queued = enqueue("broken")
    assert run_once()
    assert fresh(queued).message == "ValueError: ab?"


def test_an_unknown_kind_fails_and_says_so(database):
    queued = enqueue("no.such")
    assert run_once()
    assert fresh(queued).message == "Nobody knows how to do “no.such”."


def test_a_job_of_which_worker_after_worker_dies_is_left_alone(database, clock_at):
    ran = []
    job("deadly")(ran.append)
    queued = enqueue("deadly")
    now = NOON
    for _ in range(jobs.ATTEMPTS + jobs.DEATHS):
        assert claim(now) is not None
        now += timedelta(minutes=2)
    clock_at.move_to(now)
    assert run_once() and not ran
    assert fresh(queued).state == "failed"


def test_progress_is_told_at_once_then_now_and_then_and_at_the_end(database, clock_at):
    queued = enqueue("count")
    found = claim(NOON)
    seen = []
    for at, pause in [(1, 0), (2, 0.1), (3, 0.6), (9, 0.1), (10, 0)]:
        clock_at.shift(pause)
        found.report(at, 10)
        seen.append(fresh(queued).progress)
    assert seen == [1, 1, 3, 3, 10]
    found.report(10, 10, "nearly there")
    assert (fresh(queued).message, fresh(queued).total) == ("nearly there", 10)


def test_telling_progress_renews_the_lease(database, clock_at):
    queued = enqueue("count")
    found = claim(NOON)
    clock_at.shift(50)
    found.report(1)
    assert fresh(queued).lease_until == clock.now() + jobs.LEASE


def test_a_timetable_entry_fires_once_each_time_however_many_look(database, together, clock_at):
    timetable = [("tidy", timedelta(hours=1))]
    assert fire(timetable, NOON) == []  # from now on it is known
    together(8, lambda _: fire(timetable, NOON + timedelta(hours=1)))
    assert Job.select().count() == 1
    assert Schedule.get().next_at == NOON + timedelta(hours=2)


def test_a_clock_that_was_set_back_does_not_silence_the_timetable(database, clock_at):
    timetable = [("tidy", timedelta(hours=1))]
    fire(timetable, NOON)
    assert fire(timetable, NOON - timedelta(hours=3)) == ["tidy"]
    assert fire(timetable, NOON - timedelta(hours=3)) == []


def test_the_worker_does_what_comes_until_it_is_stopped(database):
    stop, done = threading.Event(), threading.Event()

    @job("note")
    def note(found):
        done.set()

    worker = threading.Thread(target=work, args=(stop, [("note", timedelta(hours=1))]))
    worker.start()
    try:
        enqueue("note")
        assert done.wait(10)
    finally:
        stop.set()
        worker.join(10)
    assert not worker.is_alive()


def test_the_worker_survives_a_database_that_is_away(database, monkeypatch):
    stop, looked = threading.Event(), []

    def away_at_first(quick):
        looked.append(1)
        if len(looked) == 1:
            monkeypatch.setattr(stop, "wait", lambda seconds: None)
            raise RuntimeError("connection lost")
        stop.set()
        return False

    monkeypatch.setattr(jobs, "run_once", away_at_first)
    work(stop)
    assert len(looked) == 2


def test_a_quick_worker_leaves_long_jobs_to_others(database, monkeypatch):
    monkeypatch.setattr(jobs, "LONG", set())
    done = []
    job("archive", long=True)(lambda found: done.append("archive"))
    job("letter")(lambda found: done.append("letter"))
    enqueue("archive")
    enqueue("letter")
    assert run_once(quick=True) and done == ["letter"]
    assert not run_once(quick=True)
    assert run_once() and done == ["letter", "archive"]
