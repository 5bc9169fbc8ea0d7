"""Measures: what is counted and summed in a group, as SQL parts that can be merged again for totals.

A mean is kept as sum and count, so that the mean in a total row is the mean of all rows, not of the groups. Sums and
means of money are in the base currency; rows without a rate are left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import SQL, Case, ModelAlias, Value, fn

from prm.catalogue.fields import Field
from prm.catalogue.grouping import by_length
from prm.catalogue.question import Measure
from prm.catalogue.source import Bound, Source
from prm.core.errors import Invalid

MERGE = {
    "sum": lambda values: sum(values),
    "min": min,
    "max": max,
}


@dataclass(frozen=True)
class Part:
    """One SQL aggregate and how to merge its values of several groups; `merge` empty: it cannot be merged."""

    expression: Any
    merge: str = "sum"


@dataclass(frozen=True)
class Measuring:
    """A measure bound to its column."""

    measure: Measure
    bound: Bound | None
    parts: tuple[Part, ...]
    condition: Any = None

    @property
    def key(self) -> str:
        return self.measure.key

    @property
    def mergeable(self) -> bool:
        return bool(self.parts) and all(p.merge for p in self.parts)

    @property
    def kind_key(self) -> str:
        function = self.measure.fn
        if self.measure.formula:
            return self.measure.kind
        if function in ("count", "count distinct"):
            return "number"
        return self.bound.field.kind_key

    def value(self, raw: list) -> Any:
        """The value of the measure from its merged parts; None where there was nothing to measure."""
        function = self.measure.fn
        if function in ("count", "count distinct"):
            return int(raw[0] or 0)
        if raw[0] is None:
            return None
        if function == "mean":
            return self._exact(Decimal(int(raw[0])) / int(raw[1])) if raw[1] else None
        return self.bound.field.kind.raw(raw[0])

    def _exact(self, units: Decimal):
        """A mean of whole units, rounded half up to a whole unit (a cent, a millionth)."""
        return self.bound.field.kind.raw(int(units.to_integral_value(rounding=ROUND_HALF_UP)))

    def middle(self, low, high):
        """The median from its one or two middle values."""
        return None if low is None else self._exact((Decimal(int(low)) + int(high)) / 2)


def measuring(source: Source, measure: Measure) -> Measuring:
    """Bind a measure; Invalid where its field cannot be measured so."""
    if measure.formula:
        return Measuring(measure, None, ())
    condition = source.all_of(measure.where)
    if not measure.field:
        return Measuring(measure, None, (Part(_count(condition)),), condition)
    bound = source.bind(measure.field)
    kind, function = bound.field.kind, measure.fn
    if function in ("sum", "mean", "median") and not kind.summable:
        raise Invalid(f"The {function} of {bound.label} makes no sense: it is no number.")
    if function in ("min", "max") and not kind.orderable:
        raise Invalid(f"{bound.label} has no {function}.")
    column = _counted(source, bound, measure.by) if measure.by else _filled(bound.comparable, kind)
    given = column if condition is None else Case(None, [(condition, column)])
    return Measuring(measure, bound, PARTS[function](given), condition)


def _counted(source: Source, bound: Bound, by: str):
    """The month (quarter, …) of a date, to count how many different ones there are."""
    if bound.field.kind_key not in ("date", "datetime"):
        raise Invalid(f"{bound.label} is no date: it has no {by}s to count.")
    return by_length(bound, by, source)


def _filled(column, kind):
    return fn.NULLIF(column, "") if kind.key in ("text", "long_text", "email", "url") else column


def _count(condition):
    return fn.COUNT(SQL("*")) if condition is None else fn.COUNT(Case(None, [(condition, Value(1))]))


PARTS = {
    "count": lambda c: (Part(fn.COUNT(c)),),
    "count distinct": lambda c: (Part(fn.COUNT(c.distinct()) if hasattr(c, "distinct") else fn.COUNT(c), ""),),
    "sum": lambda c: (Part(fn.SUM(c)),),
    "mean": lambda c: (Part(fn.SUM(c)), Part(fn.COUNT(c))),
    "min": lambda c: (Part(fn.MIN(c), "min"),),
    "max": lambda c: (Part(fn.MAX(c), "max"),),
    "median": lambda c: (),
}


def merged(measuring: Measuring, raws: list[list]) -> list:
    """The parts of several groups as those of their union."""
    result = []
    for part, values in zip(
        measuring.parts, zip(*raws, strict=True) if raws else [()] * len(measuring.parts), strict=True
    ):
        present = [v for v in values if v is not None]
        result.append(MERGE[part.merge](present) if present else None)
    return result


def left_out(source: Source, where, measurings: list[Measuring]) -> int:
    """The rows whose amount has no rate, so that it is in no sum, over the first measure of such a field."""
    for m in measurings:
        if m.bound is not None and m.bound.field.total is not None and m.bound.field.kind_key == "money":
            return without_rate(source, _all(where, m.condition), [(m.bound.field, m.bound.t)])
    return 0


def without_rate(source: Source, where, amounts: Sequence[tuple[Field, Any]]) -> int:
    """How many of the rows have an amount without a rate. Looked for among all rows first, as an index knows that there is
    none, which is usual; to look through a million sums for it takes longer than to add them up."""
    if not any(_rateless(field, table).exists() for field, table in amounts):
        return 0
    lost = reduce(or_, [_lost(field, t) for field, t in amounts])
    return int(source.select(fn.COUNT(source.t.id), where=_all(where, lost)).scalar() or 0)


def _rateless(field: Field, t):
    table = t.model if isinstance(t, ModelAlias) else t
    return table.select(table.id).where(_lost(field, table))


def _lost(field: Field, t):
    return field.column(t).is_null(False) & field.total(t).is_null()  # type: ignore[misc]


def _all(*conditions):
    found = [c for c in conditions if c is not None]
    return reduce(and_, found) if found else None
