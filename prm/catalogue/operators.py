"""What can be asked of a value: data before branches, one line an operator.

“is not” and “is none of” include empty rows, as a person expects; every other comparison leaves them out.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import OP, SQL, Cast, Expression, NodeList, Value, fn

from prm.catalogue.kinds import Formats, Kind
from prm.core.errors import Invalid
from prm.core.periods import relative

TEXTS = ("text", "long_text", "email", "url")
NUMBERS = ("number", "money", "percent", "formula")
DATES = ("date", "datetime")
LISTS = ("choices",)
ALL = (*TEXTS, *NUMBERS, *DATES, "choice", "bool", "link")


@dataclass(frozen=True)
class Operator:
    """`arity`: 0 none, 1 one value, 2 two, "many" a list. `relative`: the value is a stretch of time in words.
    `textual`: the value is a piece of text, not a whole value. `make(column, value)` gives the SQL."""

    key: str
    kinds: tuple[str, ...]
    make: Callable[[Any, Any], Any]
    arity: int | str = 1
    relative: bool = False
    textual: bool = False
    also: tuple[str, ...] = ()
    words: str = ""

    @property
    def label(self) -> str:
        return self.words or self.key

    def build(self, column, value, kind: Kind, formats: Formats, today: date):
        """The condition on `column` (typed by its kind), with a value as it is stored."""
        if self.relative:
            return _during(column, value, kind, formats, today)
        if kind.key == "datetime" and self.arity and self.key not in ("is", "is not"):
            return self.make(column, _moments(value))
        return self.make(_comparable(column, kind), value)


def _comparable(column, kind: Kind):
    if kind.key == "choices":
        return Cast(column, "text")
    return fn.NULLIF(column, "") if kind.textual else column


def _moments(value):
    return [datetime.fromisoformat(v) for v in value] if isinstance(value, list) else datetime.fromisoformat(value)


def _values(value) -> list:
    return value if isinstance(value, list) else [value]


def _same(column, value):
    """Equal; a name that means several records equals any of them. Text is compared without regard to case."""
    if isinstance(value, list):
        return column.in_(value)
    return fn.LOWER(column) == value.lower() if isinstance(value, str) and not _dated(value) else column == value


def _dated(value: str) -> bool:
    return len(value) in (10, 19) and value[4:5] == "-" and value[7:8] == "-"


def _any(column, values):
    texts = [v.lower() for v in values if isinstance(v, str) and not _dated(v)]
    return fn.LOWER(column).in_(texts) if texts else column.in_(values or [None])


def like(column, pattern_of: Callable[[str], str], text: str):
    """LIKE without regard to case, the wildcards in what was typed made harmless: 50% finds 50%."""
    for special in "\\%_":
        text = text[:200].replace(special, "\\" + special)
    pattern = Value(pattern_of(text.lower()))
    return Expression(fn.LOWER(column), OP.ILIKE, NodeList((pattern, SQL("ESCAPE '\\'"))))


def contains(column, text):
    return like(column, lambda t: f"%{t}%", text)


def _holds(column, values):
    """A list in JSON text holds one of the values."""
    import json

    found = [like(column, lambda t: f"%{t}%", json.dumps(v, ensure_ascii=True)) for v in _flat(values)]
    found += [like(column, lambda t: f"%{t}%", json.dumps(v, ensure_ascii=False)) for v in _flat(values) if not v.isascii()]
    whole = found[0]
    for each in found[1:]:
        whole |= each
    return whole


def _flat(values) -> list[str]:
    return [v for value in _values(values) for v in (value if isinstance(value, list) else [value])]


def _or_empty(make: Callable) -> Callable:
    return lambda column, value: column.is_null() | ~make(column, value)


def _empty_list(column, _):
    return column.is_null() | (column == "[]")


OPERATORS = (
    Operator("is", (*TEXTS, *NUMBERS, *DATES, "choice", "bool", "link"), _same, also=("=", "==", "equals")),
    Operator("is not", (*TEXTS, *NUMBERS, *DATES, "choice", "bool", "link"), _or_empty(_same), also=("!=", "<>")),
    Operator("is any of", (*TEXTS, *NUMBERS, "date", "choice", "link", "bool"), _any, "many", also=("any of", "in list"), words="is"),
    Operator("is none of", (*TEXTS, *NUMBERS, "date", "choice", "link"), _or_empty(_any), "many", also=("none of",), words="is not"),
    Operator("contains", TEXTS, contains, textual=True),
    Operator("does not contain", TEXTS, _or_empty(contains), textual=True, also=("not contains",)),
    Operator("starts with", TEXTS, lambda c, v: like(c, lambda t: f"{t}%", v), textual=True),
    Operator("above", NUMBERS, lambda c, v: c > v, also=(">", "is above", "more than", "greater than"), words="is above"),
    Operator("at least", NUMBERS, lambda c, v: c >= v, also=(">=", "is at least"), words="is at least"),
    Operator("below", NUMBERS, lambda c, v: c < v, also=("<", "is below", "less than"), words="is below"),
    Operator("at most", NUMBERS, lambda c, v: c <= v, also=("<=", "is at most"), words="is at most"),
    Operator("between", (*NUMBERS, "date", "datetime"), lambda c, v: c.between(v[0], v[1]), 2, also=("is between",), words="is between"),
    Operator("in", DATES, lambda c, v: c, relative=True, also=("during", "is in", "within")),
    Operator("before", DATES, lambda c, v: c < v, also=("<", "is before"), words="is before"),
    Operator("after", DATES, lambda c, v: c > v, also=(">", "is after"), words="is after"),
    Operator("on or before", DATES, lambda c, v: c <= v, also=("<=", "until", "at most"), words="is on or before"),
    Operator("on or after", DATES, lambda c, v: c >= v, also=(">=", "since", "from", "at least"), words="is on or after"),
    Operator("contains", LISTS, _holds, "many", also=("is", "is any of", "any of", "has"), words="includes"),
    Operator("does not contain", LISTS, _or_empty(_holds), "many", also=("is not", "is none of", "none of"), words="does not include"),
    Operator("is empty", ALL, lambda c, v: c.is_null(), 0, also=("empty",)),
    Operator("is not empty", ALL, lambda c, v: c.is_null(False), 0, also=("not empty", "is filled")),
    Operator("is empty", LISTS, _empty_list, 0, also=("empty",)),
    Operator("is not empty", LISTS, lambda c, v: ~_empty_list(c, v), 0, also=("not empty",)),
)  # fmt: skip


def find(text: str, kind: Kind) -> Operator:
    """The operator meant by `text` for this kind; Invalid lists those there are."""
    wanted = " ".join(str(text).lower().replace("_", " ").split())
    fitting = [o for o in OPERATORS if kind.key in o.kinds]
    for operator in fitting:
        if wanted == operator.key or wanted in operator.also:
            return operator
    raise Invalid(f"“{str(text)[:40]}” cannot be asked here. Possible: {', '.join(o.key for o in fitting)}.")


def _during(column, value, kind: Kind, formats: Formats, today: date):
    """From the first to the last day, both inside; for moments, in the organisation's zone."""
    try:
        first, last = relative(str(value), today, formats.fiscal_month)
    except (ValueError, OverflowError) as error:
        raise Invalid(str(error)) from None
    moments = kind.key == "datetime"
    parts = []
    if first:
        parts.append(column >= (_start_of(first, formats.zone) if moments else first.isoformat()))
    if last:
        parts.append(column < _start_of(last + timedelta(days=1), formats.zone) if moments else column <= last.isoformat())
    whole = parts[0]
    for part in parts[1:]:
        whole &= part
    return whole


def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
