"""Formulas over measures: worked out on each level from that level's own figures, so that a ratio in a total row is the
ratio of the totals. `share(x)` is of the parent group, `change(x)` on the period before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

from prm.catalogue.answer import Row
from prm.catalogue.grouping import Grouping
from prm.catalogue.kinds import Formats
from prm.catalogue.measuring import Measuring
from prm.catalogue.question import Measure, Question
from prm.core.errors import Invalid
from prm.core.money import from_minor, to_minor

EXACT = Context(prec=34)
SIX = Decimal("0.000001")
BACK = {"month": 1, "quarter": 1, "year": 1}
Level = tuple[int, ...]


class Ratios:
    """Knows the rows of every level, to find a row's parent and its predecessor in time."""

    def __init__(self, question: Question, groupings: list[Grouping], measures: list[Measuring], formats: Formats):
        self.groupings, self.formats = groupings, formats
        self.kinds = {m.key: m.kind_key for m in measures}
        self.whole = tuple(range(len(groupings)))
        self.rows, self.columns = len(question.rows), len(question.columns)
        self.found: dict[Level, dict[tuple, Row]] = {}
        self.time = next((i for i, g in enumerate(groupings) if g.group.by in BACK), None)

    def fill(self, formulas: list[Measure], rows: list[Row], subtotals: dict[Level, list[Row]], totals: Row) -> None:
        levels = {**subtotals, self.whole: rows, (): [totals]}
        self.found = {level: {row.raw: row for row in found} for level, found in levels.items()}
        for measure in _in_order(formulas):
            for level, found in levels.items():
                for row in found:
                    row.values[measure.key] = self._value(measure, level, row)

    def _value(self, measure: Measure, level: Level, row: Row) -> Decimal | int | None:
        share: Callable = lambda name, total=False: self._share(name, total, level, row)  # noqa: E731
        change: Callable = lambda name: self._change(name, level, row)  # noqa: E731
        value = measure.formula.value(lambda name: self._number(row, name), share=share, change=change)
        if value is None or measure.kind != "money":
            return None if value is None else Decimal(value).quantize(SIX, ROUND_HALF_UP, EXACT)
        try:
            return to_minor(Decimal(value), self.formats.currency)
        except Invalid:
            return None

    def _number(self, row: Row | None, name: str) -> Decimal | None:
        """A measure as a plain number: money in major units."""
        value = row.values.get(name) if row else None
        if value is None:
            return None
        return from_minor(value, self.formats.currency) if self.kinds[name] == "money" else Decimal(value)

    def _share(self, name: str, total: bool, level: Level, row: Row) -> Decimal | None:
        """Of the group one step up (the last row group left out), or of the grand total."""
        parent = () if total else self._parent(level)
        whole = self.found[parent].get(tuple(row.raw[level.index(i)] for i in parent))
        part, of = self._number(row, name), self._number(whole, name)
        return None if part is None or not of else EXACT.divide(part, of)

    def _parent(self, level: Level) -> Level:
        own = [i for i in level if i < self.rows]
        return tuple(i for i in level if not own or i != own[-1]) if own else ()

    def _change(self, name: str, level: Level, row: Row) -> Decimal | None:
        """On the period before, all other groups being the same; empty without one."""
        if self.time is None or self.time not in level:
            return None
        at = level.index(self.time)
        if row.raw[at] is None:
            return None
        before = self.found[level].get((*row.raw[:at], int(row.raw[at]) - 1, *row.raw[at + 1 :]))
        old, new = self._number(before, name), self._number(row, name)
        return None if old is None or new is None or not old else EXACT.divide(new - old, abs(old))


def _in_order(formulas: list[Measure]) -> list[Measure]:
    """Those that others use first; the question has refused circles."""
    names = {m.key for m in formulas}
    done: list[Measure] = []
    while len(done) < len(formulas):
        ready = {m.key for m in done}
        done += [m for m in formulas if m not in done and set(m.formula.names) & names <= ready]
    return done
