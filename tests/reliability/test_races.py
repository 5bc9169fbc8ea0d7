"""Many at once: of the same thing exactly one happens, nobody overwrites what they have not seen, and whoever must wait
too long is told that nothing was saved."""
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from prm.core.db import PATIENCE, open_database
from prm.models import Activity, Deal, Job, KpiResult, KpiVersion, Partner, Receipt, Scorecard

FORM = {"name": "Twenty Ltd", "status": "active", "once_key": "the same key in all of them"}


@pytest.fixture
def at_once(app):
    """`at_once(20, act)` lets 20 browsers call act(number) in the same moment; what they got, in order."""

    def all_together(count, act):
        start = Barrier(count)

        def one(number):
            start.wait(20)
            return act(number)

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(one, range(count)))

    return all_together


@pytest.fixture
def browsers(sign_in, sam):
    """Twenty of them, each with a session of Sam."""
    return [sign_in(sam) for _ in range(20)]


@pytest.fixture
def card(make, acme):
    """A draft with a figure on it."""
    kpi = make.kpi()
    version, start = KpiVersion.get(KpiVersion.kpi == kpi), date(2026, 4, 1)
    KpiResult.create(kpi=kpi, partner=acme, period="2026-Q2", starts_on=start, version=version, value=100, rows=1)
    return Scorecard.create(partner=acme, period="2026-Q2", starts_on=start, score=100, rank=1, ranked=1)


def test_the_same_form_twenty_times_at_once_makes_one_partner(database, browsers, at_once):
    answers = at_once(20, lambda at: browsers[at].post("/partners/new", data=FORM))
    made = Partner.get(Partner.name == "Twenty Ltd")
    assert Partner.select().where(Partner.name == "Twenty Ltd").count() == 1 == Receipt.select().count()
    assert Activity.select().where(Activity.verb == "partner.created").count() == 1
    assert [(a.status_code, a.location) for a in answers] == [(303, f"/partners/{made.id}")] * 20


def test_twenty_forms_of_twenty_people_make_twenty_partners(database, browsers, at_once):
    answers = at_once(20, lambda at: browsers[at].post("/partners/new", data=FORM | {"once_key": f"key of {at}"}))
    assert [a.status_code for a in answers] == [303] * 20
    assert len({p.number for p in Partner.select()}) == 20


def test_of_twenty_with_the_same_number_one_has_it_and_the_others_read_why(database, browsers, at_once):
    answers = at_once(20, lambda at: browsers[at].post("/partners/new", data=FORM | {"number": "P-1", "once_key": f"key of {at}"}))
    assert sorted(a.status_code for a in answers) == [303] + [422] * 19
    assert all("P-1 is taken" in a.text for a in answers if a.status_code == 422)
    assert Partner.select().count() == 1


def test_the_second_of_two_editors_reads_both_values_and_overwrites_nothing(database, sign_in, sam, make, acme):
    deal, first, second = make.deal(amount=100_000, partner=acme), sign_in(sam), sign_in(sam)
    form = {"title": "Forty bikes", "partner": acme.number, "stage": str(deal.stage_id), "currency": "USD", "seen-version": "1",
            "created_on": "2026-07-01", "closed_on": "2026-07-15"}  # fmt: skip
    assert first.post(f"/deals/{deal.id}/edit", data=form | {"amount": "1,111.00"}).status_code == 303
    answer = second.post(f"/deals/{deal.id}/edit", data=form | {"amount": "2,222.00"})
    assert answer.status_code == 409
    assert "1,111.00" in answer.text and "2,222.00" in answer.text
    assert Deal.get_by_id(deal.id).amount == 111_100
    assert Activity.select().where(Activity.verb == "deal.changed").count() == 1


def test_of_twenty_editors_at_once_one_saves_and_nineteen_are_told(database, browsers, at_once, make, acme):
    deal = make.deal(partner=acme)
    form = {"title": "Forty bikes", "partner": acme.number, "stage": str(deal.stage_id), "currency": "USD", "seen-version": "1",
            "created_on": "2026-07-01", "closed_on": "2026-07-15"}  # fmt: skip
    answers = at_once(20, lambda at: browsers[at].post(f"/deals/{deal.id}/edit", data=form | {"amount": f"{at + 1}"}))
    assert sorted(a.status_code for a in answers) == [303] + [409] * 19
    saved = [at for at, a in enumerate(answers) if a.status_code == 303]
    assert Deal.get_by_id(deal.id).amount == (saved[0] + 1) * 100
    assert Deal.get_by_id(deal.id).version == 2


def test_of_twenty_who_publish_at_once_one_does(database, browsers, at_once, card):
    answers = at_once(20, lambda at: browsers[at].post(f"/scorecards/{card.id}/publish", data={"version": "1"}))
    assert sorted(a.status_code for a in answers) == [303] + [409] * 19
    fresh = Scorecard.get_by_id(card.id)
    assert fresh.state == "published" and fresh.frozen["partner"]["name"] == "Acme"
    assert Activity.select().where(Activity.verb == "scorecard.published").count() == 1
    assert Job.select().where(Job.kind == "scorecards.print").count() == 1


# ── who must wait ──


def test_ten_seconds_are_waited_for_what_somebody_else_holds(sqlite_url, postgres_url):
    from prm.core.db import db

    before = db.obj
    try:
        assert PATIENCE == 10
        assert open_database(sqlite_url).pragma("busy_timeout") == 10_000
        postgres = open_database(postgres_url)
        assert postgres.execute_sql("SHOW lock_timeout").fetchone() == ("10s",)
        postgres.close_all()
    finally:
        db.initialize(before)


def test_a_database_that_is_held_answers_busy_and_nothing_is_saved(sqlite, app, sign_in, sam, monkeypatch):
    """As long as it is, another process holds the write lock; reading goes on."""
    client = sign_in(sam)
    monkeypatch.setattr(sqlite, "_timeout", 0.3)
    sqlite.close()
    holder = sqlite3.connect(sqlite.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = client.post("/partners/new", data=FORM)
        assert client.get("/partners/").status_code == 200
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "2"
    assert "nothing was saved" in answer.text
    assert client.post("/partners/new", data=FORM).status_code == 303
    sqlite.connect(reuse_if_open=True)
    assert Partner.select().count() == 1


@pytest.mark.postgres
def test_a_row_that_is_held_answers_busy_and_nothing_is_saved(postgresql, app, sign_in, sam, make, acme, monkeypatch):
    import psycopg

    client = sign_in(sam)
    monkeypatch.setitem(postgresql.connect_params, "options", "-c lock_timeout=300ms")
    postgresql.close_all()
    form = {"name": "Acme II", "number": acme.number, "status": "active", "seen-version": "1"}
    parts = {k: v for k, v in postgresql.connect_params.items() if k in ("host", "port", "user", "password")}
    with psycopg.connect(dbname=postgresql.database, **parts) as holder:
        holder.execute("SELECT 1 FROM partner FOR UPDATE")
        answer = client.post(f"/partners/{acme.id}/edit", data=form)
        assert client.get("/partners/").status_code == 200
    assert answer.status_code == 503 and "nothing was saved" in answer.text
    postgresql.close_all()
    monkeypatch.undo()
    postgresql.connect(reuse_if_open=True)
    assert Partner.get().name == "Acme"


def test_a_request_that_waits_a_moment_is_served(sqlite, sign_in, sam):
    """A short lock is waited out, as nobody should notice it."""
    client = sign_in(sam)
    sqlite.close()
    holder = sqlite3.connect(sqlite.database, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, lambda: holder.execute("COMMIT")).start()
    begun = time.monotonic()
    assert client.post("/partners/new", data=FORM).status_code == 303
    assert time.monotonic() - begun >= 0.4
    holder.close()
    sqlite.connect(reuse_if_open=True)
