"""What a column of raw text holds: the kind of its values, and the format that makes each of them mean one thing.

One value that decides (1,234.50; 25/12/2026) decides for the whole column. Where none does, or two contradict, that is
said with the lines it shows in; nothing is guessed. Identifiers stay text: 00123 is no number.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from prm.catalogue.days import ORDERS, SHORT, read_day
from prm.catalogue.kinds import LONGEST_TEXT, Formats
from prm.catalogue.numbers import LONGEST, readings, tidy, without_currency
from prm.core.errors import Invalid

PADDED = re.compile(r"[+-]?0\d", re.ASCII)
LONG_DIGITS = re.compile(r"\d{16,}", re.ASCII)
EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+")
URL = re.compile(r"(?:https?://|www\.)[^\s.]+\.\S+", re.IGNORECASE)
BOOLS = frozenset(("yes", "no", "true", "false", "y", "n"))
FIGURES, DAYS = ("number", "money", "percent"), ("date", "datetime")
SHOWN = 3

Line = tuple[int, str]


@dataclass(frozen=True)
class Found:
    """`numbers` and `days` are for `Formats`; empty where no choice is needed. `doubt` is a sentence where a person has
    to choose one of `ways`, with the lines that show why."""

    kind: str
    numbers: str = ""
    days: str = ""
    doubt: str = ""
    ways: tuple[str, ...] = ()
    samples: tuple[Line, ...] = ()

    def formats(self, formats: Formats) -> Formats:
        """The same formats, reading this column's values as found."""
        return replace(formats, numbers=self.numbers, days=self.days)


def detect(values: Iterable[Any], kind: str = "", first_line: int = 2) -> Found:
    """What the column is. With `kind` given, only the format is found, from the values that fit the kind: the others
    are refused line by line later."""
    return look(_distinct(values, first_line), kind)


def look(column: dict[Any, int], kind: str = "") -> Found:
    """The same, from each different value (without spaces around it) and the line it is first on."""
    kind = kind or _kind(list(column))
    if kind in FIGURES:
        return _numbers(column, kind)
    return _days(column, kind) if kind in DAYS else Found(kind)


def _distinct(values: Iterable[Any], first_line: int) -> dict[Any, int]:
    """Each filled value with the line it is first on."""
    found: dict[Any, int] = {}
    for line, value in enumerate(values, first_line):
        value = value.strip() if isinstance(value, str) else value
        if value is not None and value != "":
            found.setdefault((type(value), value), line)
    return {value: line for (_, value), line in found.items()}


# ── the kind ──


def _kind(values: list[Any]) -> str:
    """The first kind that every value is of."""
    if not values:
        return "text"
    for key, fits in TESTS.items():
        if all(fits(v) for v in values):
            return key
    return "long_text" if any(isinstance(v, str) and (len(v) > LONGEST_TEXT or "\n" in v) for v in values) else "text"


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    named = PADDED.match(value) or LONG_DIGITS.search(value)
    return not named and len(value) <= LONGEST and bool(readings(tidy(value)))


def _is_percent(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("%") and _is_number(value[:-1].rstrip())


def _is_money(value: Any) -> bool:
    """A number, with a currency beside it or not: a column of bare numbers was found to be numbers before."""
    return _is_number(without_currency(value) if isinstance(value, str) and len(value) <= LONGEST else value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.casefold() in BOOLS)


def _is_date(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.time() == time()
    return isinstance(value, date) or (isinstance(value, str) and any(_day(value, order) for order in ORDERS))


def _is_datetime(value: Any) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and _is_date(_day_part(value)))


def _matches(pattern: re.Pattern) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= 400 and bool(pattern.fullmatch(value))


TESTS: dict[str, Callable[[Any], bool]] = {
    "bool": _is_bool,
    "number": _is_number,
    "percent": _is_percent,
    "date": _is_date,
    "datetime": _is_datetime,
    "money": _is_money,
    "email": _matches(EMAIL),
    "url": _matches(URL),
}


# ── the format ──


def _numbers(column: dict[Any, int], kind: str) -> Found:
    """The formats in which every value is a number; more than one matter only where they read a value differently."""
    bare = {"money": without_currency, "percent": lambda text: text.removesuffix("%")}.get(kind, str)
    read = {v: found for v in column if isinstance(v, str) and (found := _readings(bare(v)))}
    return _choose(column, read, Found(kind), "numbers", "number", none="plain")


def _readings(text: str) -> dict[str, Decimal]:
    return readings(tidy(text)) if len(text) <= LONGEST else {}


def _days(column: dict[Any, int], kind: str) -> Found:
    read = {v: found for v in column if isinstance(v, str) and (found := _orders(_day_part(v)))}
    return _choose(column, read, Found(kind), "days", "date", none="")


def _orders(text: str) -> dict[str, date]:
    """What a text is as a date, by each order in which it is one. Only short forms such as 03/04/2026 depend on it."""
    if not SHORT.fullmatch(text):
        day = _day(text, "")
        return dict.fromkeys(("", "dmy", "mdy"), day) if day else {}
    return {order: day for order in ("dmy", "mdy") if (day := _day(text, order))}


def _choose(column: dict[Any, int], read: dict[str, dict], found: Found, part: str, noun: str, none: str) -> Found:
    """The one format that all values allow; a doubt where several differ or none is left."""
    if not read:
        return found
    left = [form for form in next(iter(read.values())) if all(form in ways for ways in read.values())]
    if not left:
        return replace(found, **_doubt(column, _clash(read), f"mixes {noun} formats", ()))
    differing = [v for v, ways in read.items() if len({ways[form] for form in left}) > 1]
    if differing:
        ways = tuple(form for form in left if form != none)
        return replace(found, **_doubt(column, differing, f"has {noun}s that can be read in two ways", ways))
    return replace(found, **{part: "" if none in left else left[0]})


def _clash(read: dict[str, dict]) -> list[str]:
    """Two values that no one format can read."""
    items = list(read.items())
    first = min(items, key=lambda item: len(item[1]))
    return [first[0], next((v for v, ways in items if not set(ways) & set(first[1])), items[-1][0])]


def _doubt(column: dict[Any, int], values: list[str], what: str, ways: tuple[str, ...]) -> dict[str, Any]:
    samples = tuple(sorted((column[v], v[:40]) for v in values[:SHOWN]))
    lines = ", ".join(f"“{text}” in line {line}" for line, text in samples)
    return {"doubt": f"The column {what}: {lines}.", "ways": ways, "samples": samples}


def _day(text: str, order: str) -> date | None:
    try:
        return read_day(text, order)
    except Invalid:
        return None


def _day_part(text: str) -> str:
    """`31.12.2026 14:30` -> `31.12.2026`; other texts unchanged."""
    return re.sub(r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$", "", text, flags=re.ASCII)
