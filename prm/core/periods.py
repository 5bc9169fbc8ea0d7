"""Periods (month, quarter, fiscal year) and relative dates ("last 4 quarters"), for any first month of the fiscal year.

Keys are `2026-07`, `2026-Q3`, `2026`. With a fiscal year that does not start in January the year is the one in which it
ends. Months are calendar months.
"""
from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
LENGTHS = ("month", "quarter", "year")
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)  # the days that are kept
ASKED = range(FIRST.year - 100, LAST.year + 101)  # wider: weeks, fiscal years and zones reach beyond the kept days
KEY = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])))?", re.ASCII)
COUNTED = re.compile(r"(last|next) (\d{1,4}) (day|week|month|quarter|year|fiscal year)s?", re.ASCII)
NAMED = re.compile(r"(this|last|next) (week|month|quarter|year|fiscal year)")
TO_DATE = re.compile(r"(week|month|quarter|year|fiscal year) to date")
SAME_LAST_YEAR = "same period last year"
MOST = 1200
EXAMPLES = "this month, last 4 quarters, last 90 days, year to date, 2026-Q3 or 2026-01-01..2026-03-31"


@dataclass(frozen=True, order=True)
class Period:
    """`start` and `end` are both inside. `index` counts periods of this length since year 0."""

    start: date
    length: str
    fiscal_month: int = 1

    @property
    def end(self) -> date:
        return self.next().start - timedelta(days=1)

    @property
    def index(self) -> int:
        return _months(self.start, self.length, self.fiscal_month) // MONTHS_IN[self.length]

    @property
    def key(self) -> str:
        at = self.index
        if self.length == "month":
            return f"{at // 12:04d}-{at % 12 + 1:02d}"
        return f"{at // 4:04d}-Q{at % 4 + 1}" if self.length == "quarter" else f"{at:04d}"

    @property
    def label(self) -> str:
        """“July 2026”, “Q3 2026”, “2026”; with another fiscal year “FY2026 Q3”, “FY2026”."""
        at, fiscal = self.index, self.fiscal_month != 1
        if self.length == "month":
            return f"{MONTHS[at % 12]} {at // 12}"
        if self.length == "year":
            return f"FY{at}" if fiscal else str(at)
        year, quarter = divmod(at, 4)
        return f"FY{year} Q{quarter + 1}" if fiscal else f"Q{quarter + 1} {year}"

    def shift(self, count: int) -> Period:
        """`count` periods later (earlier when negative)."""
        return of_index(self.index + count, self.length, self.fiscal_month)

    def next(self) -> Period:
        return self.shift(1)

    def previous(self) -> Period:
        return self.shift(-1)

    def same_last_year(self) -> Period:
        return self.shift(-12 // MONTHS_IN[self.length])

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    def to_date(self, today: date) -> tuple[date, date]:
        """From its start to today, or to its end where that is earlier."""
        return self.start, min(today, self.end)


def _shift_of(length: str, fiscal_month: int) -> int:
    return 0 if length == "month" else (13 - fiscal_month) % 12


def _months(day: date, length: str, fiscal_month: int) -> int:
    return day.year * 12 + day.month - 1 + _shift_of(length, fiscal_month)


def of_index(index: int, length: str, fiscal_month: int = 1) -> Period:
    """The period with this index; ValueError beyond the years 1 and 9999."""
    months = index * MONTHS_IN[length] - _shift_of(length, fiscal_month)
    return Period(date(months // 12, months % 12 + 1, 1), length, fiscal_month)


def period_of(day: date, length: str, fiscal_month: int = 1) -> Period:
    """The period of this length in which `day` lies."""
    return of_index(_months(day, length, fiscal_month) // MONTHS_IN[length], length, fiscal_month)


def parse_period(key: str, fiscal_month: int = 1) -> Period:
    """A period from its key; ValueError with a sentence otherwise."""
    found = KEY.fullmatch(str(key))
    year = int(found[1]) if found else 0
    if year not in ASKED:
        raise ValueError(f"“{str(key)[:40]}” is no period. Write 2026-07, 2026-Q3 or 2026.")
    if found[2]:
        if not 1 <= int(found[2]) <= 12:
            raise ValueError(f"“{key}” is no period: there are twelve months.")
        return of_index(year * 12 + int(found[2]) - 1, "month", fiscal_month)
    if found[3]:
        return of_index(year * 4 + int(found[3]) - 1, "quarter", fiscal_month)
    return of_index(year, "year", fiscal_month)


def last_periods(period: Period, count: int) -> list[Period]:
    """The `count` periods that end with this one, oldest first."""
    return [period.shift(i - count + 1) for i in range(count)]


# ── relative dates ──


def relative(text: str, today: date, fiscal_month: int = 1, week_start: int = 0) -> tuple[date | None, date | None]:
    """First and last day (both inside; None = open) of a relative date, a period key, a day, or `from..to`.

    “last N days” ends today; last N weeks, months, quarters, years are complete ones before the current. “same period
    last year” is the current quarter to date, a year earlier. ValueError with a sentence for anything else.
    """
    text = " ".join(str(text).split()).lower()
    for way in (_day, _range, _to_date, _named, _counted):
        found = way(text, today, fiscal_month, week_start)
        if found:
            return found
    if KEY.fullmatch(text.upper()):
        period = parse_period(text.upper(), fiscal_month)
        return period.start, period.end
    raise ValueError(f"“{text[:60]}” is no date or stretch of time. Examples: {EXAMPLES}.")


def _day(text, today, fiscal_month, week_start):
    near = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if text in near:
        day = today + timedelta(days=near[text])
        return day, day
    day = iso_day(text)
    return (day, day) if day else None


def iso_day(text: str) -> date | None:
    """A day written 2026-07-31 that can be asked for; None otherwise."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in ASKED else None


def _range(text, today, fiscal_month, week_start):
    if ".." not in text:
        return None
    ends = [part.strip() for part in text.split("..", 1)]
    days = [iso_day(part) for part in ends]
    if any(part and not day for part, day in zip(ends, days, strict=True)) or not any(ends):
        raise ValueError(f"“{text[:60]}” is no range of days. Write 2026-01-01..2026-03-31.")
    if all(days) and days[1] < days[0]:
        raise ValueError(f"“{text[:60]}” ends before it begins.")
    return days[0], days[1]


def _to_date(text, today, fiscal_month, week_start):
    if text == SAME_LAST_YEAR:
        return same_last_year(period_of(today, "quarter", fiscal_month).start), same_last_year(today)
    found = TO_DATE.fullmatch(text)
    return (_unit(found[1], today, fiscal_month, week_start, 0)[0], today) if found else None


def same_last_year(day: date) -> date:
    """The same day a year earlier; 29 February becomes the 28th."""
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def _named(text, today, fiscal_month, week_start):
    found = NAMED.fullmatch(text)
    if not found:
        return None
    return _unit(found[2], today, fiscal_month, week_start, ("last", "this", "next").index(found[1]) - 1)


def _unit(unit: str, today: date, fiscal_month: int, week_start: int, shift: int) -> tuple[date, date]:
    if unit == "week":
        monday = today - timedelta(days=(today.weekday() - week_start) % 7) + timedelta(weeks=shift)
        return monday, monday + timedelta(days=6)
    period = period_of(today, unit.removeprefix("fiscal "), fiscal_month).shift(shift)
    return period.start, period.end


def _counted(text, today, fiscal_month, week_start):
    found = COUNTED.fullmatch(text)
    if not found:
        return None
    back, count, unit = found[1] == "last", int(found[2]), found[3]
    if not 1 <= count <= MOST:
        raise ValueError(f"“{text}”: from 1 to {MOST} are possible.")
    if unit == "day":
        return (today - timedelta(days=count - 1), today) if back else (today, today + timedelta(days=count - 1))
    first, last = (-count, -1) if back else (1, count)
    ends = [_unit(unit, today, fiscal_month, week_start, shift) for shift in (first, last)]
    return ends[0][0], ends[1][1]
