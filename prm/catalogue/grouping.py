"""Groups: a date by month, a number in ranges, a choice in sets, a link by the row it leads to.

Each gives an SQL expression to group by, and reads what comes back into the value a person sees and the filters that
lead to the rows behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from peewee import SQL, Case, Cast, DateField, Value, fn

from prm.catalogue.question import Bucket, Condition, Filter, Group, Within
from prm.catalogue.source import Bound, Source
from prm.core import clock
from prm.core.db import is_sqlite
from prm.core.errors import Invalid
from prm.core.periods import parse_period

OTHER, EMPTY = "Other", "Empty"


@dataclass(frozen=True)
class Grouping:
    """`expression` is grouped by, `title` shown where the value alone is an id."""

    group: Group
    bound: Bound
    expression: Any
    title: Any = None
    order: dict | None = None  # value -> position, for choices and buckets
    labels: dict | None = None
    each: Callable[[Any], Any] | None = None  # how several choices are read: each by its label
    of_day: Callable[[Any], Any] | None = None  # the same expression of a day as text, where the field is a column of days

    @property
    def key(self) -> str:
        return self.group.key

    @property
    def kind_key(self) -> str:
        if self.group.by:
            return "period"
        return "text" if self.labels or self.title is not None else self.bound.field.kind_key


def grouping(source: Source, group: Group) -> Grouping:
    """How to group by this field for this viewer."""
    bound = source.bind(group.field)
    kind = bound.field.kind
    if group.buckets:
        return _buckets(source, group, bound)
    if kind.key in ("date", "datetime"):
        of_day = partial(_of_day, by=group.by, source=source) if group.by and isinstance(bound.column, DateField) else None
        return Grouping(group, bound, by_length(bound, group.by or "day", source), of_day=of_day)
    if group.by:
        raise Invalid(f"{bound.label} is no date: it cannot be grouped by {group.by}.")
    if bound.field.link:
        return Grouping(group, bound, bound.column, source.title(bound))
    if kind.key == "choices":
        return Grouping(group, bound, fn.NULLIF(Cast(bound.column, "text"), "[]"), each=bound.field.labelled(source.options(bound.field)))
    if bound.field.options:
        options = source.options(bound.field)
        order = {o.value: i for i, o in enumerate(options)}
        return Grouping(
            group, bound, _filled(bound.column, kind), order=order, labels={o.value: o.label for o in options}
        )
    if not kind.groupable:
        raise Invalid(f"{bound.label} cannot be grouped by.")
    return Grouping(group, bound, _filled(bound.comparable, kind))


def _filled(column, kind):
    """An empty text is empty, not a group of its own."""
    return fn.NULLIF(column, "") if kind.key not in ("number", "money", "percent", "bool", "choice") else column


# ── dates ──


def by_length(bound: Bound, by: str, source: Source):
    """Month, quarter and year as whole numbers (months since year 0, fiscal quarters, fiscal years); days as ISO text."""
    column = bound.column
    day = local_text(column, source.formats.zone) if bound.field.kind_key == "datetime" else Cast(column, "text")
    return _of_day(day, by, source)


def _of_day(day, by: str, source: Source):
    if by == "day":
        return fn.SUBSTR(day, 1, 10)
    if by == "week":
        return _monday(day)
    year, month = (Cast(fn.SUBSTR(day, *part), "integer") for part in ((1, 4), (6, 2)))
    index = year * 12 + month - 1
    if by == "month":
        return index
    shift = (13 - source.formats.fiscal_month) % 12
    return (index + shift) / SQL("3") if by == "quarter" else (index + shift) / SQL("12")


def _monday(day):
    if is_sqlite():
        return fn.DATE(day, "weekday 0", "-6 days")
    return fn.SUBSTR(Cast(fn.DATE_TRUNC("week", Cast(day, "date")), "text"), 1, 10)


def local_text(column, zone: str):
    """A UTC moment as the organisation's wall clock, as text: date boundaries are that zone's. Right from 2015 on."""
    steps = _offsets(zone, clock.now().year + 1)
    branches = [(column < Value(start, converter=False), _shifted(column, minutes)) for start, minutes in steps[1]]
    return Case(None, branches, _shifted(column, steps[0])) if branches else _shifted(column, steps[0])


def _shifted(column, minutes: int):
    if is_sqlite():
        return fn.DATETIME(column, f"{minutes:+d} minutes")
    return Cast(column + SQL(f"INTERVAL '{minutes:d} minutes'"), "text")


@lru_cache(maxsize=64)
def _offsets(zone: str, until: int) -> tuple[int, list[tuple[datetime, int]]]:
    """The last offset in minutes, and (end, offset) of each stretch before it from 2015 to the year `until`."""
    tz, at = ZoneInfo(zone), datetime(2015, 1, 1, tzinfo=UTC)
    found, last = [], _minutes(at, tz)
    while at.year <= until:
        step = timedelta(days=1) if _minutes(at + timedelta(days=1), tz) == last else timedelta(minutes=15)
        at += step
        if _minutes(at, tz) != last:
            found.append((at.replace(tzinfo=None), last))
            last = _minutes(at, tz)
    return last, found


def _minutes(at: datetime, tz: ZoneInfo) -> int:
    return int(at.astimezone(tz).utcoffset().total_seconds() // 60)


# ── buckets ──


def _buckets(source: Source, group: Group, bound: Bound) -> Grouping:
    """Each row falls in exactly one: the first bucket that takes it, else Other, else Empty."""
    branches = []
    column = bound.comparable
    for index, bucket in enumerate(group.buckets):
        branches.append((_inside(source, bound, column, bucket), index))
    last = len(group.buckets)
    branches.insert(0, (source.condition(Filter(group.field, "is empty")), last + 1))
    labels = {i: b.name for i, b in enumerate(group.buckets)} | {last: OTHER, last + 1: EMPTY}
    order = {i: i for i in labels}
    return Grouping(group, bound, Case(None, branches, last), order=order, labels=labels)


def _inside(source: Source, bound: Bound, column, bucket: Bucket):
    parts = []
    if bucket.values:
        parts.append(source.condition(Filter(bound.path, "is any of", list(bucket.values))))
    if bucket.start is not None:
        parts.append(source.condition(Filter(bound.path, "at least", bucket.start)))
    if bucket.below is not None:
        parts.append(source.condition(Filter(bound.path, "below", bucket.below)))
    if not parts:
        raise Invalid(f"The bucket “{bucket.name}” needs “from”, “below” or “values”.")
    whole = parts[0]
    for part in parts[1:]:
        whole &= part
    return whole


# ── reading what comes back ──


def read(grouping: Grouping, raw, title, formats) -> Any:
    """The value of a group as a person knows it: a period key, a label, a title; None for empty."""
    if grouping.labels is not None:
        return grouping.labels.get(raw) if raw is not None else None
    if raw is None:
        return None
    if grouping.title is not None:
        return title
    by = grouping.group.by or ("day" if grouping.bound.field.kind_key in ("date", "datetime") else "")
    if by in ("day", "week"):
        return str(raw)  # peewee may have made a date of it
    if by:
        return period_key(int(raw), by)
    return (grouping.each or grouping.bound.field.kind.raw)(raw)


def period_key(index: int, by: str) -> str:
    if by == "month":
        return f"{index // 12:04d}-{index % 12 + 1:02d}"
    return f"{index // 4:04d}-Q{index % 4 + 1}" if by == "quarter" else f"{index:04d}"


def behind(grouping: Grouping, raw, value, formats) -> tuple[Condition, ...]:
    """The filters that lead to exactly the rows of this group."""
    path = grouping.group.field
    if grouping.group.buckets:
        return (Within(grouping.group, raw),)
    if raw is None:
        return (Filter(path, "is empty"),)
    by = grouping.group.by
    if by == "week":
        return (Filter(path, "in", f"{value}..{datetime.fromisoformat(value).date() + timedelta(days=6)}"),)
    if by in ("month", "quarter", "year"):
        period = parse_period(value, formats.fiscal_month)
        return (Filter(path, "in", f"{period.start}..{period.end}"),)
    if grouping.bound.field.kind_key in ("date", "datetime"):
        return (Filter(path, "in", value),)
    if grouping.title is not None:
        return (Filter(path, "is", int(raw)),)
    return (Filter(path, "is exactly", value),)
