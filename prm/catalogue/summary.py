"""A summary or matrix: groups with measures, subtotals on every level, and the grand total over all rows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from peewee import SQL, Cast, fn

from prm.catalogue import words
from prm.catalogue.answer import Answer, Column, Context, Row
from prm.catalogue.grouping import Grouping, grouping, read
from prm.catalogue.measuring import Measuring, left_out, measuring, merged
from prm.catalogue.ratios import Ratios
from prm.catalogue.question import Question
from prm.catalogue.source import Source
from prm.core import clock
from prm.core.errors import Invalid


TOGETHER = {"sum": fn.SUM, "min": fn.MIN, "max": fn.MAX}


def answer(question: Question, here: Context, most: int) -> Answer:
    source = here.source
    where = source.where(question)
    groupings = [grouping(source, g) for g in question.groups]
    measures = [measuring(source, m) for m in question.measures]
    table = _Table(source, where, groupings, measures)
    rows = table.level(range(len(groupings)), most=most + 1)
    if len(rows) > most:
        raise Invalid(
            f"There are more than {most:,} groups. Narrow the question, or group by something coarser."
        )
    levels = _levels(question)
    totals = table.totals(rows)
    subtotals = {level: table.subtotal(level, rows) for level in levels}
    _ratios(question, table, rows, subtotals, totals)
    count = len(rows)
    return Answer(
        question=question,
        object=source.obj,
        columns=_columns(groupings, measures),
        rows=_sorted(question, groupings, rows)[: question.limit],
        totals=totals.values,
        count=count,
        words=words.say(question, source),
        formats=here.formats,
        as_of=clock.now(),
        left_out=table.left_out(),
        subtotals={(level, row.raw): row.values for level, found in subtotals.items() for row in found},
        groupings=groupings,
    )


def _columns(groupings: list[Grouping], measures: list[Measuring]) -> list[Column]:
    groups = [Column(g.key, g.bound.label, g.kind_key, "group", link=g.bound.field.link) for g in groupings]
    figures = [
        Column(
            m.key,
            m.measure.label or words.measure(m.measure, m.bound),
            m.kind_key,
            "measure",
            whole=m.measure.fn.startswith("count") and not m.measure.formula,
        )
        for m in measures
    ]
    return groups + figures


def _levels(question: Question) -> list[tuple[int, ...]]:
    """Which groups are kept on each subtotal level: prefixes of the rows times prefixes of the columns."""
    r, c = len(question.rows), len(question.columns)
    cuts = [tuple(range(i)) + tuple(range(r, r + j)) for i, j in product(range(r + 1), range(c + 1))]
    return [cut for cut in cuts if 0 < len(cut) < r + c]


class _Table:
    """The groups of one question, level by level."""

    def __init__(self, source: Source, where, groupings: list[Grouping], measures: list[Measuring]):
        self.source, self.where, self.groupings, self.measures = source, where, groupings, measures
        self.plain = [m for m in measures if m.parts]
        self.medians = [m for m in measures if m.measure.fn == "median" and not m.measure.formula]
        self.mergeable = all(m.mergeable for m in self.plain) and not self.medians

    def level(self, kept: Iterable[int], most: int | None = None) -> list[Row]:
        """One query: the groups kept, each with its measures."""
        groups = [self.groupings[i] for i in kept]
        if len(groups) == 1 and groups[0].of_day and self.plain and self.mergeable:
            return [self._read(groups, raw) for raw in self._by_days(groups[0]).limit(most).tuples()]
        keys = [g.expression.alias(f"g{i}") for i, g in enumerate(groups)]
        titles = [fn.MAX(g.title).alias(f"t{i}") for i, g in enumerate(groups) if g.title is not None]
        figures = [p.expression for m in self.plain for p in m.parts]
        query = self.source.select(*keys, *titles, *(figures or [fn.COUNT(SQL("*"))]), where=self.where)
        if groups:
            query = query.group_by(*[SQL(f"g{i}") for i in range(len(groups))]).limit(most)
        found = [self._read(groups, raw) for raw in query.tuples()]
        self._medians(groups, found)
        return found

    def _by_days(self, g: Grouping):
        """By days first, which lie in this order in an index, then the days by month: an expression for each of a million
        rows costs ten times what reading them does."""
        parts = [p for m in self.plain for p in m.parts]
        figures = [p.expression.alias(f"p{at}") for at, p in enumerate(parts)]
        days = self.source.select(g.bound.column.alias("day"), *figures, where=self.where).group_by(g.bound.column).alias("days")
        merged = [TOGETHER[p.merge](getattr(days.c, f"p{at}")) for at, p in enumerate(parts)]
        return days.select_from(g.of_day(Cast(days.c.day, "text")).alias("g0"), *merged).group_by(SQL("g0"))

    def _read(self, groups: list[Grouping], raw: tuple) -> Row:
        keys, at = raw[: len(groups)], len(groups)
        values, links = {}, {}
        for g, key in zip(groups, keys, strict=True):
            title = None
            if g.title is not None:
                title, at = raw[at], at + 1
                links[g.key] = key
            values[g.key] = read(g, key, title, self.source.formats)
        return self._measured(Row(values, links=links, raw=tuple(keys)), list(raw[at:]))

    def _measured(self, row: Row, raw: list) -> Row:
        row.parts, at = raw, 0
        for m in self.plain:
            row.values[m.key] = m.value(raw[at : at + len(m.parts)])
            at += len(m.parts)
        return row

    def _merged(self, rows: list[Row], row: Row) -> Row:
        """The union of groups, without asking the database again."""
        raws, at, parts = [r.parts for r in rows], 0, []
        for m in self.plain:
            parts += merged(m, [raw[at : at + len(m.parts)] for raw in raws])
            at += len(m.parts)
        return self._measured(row, parts)

    def totals(self, rows: list[Row]) -> Row:
        """Over every row, also those of groups that are not shown."""
        if not self.groupings:
            return rows[0]
        return self._merged(rows, Row({})) if self.mergeable else self.level(()).pop()

    def subtotal(self, kept: tuple[int, ...], rows: list[Row]) -> list[Row]:
        if not self.mergeable:
            return self.level(kept)
        together: dict[tuple, list[Row]] = {}
        for row in rows:
            together.setdefault(tuple(row.raw[i] for i in kept), []).append(row)
        names = [self.groupings[i].key for i in kept]
        return [
            self._merged(found, Row({n: found[0].values[n] for n in names}, raw=raw)) for raw, found in together.items()
        ]

    def left_out(self) -> int:
        return left_out(self.source, self.where, self.plain)

    def _medians(self, groups: list[Grouping], rows: list[Row]) -> None:
        for m in self.medians:
            middles = self._middles(groups, m)
            for row in rows:
                row.values[m.key] = m.middle(*middles.get(row.raw, (None, None)))

    def _middles(self, groups: list[Grouping], m: Measuring) -> dict[tuple, tuple]:
        """The one or two middle values of each group, by numbering its rows; alike on both databases."""
        column = m.bound.comparable
        where = column.is_null(False) if m.condition is None else column.is_null(False) & m.condition
        keys = [g.expression for g in groups]
        ranked = self.source.select(
            *[k.alias(f"g{i}") for i, k in enumerate(keys)],
            column.alias("v"),
            fn.ROW_NUMBER().over(partition_by=keys or None, order_by=[column]).alias("at"),
            fn.COUNT(SQL("*")).over(partition_by=keys or None).alias("n"),
            where=where if self.where is None else self.where & where,
        )
        c = ranked.c
        middle = (c.at * 2 >= c.n) & (c.at * 2 <= c.n + 2)
        names = [getattr(c, f"g{i}") for i in range(len(groups))]
        query = ranked.select_from(*names, fn.MIN(c.v), fn.MAX(c.v)).where(middle)
        if names:
            query = query.group_by(*names)
        return {tuple(raw[:-2]): raw[-2:] for raw in query.tuples()}


def _ratios(question: Question, table: _Table, rows: list[Row], subtotals: dict, totals: Row) -> None:
    """Formulas over the measures, on every level from that level's own figures."""
    formulas = [m.measure for m in table.measures if m.measure.formula]
    if formulas:
        Ratios(question, table.groupings, table.measures, table.source.formats).fill(formulas, rows, subtotals, totals)


def in_own_order(groupings: list[Grouping], rows: Iterable[Row]) -> list[Row]:
    """By the groups: text by its letters, periods by time, choices in the order of their list, empty last."""
    found = list(rows)
    for g in reversed(groupings):
        found.sort(key=lambda row, g=g: _place(g, row))
    return found


def _sorted(question: Question, groupings: list[Grouping], rows: list[Row]) -> list[Row]:
    """By the groups in their own order; then, the last first, by each wanted key. Empty values come last."""
    rows = in_own_order(groupings, rows)
    known = {g.key for g in groupings} | {m.key for m in question.measures}
    for sort in reversed(question.sort):
        if sort.key not in known:
            raise Invalid(f"The answer has no “{sort.key}” to sort by.")
        g = next((g for g in groupings if g.key == sort.key), None)
        filled = [r for r in rows if r.values[sort.key] is not None]
        filled.sort(key=lambda row: _place(g, row)[1:] if g else row.values[sort.key], reverse=sort.desc)
        rows = filled + [r for r in rows if r.values[sort.key] is None]
    return rows


def _place(g: Grouping, row: Row) -> tuple:
    value = row.values[g.key]
    if value is None:
        return (1, 0)
    if g.order is not None:
        at = row.raw[list(row.values).index(g.key)]
        return (0, g.order.get(at, len(g.order)))
    return (0, value.casefold() if isinstance(value, str) else value)
