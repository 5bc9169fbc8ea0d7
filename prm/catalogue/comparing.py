"""How a column is held against a value, as SQL that means the same on SQLite and PostgreSQL.

Text is compared without regard to case: letters beyond ASCII in the usual spellings (é, É, Émile, ÉMILE), as LOWER
knows only ASCII on SQLite.
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

LONGEST = 200


# ── whole values ──


def same(column, value):
    """Equal; a name that means several records equals any of them."""
    return column.in_(value) if isinstance(value, list) else column == value


def any_of(column, values: list):
    return column.in_(values)


def or_empty(make: Callable) -> Callable:
    return lambda column, value: column.is_null() | ~make(column, value)


# ── text ──


def folded(column):
    """Lower case of the ASCII letters, the same on both databases."""
    return fn.LOWER(column if is_sqlite() else column.collate('"C"'))


def spellings(text: str) -> list[str]:
    """How the text may stand in a folded column: one way for ASCII, the usual ones for other letters."""
    ways = (text, text.lower(), text.upper(), text.title(), text.capitalize())
    return list(dict.fromkeys("".join(c.lower() if c.isascii() else c for c in way) for way in ways))


def same_text(column, value: str):
    return same_text_any(column, [value])


def same_text_any(column, values: list[str]):
    return folded(column).in_([way for value in values for way in spellings(value)])


def contains(column, text: str):
    return _like(column, text, before="%")


def starts_with(column, text: str):
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


def holds(column, values: list[str]):
    """The list has at least one of the values."""
    each, one = fn.json_each(column), "one"
    if not is_sqlite():
        each, one = fn.jsonb_array_elements_text(_list(column)), "one(value)"
    wanted = EnclosedNodeList([Value(v, converter=False) for v in values])
    return fn.EXISTS(NodeList((SQL("SELECT 1 FROM"), each, SQL(f"AS {one} WHERE one.value IN"), wanted)))


def _list(column):
    """Anything but a list counts as an empty one; PostgreSQL would refuse to walk it."""
    return NodeList((SQL("CASE WHEN jsonb_typeof("), column, SQL(") = 'array' THEN"), column, SQL("ELSE '[]' END")))


def exactly(column, values: list[str]):
    """The list has these values and no others."""
    wanted = Value(json.dumps(sorted(values)), converter=False)
    if is_sqlite():
        return fn.json(NodeList((column,))) == fn.json(wanted)
    return NodeList((column,)) == Cast(wanted, "jsonb")


def no_choice(column, _=None):
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


def stretch(value, kind: Kind, formats: Formats, today: date) -> Stretch:
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


def during(column, when: Stretch):
    parts = [] if when.start is None else [column >= when.start]
    return reduce(and_, parts if when.end is None else [*parts, column < when.end])
