"""What can be asked of a value: data before branches, one line an operator. The SQL behind each is in comparing.py.

“is not”, “is none of” and “does not contain” include empty rows, as a person expects; every other comparison leaves
them out.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import fn

from prm.catalogue.comparing import (
    any_of, contains, during, exactly, holds, no_choice, or_empty, same, same_text, same_text_any, starts_with, stretch,
)  # fmt: skip
from prm.catalogue.kinds import Formats, Kind, clean
from prm.core.errors import Invalid

TEXTS = ("text", "long_text", "email", "url")
NUMBERS = ("number", "money", "percent", "formula")
DATES = ("date", "datetime")
LISTS = ("choices",)
ONES = ("choice", "link")
ALL = (*TEXTS, *NUMBERS, *DATES, *ONES, "bool")
MOST_VALUES = 500


@dataclass(frozen=True)
class Operator:
    """`arity`: 0 none, 1 one value, 2 two, "many" a list. `relative`: the value is a day or a stretch of time in words.
    `textual`: the value is a piece of text, not a whole value. `make(column, value)` gives the SQL. `label` says it."""

    key: str
    kinds: tuple[str, ...]
    make: Callable[[Any, Any], Any]
    arity: int | str = 1
    label: str = ""
    also: tuple[str, ...] = ()
    relative: bool = False
    textual: bool = False

    def build(self, column, value, kind: Kind, formats: Formats, today: date):
        """The condition on `column` (typed by its kind), with a value as it is stored."""
        if self.arity == "many" and not value:
            raise Invalid(f"“{self.label}” needs a value.")
        if isinstance(value, list) and len(value) > MOST_VALUES:
            raise Invalid(f"At most {MOST_VALUES} values can be compared at once.")
        if kind.textual:
            column = fn.NULLIF(column, "")
        if self.textual:
            value = clean(value)
        if self.relative:
            value = stretch(value, kind, formats, today)
        elif kind.key == "datetime" and self.arity:
            value = [kind.moment(v) for v in value] if isinstance(value, list) else kind.moment(value)
        return self.make(column, value)


IS, NOT = ("=", "==", "equals"), ("!=", "<>")
HAS, HAS_NOT = ("contains", "is any of", "any of", "has"), ("does not contain", "not contains", "is none of", "none of")


def op(key: str, kinds: tuple[str, ...], make: Callable, arity: int | str = 1, also=(), label="", textual=False):
    return Operator(key, kinds, make, arity, label or key, also, textual=textual)


def span(key: str, make: Callable, *also: str, label: str = "") -> Operator:
    """Asked of days and moments; the value is a day, a moment or words such as “last 4 quarters”."""
    return Operator(key, DATES, make, 1, label or key, also, relative=True)


# Of lines with one key a kind has at most one.
OPERATORS = (
    op("is", TEXTS, same_text, also=IS),
    op("is", (*NUMBERS, *ONES, "bool"), same, also=(*IS, "is exactly")),
    op("is", LISTS, holds, "many", also=(*IS, *HAS), label="includes"),
    span("is", during, *IS, "on", "is exactly"),
    op("is not", TEXTS, or_empty(same_text), also=NOT),
    op("is not", (*NUMBERS, *ONES, "bool"), or_empty(same), also=NOT),
    op("is not", LISTS, or_empty(holds), "many", also=(*NOT, *HAS_NOT), label="does not include"),
    span("is not", or_empty(during), *NOT, "not in"),
    op("is exactly", TEXTS, lambda c, v: c == v, label="is"),
    op("is exactly", LISTS, exactly, "many", label="is"),
    op("is any of", TEXTS, same_text_any, "many", also=("any of", "in"), label="is"),
    op("is any of", (*NUMBERS, *ONES, "date", "bool"), any_of, "many", also=("any of",), label="is"),
    op("is none of", TEXTS, or_empty(same_text_any), "many", also=("none of", "not in"), label="is not"),
    op("is none of", (*NUMBERS, *ONES, "date", "bool"), or_empty(any_of), "many", also=("none of",), label="is not"),
    op("contains", TEXTS, contains, textual=True),
    op("does not contain", TEXTS, or_empty(contains), also=("not contains",), textual=True),
    op("starts with", TEXTS, starts_with, also=("begins with",), textual=True),
    op("above", NUMBERS, lambda c, v: c > v, also=(">", "is above", "more than", "greater than"), label="is above"),
    op("at least", NUMBERS, lambda c, v: c >= v, also=(">=", "is at least"), label="is at least"),
    op("below", NUMBERS, lambda c, v: c < v, also=("<", "is below", "less than"), label="is below"),
    op("at most", NUMBERS, lambda c, v: c <= v, also=("<=", "is at most"), label="is at most"),
    op("between", (*NUMBERS, *DATES), lambda c, v: (c >= v[0]) & (c <= v[1]), 2, ("is between",), label="is between"),
    span("in", during, "during", "is in", "within", label="is in"),
    span("before", lambda c, v: c < v.need("start"), "<", "is before", "below", label="is before"),
    span("after", lambda c, v: c >= v.need("end"), ">", "is after", "above", label="is after"),
    span("on or before", lambda c, v: c < v.need("end"), "<=", "until", "at most", label="is on or before"),
    span("on or after", lambda c, v: c >= v.need("start"), ">=", "since", "from", "at least", label="is on or after"),
    op("is yes", ("bool",), lambda c, v: same(c, True), 0, ("yes", "is true")),
    op("is no", ("bool",), lambda c, v: same(c, False), 0, ("no", "is false")),
    op("is empty", ALL, lambda c, v: c.is_null(), 0, ("empty",)),
    op("is empty", LISTS, no_choice, 0, ("empty",)),
    op("is not empty", ALL, lambda c, v: c.is_null(False), 0, ("not empty", "is filled")),
    op("is not empty", LISTS, lambda c, v: ~no_choice(c), 0, ("not empty", "is filled")),
)


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

