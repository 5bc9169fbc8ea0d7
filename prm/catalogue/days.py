"""Dates as people write them in spreadsheets: in a column one finds whether 03/04/2026 is in March or April; nobody
guesses."""
from __future__ import annotations

import re
from datetime import date, datetime

from prm.core.errors import Invalid
from prm.core.periods import MONTHS as NAMES

ORDERS = {"ymd": "2026-12-31", "dmy": "31.12.2026", "mdy": "12/31/2026"}
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
WORDS = re.compile(r"(\d{1,2})[. -]+([A-Za-z]{3,9})\.?[ -]+(\d{4})|([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
MONTHS = tuple(name.lower() for name in NAMES)
MIDNIGHT = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?Z?$")


def read_day(value, order: str = "") -> date:
    """A date from a cell; Invalid where it is none, or where day and month could be swapped."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = MIDNIGHT.sub("", str(value).strip()[:60])
    try:
        found = _read(text, order)
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"“{str(value)[:40]}” is no date. Write 2026-12-31.")
    return found


def _read(text: str, order: str) -> date | None:
    if iso := ISO.fullmatch(text):
        return date(*map(int, iso.groups()))
    if short := SHORT.fullmatch(text):
        return _short(tuple(map(int, short.groups())), order, text)
    if words := WORDS.fullmatch(text):
        day, month, year = (words[1], words[2], words[3]) if words[1] else (words[5], words[4], words[6])
        at = next((i for i, name in enumerate(MONTHS) if month.lower() in (name, name[:3], name[:4])), None)
        return date(int(year), at + 1, int(day)) if at is not None else None
    return None


def _short(numbers: tuple[int, ...], order: str, text: str) -> date:
    first, second, year = numbers
    if order == "mdy" or (not order and second > 12):
        return date(year, first, second)
    if order == "dmy" or first > 12 or first == second:
        return date(year, second, first)
    raise Invalid(f"“{text}” can be read in two ways. Choose the date format of this column.")
