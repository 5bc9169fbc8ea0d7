"""The same form sent twice, twenty times at once or after a failure makes one thing."""
import pytest

from prm.core import clock
from prm.core.ledger import Receipt, once
from prm.core.throttle import Hit


def make(name="thing"):
    """A row of any table, and the address it is found at."""
    return f"/things/{Hit.create(key=name, since=clock.now()).id}"


def test_a_form_sent_again_gets_the_first_answer(database):
    first = once("form-1", lambda: make("a"))
    assert once("form-1", lambda: make("b")) == first
    assert Hit.select().count() == 1


def test_another_form_makes_another_thing(database):
    assert once("form-1", lambda: make("a")) != once("form-2", lambda: make("b"))


def test_without_a_key_each_is_made(database):
    once(None, lambda: make("a"))
    once("", lambda: make("b"))
    assert (Hit.select().count(), Receipt.select().count()) == (2, 0)


def test_twenty_at_once_make_one(database, together):
    outcomes = together(20, lambda number: once("form-1", lambda: make(f"thing {number}")))
    assert len(set(outcomes)) == 1
    assert Hit.select().count() == 1


def test_a_form_that_failed_may_come_again(database):
    def broken():
        make("a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once("form-1", broken)
    assert Hit.select().count() == 0 == Receipt.select().count()
    assert once("form-1", lambda: make("a"))


def test_a_row_that_exists_already_is_not_mistaken_for_a_repeated_form(database):
    make("taken")
    with pytest.raises(Exception, match="(?i)unique"):
        once("form-1", lambda: make("taken"))
    assert Receipt.select().count() == 0


def test_a_refused_form_leaves_the_transaction_around_it_usable(database):
    with database.atomic():
        make("taken")
        with pytest.raises(Exception, match="(?i)unique"):
            once("form-1", lambda: make("taken"))
        make("after")
    assert Hit.select().count() == 2


@pytest.mark.parametrize("key", ["\0", "a\0b", "\ud800", "x" * 5000, "' OR 1=1 --", "🦉"], ids=ascii)
def test_whatever_comes_as_a_key_works(database, key):
    first = once(key, lambda: make("a"))
    assert once(key, lambda: make("b")) == first
    assert Receipt.get().outcome == first
