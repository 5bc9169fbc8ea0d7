"""Groups as lines: in their own order or by a measure, outer groups as headings with subtotals before those within."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from typing import Any

from prm.catalogue.answer import Answer, Column, Row
from prm.catalogue.summary import in_own_order
from prm.reporting.table import EMPTY, Cell, Head, Line, Table



class Order:
    """Groups in their own order, or by a measure: the outer ones by their subtotals, the inner ones within."""

    def __init__(self, answer: Answer, kept: Sequence[int]):
        self.answer, self.kept = answer, kept
        measures = {c.key for c in answer.columns if c.role == "measure"}
        self.sorts = [s for s in answer.question.sort if s.key in measures]
        self.places: dict[tuple, int] = {}
        for at, row in enumerate(in_own_order([answer.groupings[i] for i in kept], answer.rows)):
            for depth in range(1, len(kept) + 1):
                self.places.setdefault(tuple(row.raw[i] for i in kept[:depth]), at)

    def figures(self, raw: tuple) -> dict[str, Any]:
        """The measures of these groups: a subtotal, or the figures of the group itself."""
        level = tuple(self.kept[: len(raw)])
        return figures(self.answer, level, raw)

    def compare(self, a: tuple, b: tuple) -> int:
        for depth in range(1, len(self.kept) + 1):
            one, other = a[:depth], b[:depth]
            if one != other:
                return self._step(one, other)
        return 0

    def _step(self, one: tuple, other: tuple) -> int:
        for sort in self.sorts:
            x, y = self.figures(one).get(sort.key), self.figures(other).get(sort.key)
            if x == y:
                continue
            if x is None or y is None:
                return 1 if x is None else -1
            return (-1 if x > y else 1) if sort.desc else (-1 if x < y else 1)
        return self.places[one] - self.places[other]

    def sorted(self, raws: Iterable[tuple]) -> list[tuple]:
        return sorted(raws, key=cmp_to_key(self.compare))


def figures(answer: Answer, level: tuple[int, ...], raw: tuple) -> dict[str, Any]:
    """The values at these groups: of a row, a subtotal, or all."""
    if not level:
        return answer.totals
    if len(level) == len(answer.groupings):
        return _index(answer).get(raw, {})
    return answer.subtotals.get((level, raw), {})


def _index(answer: Answer) -> dict[tuple, dict[str, Any]]:
    """Rows by their groups, made once for an answer."""
    found = answer.__dict__.get("_by_raw")
    if found is None:
        found = answer.__dict__["_by_raw"] = {row.raw: row.values for row in answer.rows}
    return found


def label(value: Any) -> Any:
    return EMPTY if value is None else value


def summary_table(answer: Answer, limit: int) -> Table:
    groups = [c for c in answer.columns if c.role == "group"]
    measures = [c for c in answer.columns if c.role == "measure"]
    heads = [Head(c.label, c.key) for c in groups] + [Head(c.label, c.key, True) for c in measures]
    rows = {row.raw: row for row in answer.rows}
    order = Order(answer, range(len(groups)))
    kept = order.sorted(rows)[:limit] if groups else []
    lines: list[Line] = []
    before: tuple = ()
    for raw in kept:
        for depth in range(len(groups) - 1):
            if raw[: depth + 1] != before[: depth + 1]:
                lines.append(_heading(answer, rows[raw], depth, groups, measures))
        lines.append(_row(rows[raw], groups, measures))
        before = raw
    lines.append(_total(answer, groups, measures))
    count = answer.count if groups else 1
    return Table([answer], [heads], lines, len(groups), count, len(kept) if groups else 1)


def _row(row: Row, groups: list[Column], measures: list[Column]) -> Line:
    place = tuple(enumerate(row.raw))
    names = [Cell(c, label(row.values[c.key]), id=row.links.get(c.key)) for c in groups]
    return Line("row", names + [Cell(c, row.values[c.key], place) for c in measures], len(groups) - 1, row.raw)


def _heading(answer: Answer, row: Row, depth: int, groups: list[Column], measures: list[Column]) -> Line:
    """An outer group with its subtotals, before the groups within."""
    level, raw = tuple(range(depth + 1)), row.raw[: depth + 1]
    values = figures(answer, level, raw)
    names = [Cell(c, label(row.values[c.key]) if at <= depth else None) for at, c in enumerate(groups)]
    names[depth].id = row.links.get(groups[depth].key)
    return Line("group", names + [Cell(c, values.get(c.key), tuple(zip(level, raw, strict=True))) for c in measures], depth, raw)


def _total(answer: Answer, groups: list[Column], measures: list[Column]) -> Line:
    names = [Cell(c, "Total" if at == 0 else None) for at, c in enumerate(groups)]
    return Line("total", names + [Cell(c, answer.totals.get(c.key), ()) for c in measures])
