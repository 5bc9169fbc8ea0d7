"""What can be asked of a value: data before branches, one line an operator.

“is not”, “is none of” and “does not contain” include empty rows, as a person expects; every other comparison leaves
them out. Text is compared without regard to case: letters beyond ASCII in the usual spellings (é, É, Émile, ÉMILE), as
LOWER knows only ASCII on SQLite.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

from peewee import OP, SQL, Cast, EnclosedNodeList, Expression, NodeList, Value, fn

from prm.catalogue.kinds import Formats, Kind
from prm.core.db import is_sqlite
from prm.core.errors import Invalid
from prm.core.periods import relative

TEXTS = ("text", "long_text", "email", "url")
NUMBERS = ("number", "money", "percent", "formula")
DATES = ("date", "datetime")
LISTS = ("choices",)
ONES = ("choice", "link")
ALL = (*TEXTS, *NUMBERS, *DATES, *ONES, "bool")
LONGEST, MOST_VALUES = 200, 500


@dataclass(frozen=True)
class Operator:
    """`arity`: 0 none, 1 one value, 2 two, "many" a list. `relative`: the value is a day or a stretch of time in words.
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
        if isinstance(value, list) and len(value) > MOST_VALUES:
            raise Invalid(f"At most {MOST_VALUES} values can be compared at once.")
        if kind.textual:
            column = fn.NULLIF(column, "")
        if self.relative:
            value = _stretch(value, kind, formats, today)
        elif kind.key == "datetime" and self.arity:
            value = [kind.moment(v) for v in value] if isinstance(value, list) else kind.moment(value)
        return self.make(column, value)


# ── whole values ──


def _same(column, value):
    """Equal; a name that means several records equals any of them."""
    return column.in_(value) if isinstance(value, list) else column == value


def _any(column, values: list):
    return column.in_(values)


def _or_empty(make: Callable) -> Callable:
    return lambda column, value: column.is_null() | ~make(column, value)


# ── text ──


def folded(column):
    """Lower case of the ASCII letters, the same on both databases."""
    return fn.LOWER(column if is_sqlite() else column.collate('"C"'))


def spellings(text: str) -> list[str]:
    """How the text may stand in a folded column: one way for ASCII, the usual ones for other letters."""
    ways = (text, text.lower(), text.upper(), text.title(), text.capitalize())
    return list(dict.fromkeys("".join(c.lower() if c.isascii() else c for c in way) for way in ways))


def _text_is(column, value: str):
    return _text_any(column, [value])


def _text_any(column, values: list[str]):
    return folded(column).in_([way for value in values for way in spellings(value)])


def contains(column, text: str):
    return _like(column, text, before="%")


def _starts(column, text: str):
    return _like(column, text, before="")


def _like(column, text: str, before: str):
    """LIKE with the wildcards of what was typed made harmless: 50% finds 50%."""
    return reduce(or_, [_one_like(column, before, way) for way in spellings(text[:LONGEST])])


def _one_like(column, before: str, text: str):
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    wanted = Value(f"{before}{text}%", converter=False)
    # ILIKE, as peewee makes GLOB of LIKE on SQLite.
    return Expression(folded(column), OP.ILIKE, NodeList((wanted, SQL("ESCAPE '\\'"))))


# ── several choices, a list in JSON ──


def _holds(column, values: list[str]):
    """The list has at least one of the values."""
    each, one = (fn.json_each(column), "one") if is_sqlite() else (fn.jsonb_array_elements_text(_list(column)), "one(value)")
    wanted = EnclosedNodeList([Value(v, converter=False) for v in values])
    return fn.EXISTS(NodeList((SQL("SELECT 1 FROM"), each, SQL(f"AS {one} WHERE one.value IN"), wanted)))


def _list(column):
    """Anything but a list counts as an empty one; PostgreSQL would refuse to walk it."""
    return NodeList((SQL("CASE WHEN jsonb_typeof("), column, SQL(") = 'array' THEN"), column, SQL("ELSE '[]' END")))


def _exactly(column, values: list[str]):
    """The list has these values and no others."""
    wanted = Value(json.dumps(sorted(values)), converter=False)
    if is_sqlite():
        return fn.json(NodeList((column,))) == fn.json(wanted)
    return NodeList((column,)) == Cast(wanted, "jsonb")


def _no_choice(column, _=None):
    return fn.COALESCE(Cast(column, "text"), "null").in_(["[]", "null"])


# ── days and moments ──


@dataclass(frozen=True)
class Stretch:
    """From `start` (inside) to `end` (outside), as the database compares them; None where it is open."""

    start: Any
    end: Any

    def need(self, end: str):
        found = getattr(self, end)
        if found is None:
            raise Invalid("That stretch of time has an open end; name a day.")
        return found


def _stretch(value, kind: Kind, formats: Formats, today: date) -> Stretch:
    """From a day, a moment, a period key, a range or relative words; in the organisation's zone."""
    try:
        first, last = relative(str(value), today, formats.fiscal_month)
    except (ValueError, OverflowError) as unknown:
        return _typed(value, kind, formats, str(unknown))
    after = last and last + timedelta(days=1)
    if kind.key == "date":
        return Stretch(first and first.isoformat(), after and after.isoformat())
    zone = ZoneInfo(formats.zone)
    return Stretch(*(day and kind.moment(datetime.combine(day, time(), zone)) for day in (first, after)))


def _typed(value, kind: Kind, formats: Formats, why: str) -> Stretch:
    """A day or moment in one of the ways people type them; a moment lasts its minute, or its second."""
    try:
        found = kind.parse(value, formats)
    except Invalid:
        found = None
    if found is None:
        raise Invalid(why)
    if kind.key == "date":
        return Stretch(found.isoformat(), (found + timedelta(days=1)).isoformat())
    length = timedelta(seconds=1) if found.second else timedelta(minutes=1)
    return Stretch(kind.moment(found), kind.moment(found + length))


def _during(column, stretch: Stretch):
    parts = [] if stretch.start is None else [column >= stretch.start]
    return reduce(and_, parts if stretch.end is None else [*parts, column < stretch.end])


# A later line is looked at only where the ones before do not fit the kind.
OPERATORS = (
    Operator("is", TEXTS, _text_is, also=("=", "==", "equals")),
    Operator("is", DATES, _during, relative=True, also=("=", "==", "equals", "on", "is exactly")),
    Operator("is", LISTS, _holds, "many", also=("=", "==", "contains", "is any of", "any of", "has", "includes"), words="includes"),
    Operator("is", (*NUMBERS, *ONES, "bool"), _same, also=("=", "==", "equals", "is exactly")),
    Operator("is exactly", TEXTS, lambda c, v: c == v, words="is"),
    Operator("is exactly", LISTS, _exactly, "many", words="is"),
    Operator("is not", TEXTS, _or_empty(_text_is), also=("!=", "<>")),
    Operator("is not", DATES, _or_empty(_during), relative=True, also=("!=", "<>", "not in", "is not in")),
    Operator("is not", LISTS, _or_empty(_holds), "many", also=("!=", "<>", "does not contain", "not contains", "is none of", "none of"), words="does not include"),
    Operator("is not", (*NUMBERS, *ONES, "bool"), _or_empty(_same), also=("!=", "<>")),
    Operator("is any of", TEXTS, _text_any, "many", also=("any of", "in"), words="is"),
    Operator("is any of", (*NUMBERS, *ONES, "date", "bool"), _any, "many", also=("any of",), words="is"),
    Operator("is none of", TEXTS, _or_empty(_text_any), "many", also=("none of", "not in"), words="is not"),
    Operator("is none of", (*NUMBERS, *ONES, "date", "bool"), _or_empty(_any), "many", also=("none of",), words="is not"),
    Operator("contains", TEXTS, contains, textual=True),
    Operator("does not contain", TEXTS, _or_empty(contains), textual=True, also=("not contains",)),
    Operator("starts with", TEXTS, _starts, textual=True, also=("begins with",)),
    Operator("above", NUMBERS, lambda c, v: c > v, also=(">", "is above", "more than", "greater than"), words="is above"),
    Operator("at least", NUMBERS, lambda c, v: c >= v, also=(">=", "is at least"), words="is at least"),
    Operator("below", NUMBERS, lambda c, v: c < v, also=("<", "is below", "less than"), words="is below"),
    Operator("at most", NUMBERS, lambda c, v: c <= v, also=("<=", "is at most"), words="is at most"),
    Operator("between", (*NUMBERS, *DATES), lambda c, v: (c >= v[0]) & (c <= v[1]), 2, also=("is between",), words="is between"),
    Operator("in", DATES, _during, relative=True, also=("during", "is in", "within"), words="is in"),
    Operator("before", DATES, lambda c, v: c < v.need("start"), relative=True, also=("<", "is before", "below"), words="is before"),
    Operator("after", DATES, lambda c, v: c >= v.need("end"), relative=True, also=(">", "is after", "above"), words="is after"),
    Operator("on or before", DATES, lambda c, v: c < v.need("end"), relative=True, also=("<=", "until", "at most"), words="is on or before"),
    Operator("on or after", DATES, lambda c, v: c >= v.need("start"), relative=True, also=(">=", "since", "from", "at least"), words="is on or after"),
    Operator("is yes", ("bool",), lambda c, v: _same(c, True), 0, also=("yes", "is true")),
    Operator("is no", ("bool",), lambda c, v: _same(c, False), 0, also=("no", "is false")),
    Operator("is empty", LISTS, _no_choice, 0, also=("empty",)),
    Operator("is empty", ALL, lambda c, v: c.is_null(), 0, also=("empty",)),
    Operator("is not empty", LISTS, lambda c, v: ~_no_choice(c), 0, also=("not empty", "is filled")),
    Operator("is not empty", ALL, lambda c, v: c.is_null(False), 0, also=("not empty", "is filled")),
)  # fmt: skip


def fitting(kind: Kind) -> list[Operator]:
    """The operators there are for a kind, in the order a person is offered them."""
    return [o for o in OPERATORS if kind.key in o.kinds and o.key != "is exactly"]


def find(text: str, kind: Kind) -> Operator:
    """The operator meant by `text` for this kind; Invalid lists those there are."""
    wanted = " ".join(str(text)[:60].lower().replace("_", " ").split())
    known = [o for o in OPERATORS if kind.key in o.kinds]
    for operator in known:
        if wanted == operator.key or wanted in operator.also:
            return operator
    raise Invalid(f"“{str(text)[:40]}” cannot be asked here. Possible: {', '.join(o.key for o in fitting(kind))}.")

