"""Kinds that are days or moments: ISO text in JSON, which sorts as it should."""
from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from peewee import Cast, Value, fn

from prm.catalogue.days import read_day
from prm.catalogue.kinds.base import Formats, Kind, clean
from prm.core import formats as written
from prm.core.db import is_sqlite
from prm.core.errors import Invalid
from prm.core.periods import FIRST, LAST

MOMENT = re.compile(
    r"(?P<day>.+?)[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?P<zone>Z|[+-]\d{2}:?\d{2})?", re.ASCII
)


class Day(Kind):
    """A calendar day, of no time zone."""

    key, label, input, xlsx = "date", "Date", "date", "date"

    def read(self, value, formats):
        return _within(read_day(value if isinstance(value, date) else clean(value), formats.days))

    def store(self, value):
        return value.isoformat()

    def load(self, stored):
        return date.fromisoformat(stored)

    def raw(self, found):
        return date.fromisoformat(found[:10]) if isinstance(found, str) and found else found or None

    def show(self, value, formats):
        return written.day(value, formats.locale)

    def machine(self, value, formats):
        return value.isoformat()


class DateTime(Kind):
    """A moment, aware, in UTC. Typed without a zone it is the organisation's wall clock."""

    key, label, input, xlsx = "datetime", "Date and time", "text", "datetime"

    def read(self, value, formats):
        moment = value if isinstance(value, datetime) else _moment(value, formats)
        _within(moment.date())
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(formats.zone))).astimezone(UTC)

    def store(self, value):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat(" ")

    def load(self, stored):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)

    def path(self, document, key):
        text = fn.NULLIF(document[key].as_text(), "")
        return fn.DATETIME(text) if is_sqlite() else Cast(text, "timestamp")

    def moment(self, value: datetime | str) -> Value:
        """As SQL compares it: UTC without a zone, whether it is held against a column or a custom value."""
        value = datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)
        return Value(value.replace(tzinfo=None), converter=False)

    def raw(self, found):
        if isinstance(found, str):
            found = datetime.fromisoformat(found) if found else None
        return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found

    def show(self, value, formats):
        return written.moment(value, formats.zone, formats.locale)

    def machine(self, value, formats):
        return value.isoformat()

    def typed(self, value, formats):
        local = self.plain(value, formats).replace(microsecond=0)
        return local.isoformat(" ", "seconds" if local.second else "minutes")

    def plain(self, value, formats):
        return value.astimezone(ZoneInfo(formats.zone)).replace(tzinfo=None)


def _within(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise Invalid(f"{day.isoformat()} is out of range: dates go from {FIRST.year} to {LAST.year}.")
    return day


def _moment(value, formats: Formats) -> datetime:
    """`2026-07-31 14:30`, with seconds and a zone where given; a day alone is its midnight."""
    text = clean(value)
    found = None if isinstance(value, date) else MOMENT.fullmatch(text[:80])
    if found is None:
        return datetime.combine(read_day(value if isinstance(value, date) else text, formats.days), time())
    try:
        clock = time(*map(int, found["clock"].split(":")))
        zone = datetime.strptime(found["zone"].replace("Z", "+0000"), "%z").tzinfo if found["zone"] else None
    except ValueError:
        raise Invalid(f"“{text[:40]}” is no date and time. Write 2026-07-31 14:30.") from None
    return datetime.combine(read_day(found["day"], formats.days), clock, zone)
