"""The Question: the one shape that a list, a report, a tile, a KPI, an alert and an export have in common.

It names no viewer; answer.py gives it one. Parsing checks its shape only: whether a field exists for a viewer is
decided when it is answered, with the same words for an unknown field and a forbidden one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from prm.catalogue.formula import Formula
from prm.catalogue.logic import Logic
from prm.core.errors import Invalid

MAX_LIMIT = 100_000
MAX_PARTS = 50
BY = ("day", "week", "month", "quarter", "year")
FUNCTIONS = ("count", "count distinct", "sum", "mean", "median", "min", "max")
RESULTS = ("number", "percent", "money")
ROW_RESULTS = ("number", "percent", "money", "text")
RATIO = re.compile(r"(share|change)\([^()]*\)", re.IGNORECASE)
PARTS = frozenset("object fields formulas filters logic rows columns measures sort limit chart".split())


@dataclass(frozen=True)
class Filter:
    """One condition on a field; `value` is as it came, the field's kind parses it when it is answered."""

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Has:
    """Rows with, or without, a linked row that meets conditions: partners without a deal closed in 90 days."""

    object: str
    wanted: bool
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Matches:
    """Rows whose search line has every word of `text`."""

    text: str


@dataclass(frozen=True)
class Within:
    """Rows that fall in one bucket of a group: what is behind a bucket's figure."""

    group: Group
    index: int


@dataclass(frozen=True)
class Bucket:
    """A named range (from ≤ x < below) or a named set of values."""

    name: str
    start: Any = None
    below: Any = None
    values: tuple = ()


@dataclass(frozen=True)
class Group:
    field: str
    key: str
    by: str = ""
    buckets: tuple[Bucket, ...] = ()


@dataclass(frozen=True)
class Measure:
    key: str
    fn: str = "count"
    field: str = ""
    where: tuple[Filter, ...] = ()
    formula: Formula | None = None
    label: str = ""
    text: str = ""
    by: str = ""  # count distinct of a date: how many different months
    kind: str = ""  # of a formula: how its result is written


@dataclass(frozen=True)
class RowFormula:
    """A column of a list that is worked out from other fields of its row: amounts count in the base currency."""

    key: str
    label: str
    formula: Formula
    kind: str = "number"


@dataclass(frozen=True)
class Only:
    """These records and no others, by id."""

    ids: tuple[int, ...]


Condition = Filter | Has | Matches | Within | Only


@dataclass(frozen=True)
class Sort:
    key: str
    desc: bool = False


@dataclass(frozen=True)
class Question:
    """See product.md §5. `limit` bounds the rows shown, never the totals."""

    object: str
    fields: tuple[str, ...] = ()
    formulas: tuple[RowFormula, ...] = ()
    filters: tuple[Condition, ...] = ()
    logic: Logic | None = None
    rows: tuple[Group, ...] = ()
    columns: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: int = 500
    chart: dict = field(default_factory=dict)

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.rows + self.columns

    @property
    def is_list(self) -> bool:
        return not (self.groups or self.measures)

    def where(self, *filters: Condition) -> Question:
        """The same question, narrowed: the new conditions hold besides whatever the logic says."""
        logic = self.logic.narrowed(len(self.filters), len(filters)) if self.logic else None
        return replace(self, filters=self.filters + filters, logic=logic)

    @classmethod
    def parse(cls, data: Any) -> Question:
        """A question from JSON; Invalid says in plain words what is wrong with it."""
        data = _table(data, "A question")
        unknown = set(data) - PARTS
        if unknown:
            raise Invalid(f"A question has no part “{sorted(unknown)[0]}”. Its parts: {', '.join(sorted(PARTS))}.")
        rows = tuple(_group(g) for g in _items(data, "rows", 3))
        columns = tuple(_group(g) for g in _items(data, "columns", 2))
        measures = tuple(_measure(m) for m in _items(data, "measures", MAX_PARTS))
        if (rows or columns) and not measures:
            measures = (Measure("n"),)
        filters = tuple(_condition(f) for f in _items(data, "filters", MAX_PARTS))
        question = cls(
            object=_text(data.get("object"), "object"),
            fields=tuple(_text(f, "field") for f in _items(data, "fields", 200)),
            formulas=tuple(_row_formula(f) for f in _items(data, "formulas", MAX_PARTS)),
            filters=filters,
            logic=Logic.parse(data["logic"], len(filters)) if data.get("logic") else None,
            rows=rows,
            columns=columns,
            measures=measures,
            sort=tuple(_sort(s) for s in _items(data, "sort", 10)),
            limit=_limit(data.get("limit", 500)),
            chart=_table(data.get("chart") or {}, "chart"),
        )
        question._check_keys()
        return question

    def _check_keys(self) -> None:
        keys = [g.key for g in self.groups] + [m.key for m in self.measures] + [f.key for f in self.formulas]
        twice = [k for k in keys if keys.count(k) > 1]
        if twice:
            raise Invalid(f"“{twice[0]}” is used for two things. Give one of them another “key”.")
        known = {m.key for m in self.measures}
        for measure in self.measures:
            for name in measure.formula.names if measure.formula else ():
                if name not in known:
                    raise Invalid(f"The formula of “{measure.key}” uses “{name}”, which is no measure here.")
        _refuse_circles(self.measures)


def _refuse_circles(measures: tuple[Measure, ...]) -> None:
    uses = {m.key: set(m.formula.names) if m.formula else set() for m in measures}
    done: set[str] = set()
    while len(done) < len(uses):
        ready = [k for k, needed in uses.items() if k not in done and needed <= done]
        if not ready:
            stuck = next(k for k in uses if k not in done)
            raise Invalid(f"The formula of “{stuck}” refers to itself.")
        done.update(ready)


def _table(value, what: str) -> dict:
    if not isinstance(value, dict):
        raise Invalid(f"{what} must be an object like {{…}}.")
    return value


def _items(data: dict, part: str, most: int) -> list:
    items = data.get(part) or []
    if not isinstance(items, list):
        raise Invalid(f"“{part}” must be a list.")
    if len(items) > most:
        raise Invalid(f"“{part}” has {len(items)} entries; at most {most} are possible.")
    return items


def _text(value, what: str, most: int = 200) -> str:
    if not isinstance(value, str) or not value or len(value) > most or "\x00" in value:
        raise Invalid(f"A question needs “{what}” as a short text.")
    return value


def _limit(value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LIMIT:
        raise Invalid(f"“limit” must be a whole number from 1 to {MAX_LIMIT:,}.")
    return value


def _condition(data) -> Condition:
    data = _table(data, "A filter")
    if "search" in data:
        return Matches(_text(data["search"], "search"))
    for word in ("with", "without"):
        if word in data:
            inner = tuple(_filter(f) for f in _items(data, "filters", MAX_PARTS))
            return Has(_text(data[word], word), word == "with", inner)
    return _filter(data)


def _filter(data) -> Filter:
    data = _table(data, "A filter")
    if "with" in data or "without" in data:
        raise Invalid("“with” and “without” go one level deep.")
    value = data.get("value")
    if isinstance(value, list) and len(value) > 500:
        raise Invalid("A filter takes at most 500 values.")
    return Filter(_text(data.get("field"), "field"), _text(data.get("op", "is"), "op"), value)


def _group(data) -> Group:
    data = _table(data, "A group")
    path = _text(data.get("field"), "field")
    by = _length(data)
    buckets = tuple(_bucket(b) for b in _items(data, "bucket", MAX_PARTS))
    return Group(path, _text(data.get("key") or path, "key"), by, buckets)


def _length(data: dict) -> str:
    by = data.get("by") or ""
    if by and by not in BY:
        raise Invalid(f"A date is grouped by {', '.join(BY)}, not by “{str(by)[:40]}”.")
    return by


def _by(data: dict, function: str) -> str:
    by = _length(data)
    if by and function != "count distinct":
        raise Invalid(f"Only a count distinct has a “by”: the number of different {by}s.")
    return by


def _bucket(data) -> Bucket:
    data = _table(data, "A bucket")
    values = data.get("values") or []
    if not isinstance(values, list):
        raise Invalid("The values of a bucket must be a list.")
    return Bucket(_text(data.get("name"), "name"), data.get("from"), data.get("below"), tuple(values))


def _measure(data) -> Measure:
    data = _table(data, "A measure")
    key = _text(data.get("key"), "key", 60)
    label = data.get("label") or ""
    if data.get("formula"):
        text = _text(data["formula"], "formula", 2000)
        return Measure(key, formula=Formula.parse(text), label=str(label), text=text, kind=_kind(data, text))
    function = str(data.get("fn", "count")).replace("_", " ")
    if function not in FUNCTIONS:
        raise Invalid(f"“{function}” is no measure. There are: {', '.join(FUNCTIONS)}.")
    path = data.get("field") or ""
    if function != "count" and not path:
        raise Invalid(f"The measure “{key}” needs a field to take the {function} of.")
    where = tuple(_filter(f) for f in _items(data, "where", MAX_PARTS))
    return Measure(key, function, _text(path, "field") if path else "", where, label=str(label), by=_by(data, function))


def _kind(data: dict, formula: str) -> str:
    """A share and a change are percentages, unless something else is said; any other formula is a number."""
    kind = data.get("kind") or ("percent" if RATIO.fullmatch(formula.strip()) else "number")
    if kind not in RESULTS:
        raise Invalid(f"A formula gives a {', '.join(RESULTS[:-1])} or {RESULTS[-1]}, not a “{str(kind)[:40]}”.")
    return kind


def _row_formula(data) -> RowFormula:
    data = _table(data, "A formula")
    key = _text(data.get("key"), "key", 60)
    formula = Formula.parse(_text(data.get("formula"), "formula", 2000))
    if formula.shares or formula.changes:
        raise Invalid(f"“{key}” works on one row: share and change are for measures.")
    kind = data.get("kind") or "number"
    if kind not in ROW_RESULTS:
        raise Invalid(f"A row's formula gives a {', '.join(ROW_RESULTS[:-1])} or {ROW_RESULTS[-1]}, not a “{str(kind)[:40]}”.")
    return RowFormula(key, str(data.get("label") or key)[:120], formula, kind)


def _sort(data) -> Sort:
    data = _table(data, "A sort")
    return Sort(_text(data.get("key") or data.get("field"), "key"), bool(data.get("desc")))
