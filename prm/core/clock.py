"""The one source of "now". Tests travel in time; nothing else calls datetime.now()."""
from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The time zone with this IANA name."""
    return ZoneInfo(name)


def today(zone: str) -> date:
    """The calendar day it is in `zone` (an IANA name): date boundaries are the organisation's, not the server's."""
    return now().astimezone(ZoneInfo(zone)).date()
