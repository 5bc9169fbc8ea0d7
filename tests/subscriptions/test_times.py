"""When a subscription is due, in its own zone and fiscal year."""
from datetime import UTC, datetime

import pytest

from prm.subscriptions.times import following, words


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "on_day", "hour", "zone", "after", "due"),
    [
        ("day", 0, 8, "UTC", "2026-11-25T07:59", "2026-11-25T08:00"),
        ("day", 0, 8, "UTC", "2026-11-25T08:00", "2026-11-26T08:00"),
        ("day", 0, 8, "America/New_York", "2026-11-25T12:00", "2026-11-25T13:00"),
        ("day", 0, 0, "Pacific/Auckland", "2026-11-25T12:00", "2026-11-26T11:00"),
        ("week", 0, 8, "UTC", "2026-11-25T10:00", "2026-11-30T08:00"),  # a Wednesday; the next Monday
        ("week", 2, 8, "UTC", "2026-11-25T07:00", "2026-11-25T08:00"),
        ("week", 6, 23, "Asia/Kolkata", "2026-11-25T10:00", "2026-11-29T17:30"),
        ("month", 1, 8, "UTC", "2026-11-25T10:00", "2026-12-01T08:00"),
        ("month", 28, 8, "UTC", "2026-02-28T08:00", "2026-03-28T08:00"),
        ("quarter", 1, 8, "UTC", "2026-11-25T10:00", "2027-01-01T08:00"),
        # Berlin: the hour from 2 to 3 does not exist on 29 March, and comes twice on 25 October
        ("day", 0, 8, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T06:00"),
        ("day", 0, 8, "Europe/Berlin", "2026-03-27T12:00", "2026-03-28T07:00"),
        ("day", 0, 2, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("day", 0, 2, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:00"),
        ("day", 0, 2, "Europe/Berlin", "2026-10-25T00:00", "2026-10-26T01:00"),
    ],
)
def test_the_next_time(every, on_day, hour, zone, after, due):
    assert following(every, on_day, hour, zone, at(after)) == at(due)


@pytest.mark.parametrize(("fiscal_month", "due"), [(1, "2027-01-05T08:00"), (2, "2027-02-05T08:00"), (3, "2026-12-05T08:00"), (4, "2027-01-05T08:00"), (11, "2027-02-05T08:00")])
def test_a_quarter_is_a_fiscal_one(fiscal_month, due):
    assert following("quarter", 5, 8, "UTC", at("2026-11-25T10:00"), fiscal_month=fiscal_month) == at(due)


def test_it_is_said_in_words():
    assert words("week", 0, 8, "Europe/Berlin") == "Every Monday at 08:00 (Europe/Berlin)"
    assert words("quarter", 2, 17, "UTC") == "On day 2 of every fiscal quarter at 17:00 (UTC)"
