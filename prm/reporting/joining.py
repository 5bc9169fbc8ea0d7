"""Several questions side by side on their shared group: a line for every value that any of them has."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prm.catalogue.answer import Answer, Column, Row
from prm.reporting.grouped import label
from prm.reporting.table import Cell, Head, Line, Table



def joined(answers: Sequence[Answer], titles: Sequence[str], limit: int) -> Table:
    """On their shared group, which is the only one of each: a line for every value that any of them has."""
    first = answers[0]
    group = next(c for c in first.columns if c.role == "group")
    blocks = [[c for c in each.columns if c.role == "measure"] for each in answers]
    found: dict[Any, list[Row | None]] = {}
    for at, each in enumerate(answers):
        for row in each.rows:
            found.setdefault(_shared(row), [None] * len(answers))[at] = row
    keys = _together(found, first)
    over = [Head("")] + [Head(title or each.object.plural, "", True, len(b)) for title, each, b in zip(titles, answers, blocks, strict=True)]
    heads = [Head(group.label, group.key)] + [Head(c.label, "", True) for block in blocks for c in block]
    lines = [_joined_line(found[key], group, blocks) for key in keys[:limit]]
    totals = [Cell(c, answers[at].totals.get(c.key), (), part=at) for at, block in enumerate(blocks) for c in block]
    lines.append(Line("total", [Cell(group, "Total"), *totals]))
    return Table(list(answers), [over, heads], lines, 1, len(keys), min(len(keys), limit))


def _shared(row: Row) -> Any:
    """What two questions have in common: the record a link leads to, else the value."""
    value = next(iter(row.values.values()))
    linked = next(iter(row.links.values()), None) if row.links else None
    return ("id", linked) if linked is not None else ("", value.casefold() if isinstance(value, str) else value)


def _together(found: dict[Any, list[Row | None]], first: Answer) -> list[Any]:
    """In the order of the first question, if it asks for one; else by the value, empty last."""
    if first.question.sort:
        known = dict.fromkeys(_shared(row) for row in first.rows)
        return [*known, *(key for key in found if key not in known)]

    def place(key: Any) -> tuple:
        value = next(iter(next(row for row in found[key] if row).values.values()))
        return (value is None, value.casefold() if isinstance(value, str) else value if value is not None else "")

    return sorted(found, key=place)


def _joined_line(rows: list[Row | None], group: Column, blocks: list[list[Column]]) -> Line:
    known = next(row for row in rows if row)
    value = next(iter(known.values.values()))
    cells = [Cell(group, label(value), id=next(iter(known.links.values()), None))]
    for at, (row, block) in enumerate(zip(rows, blocks, strict=True)):
        cells += [Cell(c, row.values[c.key], tuple(enumerate(row.raw)), part=at) if row else Cell(c) for c in block]
    return Line("row", cells, 0, known.raw)
