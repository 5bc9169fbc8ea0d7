"""What each column of a file holds, kept with the import: its kind, its formats, and what somebody has to decide.

Columns are looked at value by value in bounded memory: once many different values are known, a further one counts only
where it has a shape that was not seen yet, as kind and format follow from the shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from prm.catalogue.parsing import look

PRICE = re.compile(r"[+-]?[\d.,' ]*\d[.,]\d{2}", re.ASCII)  # two decimals on every value: a column of amounts
MANY = 2_000
DAYLIKE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", re.ASCII)


@dataclass(frozen=True)
class Found:
    """`kind` for a field to be made; `numbers`, `days`: the format the column decides; `number_doubt`, `day_doubt`: a
    sentence where nothing in the column decides."""

    kind: str
    filled: int
    numbers: str = ""
    days: str = ""
    number_doubt: str = ""
    day_doubt: str = ""


class Values:
    """The different values of one column, each with the line it is first on."""

    def __init__(self):
        self.first: dict[tuple[type, Any], int] = {}
        self.shapes: set[str] = set()
        self.filled = 0

    def add(self, line: int, cell: Any) -> None:
        value = cell.strip() if isinstance(cell, str) else cell
        if value is None or value == "":
            return
        self.filled += 1
        key = (type(value), value)
        if key not in self.first and (len(self.first) < MANY or self._new_shape(value)):
            self.first[key] = line

    def _new_shape(self, value: Any) -> bool:
        shape = _shape(value)
        if shape in self.shapes or len(self.shapes) >= MANY:
            return False
        self.shapes.add(shape)
        return True

    def found(self) -> Found:
        column = {value: line for (_, value), line in self.first.items()}
        bare = {v.removesuffix("%").rstrip() if isinstance(v, str) else v: line for v, line in column.items()}
        guess, as_number, as_day = look(column), look(bare, "money"), look(column, "date")
        prices = guess.kind == "number" and all(isinstance(v, str) and PRICE.fullmatch(v) for v in column)
        kind = "money" if prices else guess.kind
        return Found(kind, self.filled, as_number.numbers, as_day.days, as_number.doubt, as_day.doubt)


def _shape(value: Any) -> str:
    """Letters and digits of one sort look alike; of a short date, which of its numbers can be no month."""
    text = str(value)[:400]
    if day := DAYLIKE.match(text):
        first, second = int(day[1]), int(day[2])
        return f"{first > 12} {second > 12} {first == second}{text[day.end() :]}"
    text = re.sub(r"[1-9]", "9", re.sub(r"(?<=\d)\d", "9", text))
    return re.sub(r"[^\W\d_]+", "a", text)


def survey(sheet) -> tuple[dict[str, Found], int]:
    """What the cells of each column look like, and how many rows there are."""
    columns, count = [Values() for _ in sheet.header], 0
    for line, cells in sheet.rows():
        count += 1
        for values, cell in zip(columns, cells, strict=False):
            values.add(line, cell)
    return {name: values.found() for name, values in zip(sheet.header, columns, strict=True)}, count
