"""What is kept while nothing in the database changes."""

from contextlib import contextmanager
from threading import Thread

import pytest

from prm.core.db import db
from prm.core.unchanged import MOST, while_unchanged
from prm.models import Partner
from tests import make


@pytest.fixture
def looked():
    """Counts how often the names are read."""
    calls = []

    def look():
        def read():
            calls.append(1)
            return sorted(Partner.select(Partner.name).scalars())

        return while_unchanged("names", read)

    look.calls = calls
    return look


def elsewhere(act) -> None:
    """In another thread, so with another connection."""

    def run():
        with db.connection_context():
            act()

    thread = Thread(target=run)
    thread.start()
    thread.join()


@contextmanager
def undone():
    with db.atomic() as change:
        yield
        change.rollback()


def test_what_was_read_is_not_read_again(database, looked):
    make.partner(name="Acme")
    assert [looked(), looked(), looked()] == [["Acme"]] * 3
    assert len(looked.calls) == 1


def test_an_own_change_is_seen_at_once(database, looked):
    make.partner(name="Acme")
    looked()
    make.partner(name="Beta")
    assert looked() == ["Acme", "Beta"]


def test_a_change_by_somebody_else_is_seen_at_once(database, looked):
    make.partner(name="Acme")
    looked()
    elsewhere(lambda: make.partner(name="Beta"))
    assert looked() == ["Acme", "Beta"]
    elsewhere(lambda: Partner.update(name="Gamma").where(Partner.name == "Acme").execute())
    assert looked() == ["Beta", "Gamma"]
    elsewhere(lambda: Partner.delete().where(Partner.name == "Beta").execute())
    assert looked() == ["Gamma"]


def test_what_a_change_sees_of_itself_is_never_kept(database, looked):
    make.partner(name="Acme")
    looked()
    with undone():
        make.partner(name="Never")
        assert looked() == ["Acme", "Never"]
    assert looked() == ["Acme"]


def test_what_depends_on_the_key_is_kept_apart(database):
    assert [while_unchanged(("double", n), lambda n=n: 2 * n) for n in (1, 2, 1)] == [2, 4, 2]


def test_no_more_is_kept_than_fits(database):
    for number in range(MOST + 50):
        while_unchanged(("many", number), lambda: "x")
    assert len(db.connection().kept) == MOST
