"""Throttles: counted once a hit whoever counts, blocked longer each time, forgotten after a while."""
from datetime import UTC, datetime

import pytest
import time_machine

from prm.core.errors import Throttled
from prm.core.throttle import Hit, check, clear, hit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def traveller():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def blocked(key: str) -> int:
    """Seconds for which the key is refused; 0 when it is heard."""
    try:
        check(key)
    except Throttled as no:
        return no.seconds
    return 0


def test_up_to_the_limit_one_is_heard_and_then_refused(database, traveller):
    assert [hit("ada", 3, 60) for _ in range(2)] == [1, 2]
    assert blocked("ada") == 0
    assert hit("ada", 3, 60) == 3
    assert blocked("ada") == 30


def test_each_further_try_waits_twice_as_long_but_never_over_an_hour(database, traveller):
    pauses = []
    for _ in range(12):
        hit("ada", 3, 86_400)
        pauses.append(blocked("ada"))
        traveller.shift(pauses[-1])
    assert pauses == [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_one_key_does_not_block_another(database, traveller):
    hit("ada", 1, 60)
    assert blocked("ada") and not blocked("grace")


def test_the_count_begins_anew_after_its_time(database, traveller):
    hit("ada", 3, 60)
    hit("ada", 3, 60)
    traveller.shift(61)
    assert hit("ada", 3, 60) == 1


def test_a_success_clears_it(database, traveller):
    hit("ada", 1, 60)
    clear("ada")
    assert blocked("ada") == 0 and hit("ada", 2, 60) == 1


def test_twenty_at_once_are_counted_as_twenty(database, together):
    assert sorted(together(20, lambda _: hit("ada", 100, 60))) == list(range(1, 21))
    assert Hit.get().count == 20


def test_the_refusal_says_when_to_come_back(database, traveller):
    hit("ada", 1, 60)
    with pytest.raises(Throttled, match="Wait 1 min"):
        check("ada")


def test_a_key_of_any_length_fits(database):
    hit("x" * 500, 1, 60)
    assert blocked("x" * 500) > 0
