"""When a subscription is due: at an hour of its own zone, whatever the clocks there do in spring and autumn."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST_DAY = 28  # every month has it
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def following(every: str, on_day: int, hour: int, zone: str, after: datetime, *, fiscal_month: int = 1) -> datetime:
    """The first due time after `after`, in UTC. `on_day` is a weekday (0 is Monday) of a week, else a day of the month; a
    quarter is a fiscal one, and due in its first month."""
    here = ZoneInfo(zone)
    for day in _days(every, on_day, after.astimezone(here).date(), fiscal_month):
        due = datetime.combine(day, time(hour), here).astimezone(UTC)
        if due > after:
            return due
    raise AssertionError("a calendar without an end")


def _days(every: str, on_day: int, first: date, fiscal_month: int) -> Iterator[date]:
    day = first
    while True:
        if _fits(every, on_day, day, fiscal_month):
            yield day
        day += timedelta(days=1)


def _fits(every: str, on_day: int, day: date, fiscal_month: int) -> bool:
    if every == "day":
        return True
    if every == "week":
        return day.weekday() == on_day
    return day.day == on_day and (every == "month" or (day.month - fiscal_month) % 3 == 0)


def words(every: str, on_day: int, hour: int, zone: str) -> str:
    """“Every Monday at 08:00 (Europe/Berlin)”."""
    day = {
        "day": "Every day", "week": f"Every {WEEKDAYS[on_day % 7]}", "month": f"On day {on_day} of every month",
        "quarter": f"On day {on_day} of every fiscal quarter",
    }[every]  # fmt: skip
    return f"{day} at {hour:02d}:00 ({zone})"
