"""A matrix: row groups down, column groups across, with subtotals of outer columns and totals of all."""
from __future__ import annotations

from itertools import groupby

from prm.catalogue.answer import Answer, Column
from prm.core.errors import Invalid
from prm.reporting.grouped import Order, figures, label
from prm.reporting.table import Cell, Head, Line, Table


MOST_COLUMNS = 200


class Matrix:
    """Row groups down, column groups across, each with every measure; subtotals of outer columns, and totals of all."""

    def __init__(self, answer: Answer):
        self.answer = answer
        self.deep = len(answer.question.rows)
        self.groups = [c for c in answer.columns if c.role == "group"]
        self.measures = [c for c in answer.columns if c.role == "measure"]
        self.all = range(len(self.groups))
        self.across = self._across()

    def _across(self) -> list[tuple]:
        """The raw values of each block of columns; a shorter one is the subtotal of an outer group, () the total."""
        kept = self.all[self.deep :]
        whole = Order(self.answer, kept).sorted({tuple(row.raw[i] for i in kept) for row in self.answer.rows})
        if len(whole) > MOST_COLUMNS:
            raise Invalid(f"There are {len(whole):,} columns; at most {MOST_COLUMNS} fit. Group the columns by something coarser.")
        found: list[tuple] = []
        for outer, inner in groupby(whole, key=lambda raw: raw[:-1]):
            found += inner
            found += [outer] if outer else []
        return [*found, ()]

    def table(self, limit: int) -> Table:
        answer, kept = self.answer, self.all[: self.deep]
        self.names = {tuple(row.raw[i] for i in kept): row for row in answer.rows}
        raws = Order(answer, kept).sorted(self.names) if self.deep else [()]
        lines, before = [], ()
        for raw in raws[:limit] if self.deep else []:
            for depth in range(self.deep - 1):
                if raw[: depth + 1] != before[: depth + 1]:
                    lines.append(self._line("group", raw[: depth + 1], raw, depth))
            lines.append(self._line("row", raw, raw, self.deep - 1))
            before = raw
        lines.append(self._line("total", (), (), 0))
        shown = min(len(raws), limit)
        return Table([answer], self._heads(), lines, max(1, self.deep), len(raws), shown)

    def _line(self, kind: str, raw: tuple, whole: tuple, depth: int) -> Line:
        cells = self._names(kind, whole, depth)
        for block in self.across:
            level = tuple(range(len(raw))) + tuple(range(self.deep, self.deep + len(block)))
            values = figures(self.answer, level, raw + block)
            place = tuple(zip(level, raw + block, strict=True))
            cells += [Cell(c, values.get(c.key), place if values else None) for c in self.measures]
        return Line(kind, cells, depth, raw)

    def _names(self, kind: str, whole: tuple, depth: int) -> list[Cell]:
        groups = self.groups[: self.deep] or [Column("", "", "text", "group")]
        if kind == "total":
            return [Cell(c, "Total" if at == 0 else None) for at, c in enumerate(groups)]
        row = self.names[whole]
        return [
            Cell(c, label(row.values[c.key]), id=row.links.get(c.key)) if at <= depth else Cell(c)
            for at, c in enumerate(groups)
        ]

    def _heads(self) -> list[list[Head]]:
        names = [Head(c.label, c.key) for c in self.groups[: self.deep]] or [Head("")]
        rows = [self._captions(at, len(names)) for at in range(len(self.groups) - self.deep)]
        single = len(self.measures) == 1
        last = [Head(c.label, c.key, True) for _ in self.across for c in self.measures]
        if single and rows:  # the measure is named once, in the corner; the columns are named after their groups
            rows[-1] = names + rows[-1][len(names) :]
            return rows
        return [*rows, names + last]

    def _captions(self, at: int, labels: int) -> list[Head]:
        """One row of headings over the blocks: the values of the column group number `at`, equal neighbours together."""
        blank = [Head(self.groups[self.deep + at].label if n == labels - 1 else "") for n in range(labels)]
        texts = [(block[: at + 1], self._caption(block, at)) for block in self.across]
        last = at == len(self.groups) - self.deep - 1
        runs = [[text] for text in texts] if last else [list(run) for _, run in groupby(texts)]
        return blank + [Head(run[0][1], "", True, len(run) * len(self.measures)) for run in runs]

    def _caption(self, block: tuple, at: int) -> str:
        if len(block) > at:
            row = next(r for r in self.answer.rows if r.raw[self.deep : self.deep + at + 1] == block[: at + 1])
            value = row.values[self.groups[self.deep + at].key]
            return str(label(value))
        return "Total" if len(block) == at else ""
