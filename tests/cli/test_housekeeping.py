"""What is thrown away after a while, and what is not; and what /health says."""
from datetime import timedelta

import pytest

from prm.core import clock, files
from prm.core.jobs import KINDS, Job, Schedule
from prm.core.ledger import Receipt
from prm.core.mail import Mail, post
from prm.core.throttle import Hit
from prm.health import worker_seen
from prm.housekeeping import tidy, tidy_files
from prm.models import Activity, Deal, Session
from prm.schedule import TIMETABLE, load
from prm.serve import BEAT, WORKER, note_worker


def ago(**length):
    return clock.now() - timedelta(**length)


def _job(**values):
    return Job.create(**{"kind": "housekeeping", "run_at": ago(days=90)} | values).id


def test_what_is_done_long_ago_goes_and_what_is_open_stays(database, sam):
    gone = [_job(done_at=ago(days=31)), _job(failed_at=ago(days=31))]
    kept = [_job(), _job(done_at=ago(days=29)), _job(failed_at=ago(days=29)), _job(started_at=ago(days=40))]
    assert tidy(Job())["jobs"] == len(gone)
    assert sorted(Job.select(Job.id).scalars()) == sorted(kept)


def test_sessions_receipts_and_counted_tries_go_when_they_mean_nothing_any_more(database, sam):
    for hashed, expires in (("old", ago(minutes=1)), ("new", ago(days=-1))):
        Session.create(hash=hashed, person=sam, expires_at=expires)
    Receipt.create(key="old", person_id=sam.id, at=ago(days=8))
    Receipt.create(key="new", person_id=sam.id, at=ago(days=6))
    Hit.create(key="old", count=1, since=ago(days=2))
    Hit.create(key="new", count=1, since=ago(hours=2))
    Hit.create(key="blocked", count=9, since=ago(days=2), blocked_until=ago(days=-1))
    counts = tidy(Job())
    assert (counts["sessions"], counts["receipts"], counts["hits"]) == (1, 1, 1)
    assert [s.hash for s in Session] == ["new"] and [r.key for r in Receipt] == ["new"]
    assert sorted(h.key for h in Hit) == ["blocked", "new"]


def test_no_record_of_a_partner_is_ever_tidied_away(database, make, sam, from_long_ago):
    assert Deal.select().count() == 1 and Activity.select().count() == 1
    tidy(Job())
    assert Deal.select().count() == 1 and Activity.select().count() == 1


@pytest.fixture
def from_long_ago(make, sam):
    """A deal and an activity of ten years ago."""
    Activity.record(sam, "deal.made", make.deal())
    Activity.update(at=ago(days=3650)).execute()
    Deal.update(created_at=ago(days=3650)).execute()


def test_everything_on_the_timetable_is_known_to_the_workers():
    load()
    assert {kind for kind, _ in TIMETABLE} <= set(KINDS)


def test_health_is_ok_with_a_worker_degraded_without_and_tells_nothing_else(client):
    assert client.get("/health").json == {"state": "degraded", "database": True, "worker": False}
    note_worker()
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"state": "ok", "database": True, "worker": True})


def test_a_worker_that_is_silent_for_two_beats_is_gone(database):
    note_worker()
    assert worker_seen()
    Schedule.update(next_at=clock.now() - BEAT + timedelta(seconds=1)).where(Schedule.kind == WORKER).execute()
    assert worker_seen()
    Schedule.update(next_at=clock.now() - BEAT - timedelta(seconds=1)).where(Schedule.kind == WORKER).execute()
    assert not worker_seen()


def test_health_is_down_when_the_database_does_not_answer(client, database):
    database.execute_sql("ALTER TABLE schedule RENAME TO elsewhere")
    try:
        answer = client.get("/health")
    finally:
        database.execute_sql("ALTER TABLE elsewhere RENAME TO schedule")
    assert (answer.status_code, answer.json["state"]) == (503, "down")


def test_mails_lose_their_files_after_a_month_but_not_those_that_a_younger_one_carries(store):
    old, shared = files.save(b"old"), files.save(b"the same chart")
    for days, names in ((31, (old, shared)), (29, (shared,))):
        mail = post(f"a{days}@acme.example", "Report", "Text", attachments=[{"name": "x", "type": "image/png", "file": name} for name in names])
        Mail.update(created_at=clock.now() - timedelta(days=days)).where(Mail.id == mail.id).execute()
    assert tidy_files(Job())["attachments"] == 1
    assert not files.place(old).exists() and files.place(shared).exists()
    assert [each.text for each in Mail.select()] == ["Text", "Text"]
