"""A question that takes too long is stopped, alone, and the connection is as before."""
import time

import pytest

from prm.catalogue.answer import answer
from prm.catalogue.question import Question
from prm.core.db import db, is_sqlite
from prm.core.errors import Invalid
from prm.core.patience import TookTooLong, impatient, limited, patient
from tests import make

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000) SELECT COUNT(*) FROM n"


def slow() -> None:
    db.execute_sql(ENDLESS if is_sqlite() else "SELECT pg_sleep(20)").fetchone()


@pytest.fixture
def hurried(database):
    token = impatient(0.1)
    yield
    patient(token)


def test_it_is_stopped_at_the_limit(hurried):
    begun = time.monotonic()
    with pytest.raises(TookTooLong, match="0.1 seconds"), limited():
        slow()
    assert time.monotonic() - begun < 5


def test_the_connection_is_good_for_the_next(hurried):
    with pytest.raises(TookTooLong), limited():
        slow()
    if is_sqlite():
        assert db.execute_sql("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT COUNT(*) FROM n").fetchone() == (3_000_000,)
    else:
        db.execute_sql("SELECT pg_sleep(0.3)")
        assert db.execute_sql("SHOW statement_timeout").fetchone() == ("0",)


def test_it_is_stopped_when_nobody_waits_any_more(database):
    begun = time.monotonic()
    token = impatient(30, lambda: time.monotonic() - begun > 0.3)
    try:
        with pytest.raises(TookTooLong), limited():
            slow()
        assert time.monotonic() - begun < 5
        with limited():
            assert db.execute_sql("SELECT 1").fetchone() == (1,)
    finally:
        patient(token)


def test_a_change_is_never_stopped_half_way(hurried):
    with db.atomic(), limited():
        make.organisation()
        if not is_sqlite():
            db.execute_sql("SELECT pg_sleep(0.3)")


def test_without_a_limit_nothing_is_stopped(database):
    with limited():
        if not is_sqlite():
            db.execute_sql("SELECT pg_sleep(0.2)")


def test_a_person_is_told_what_to_do(hurried, monkeypatch):
    make.organisation()
    from prm.catalogue import listing
    from prm.access.system import SYSTEM

    monkeypatch.setattr(listing, "_default", lambda source: slow())
    with pytest.raises(Invalid, match="took longer than 0.1 seconds and was stopped. Narrow it"):
        answer(Question("deal"), SYSTEM)
