"""A clock that is wrong, set right, or changed for summer: nobody is locked out, nothing stands still or runs twice."""
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from prm.access import invites
from prm.accounts.spending import look_up, send_reset
from prm.core import clock, formats, jobs, throttle
from prm.core.errors import Throttled
from prm.core.jobs import Job, Schedule, claim, enqueue, fire
from prm.core.periods import parse_period, period_of
from prm.health import worker_seen
from prm.models import Activity, Deal, Mail, Role
from prm.serve import note_worker

HOURS = [timedelta(hours=-2), timedelta(hours=2)]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@pytest.fixture
def later():
    """`later(hours)`: from now on the clock shows so much more, or less."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield lambda delta: traveller.move_to(NOW + delta)


def token() -> str:
    return Mail.select().order_by(Mail.id.desc()).first().link.rpartition("/")[2]


@pytest.mark.parametrize("delta", HOURS)
def test_whoever_is_signed_in_stays_so(database, later, sign_in, sam, delta):
    client = sign_in(sam)
    later(delta)
    assert client.get("/profile").status_code == 200
    later(timedelta(0))
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize("delta", HOURS)
def test_an_invite_outlives_a_wrong_clock(database, later, make, sam, acme, delta):
    invites.invite(sam, person=make.person("Ivo", role=Role.MEMBER, partner=acme, email="ivo@acme.example"))
    later(delta)
    assert look_up(token(), "invite").state == "open"


@pytest.mark.parametrize(("delta", "state"), [(HOURS[0], "open"), (timedelta(minutes=59), "open"), (HOURS[1], "expired")])
def test_a_link_for_a_password_is_good_for_an_hour_and_never_refused_as_of_the_future(database, later, make, sam, delta, state):
    make.person("Uma", email="uma@kestrel.example", password="three quiet green boats")
    send_reset("uma@kestrel.example")
    later(delta)
    assert look_up(token(), "reset").state == state


def test_who_waited_before_the_clock_was_set_back_does_not_wait_for_hours(database, later):
    for _ in range(3):
        throttle.hit("somebody", 3, 900)
    with pytest.raises(Throttled):
        throttle.check("somebody")
    later(timedelta(hours=-2))
    throttle.check("somebody")


def test_the_job_of_a_dead_worker_is_taken_over_though_the_clock_was_set_back(database, later):
    enqueue("test.anything", run_at=NOW - timedelta(days=1))
    assert claim(clock.now()) and claim(clock.now()) is None
    later(timedelta(hours=-2))
    assert claim(clock.now()) is not None


def test_a_worker_that_died_before_the_clock_was_set_back_is_not_taken_for_alive(database, later):
    note_worker()
    assert worker_seen()
    later(timedelta(hours=-2))
    assert not worker_seen()


@pytest.mark.parametrize("delta", HOURS)
def test_each_entry_of_the_timetable_goes_on(database, later, delta):
    timetable = [("housekeeping", timedelta(hours=1)), ("housekeeping.files", timedelta(hours=6))]
    fire(timetable, NOW)
    later(delta)
    fire(timetable, clock.now())
    soon = clock.now() + timedelta(hours=6)
    assert all(clock.now() < row.next_at <= soon for row in Schedule.select())


def test_what_happened_is_told_in_the_order_of_happening_not_of_the_clock(database, later, sign_in, sam, make):
    deal, client = make.deal(), sign_in(sam)
    Activity.record(sam, "deal.created", deal, title="first")
    later(timedelta(hours=-2))
    Activity.record(sam, "deal.changed", deal, title="second", fields={"title": ["first", "second"]})
    page = client.get(f"/deals/{deal.id}").text
    assert 0 < page.find("Title") < page.rfind("added"), "the newest stands first"


# ── summer time ──


@pytest.mark.parametrize(
    ("moment", "day", "shown"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), "2026-03-28", "23:59"),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), "2026-03-29", "00:30"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29", "03:30"),  # 02:30 does not exist
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "2026-03-29", "23:59"),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "2026-03-30", "00:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25", "02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25", "02:30"),  # twice
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25", "23:59"),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "2026-10-26", "00:00"),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), "2028-02-29", "13:00"),
    ],
)
def test_a_day_is_the_organisations_day_when_the_clock_is_changed(moment, day, shown):
    with time_machine.travel(moment, tick=False):
        assert clock.today(BERLIN).isoformat() == day
        assert shown in formats.moment(clock.now(), BERLIN, "de")


def test_the_quarter_ends_at_midnight_of_the_organisation(database, make, sign_in, sam):
    """A deal won at 00:30 in Berlin on the first of July is of July, though it is June in Greenwich."""
    make.organisation(zone=BERLIN)
    stage, partner = make.stage("Won"), make.partner("Acme II")
    with time_machine.travel(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), tick=False):
        form = {"title": "Late deal", "partner": partner.number, "stage": str(stage.id), "amount": "10"}
        assert sign_in(sam).post("/deals/new", data=form).status_code == 303
    closed = Deal.get(Deal.title == "Late deal").closed_on
    assert period_of(closed, "quarter", 1) == parse_period("2026-Q3", 1)


def test_an_hourly_job_runs_each_hour_of_a_day_with_twenty_five(database):
    """Moments are kept in UTC: the hour that comes twice in Berlin is two hours here."""
    timetable, fired = [("housekeeping", timedelta(hours=1))], 0
    with time_machine.travel(datetime(2026, 10, 24, 22, 0, tzinfo=UTC), tick=False) as traveller:
        fire(timetable, clock.now())
        for _ in range(25):
            traveller.shift(timedelta(hours=1))
            fired += len(fire(timetable, clock.now()))
            Job.update(done_at=clock.now()).execute()
    assert fired == 25 == Job.select().where(Job.kind == "housekeeping").count()
    assert jobs.LOOK < timedelta(hours=1)
