"""The first rows of a file as they would be stored: the value as it is read beside the cell it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field, Option
from prm.catalogue.objects import objects
from prm.core.formats import DASH
from prm.models import Import, Organisation
from prm.transfers.cells import New
from prm.transfers.checking import Checker, Line
from prm.transfers.plan import FIGURES
from prm.transfers.services import sheet_of
from prm.transfers.standing import Standing

ROWS = 20
LONGEST = 80
NEW_NAME = " (new)"


@dataclass(frozen=True)
class Cell:
    """`raw` is what stands in the file, where it differs from how it is read."""

    read: str
    raw: str = ""
    css: str = ""


@dataclass(frozen=True)
class Row:
    at: int
    cells: list[Cell]
    outcome: str
    reason: str


class Preview(Standing):
    """What stands in the way, the first rows, and an example of each column."""

    def __init__(self, viewer, batch: Import):
        super().__init__(viewer, batch)
        self.viewer, self.formats = viewer, formats_of(Organisation.current())
        self._choices: dict[str, list[Option]] = {}
        plan = replace(self.plan, fixed={k: text for k, text in self.plan.fixed.items() if k not in self.wrong})
        sheet = sheet_of(batch, plan)
        checker = Checker(viewer, self.obj, plan, sheet.header, self.found)
        lines = [line for group in checker.check(islice(sheet.rows(), ROWS), ROWS) for line in group]
        self.at = {column: at for at, column in enumerate(sheet.header)}
        self.titles = self._titles(lines)
        self.rows = [self._row(line) for line in lines]
        self.examples = {column: self._example(column, lines) for column in sheet.header}

    def _row(self, line: Line) -> Row:
        return Row(line.at, [self._cell(line, c) for c in self.fields], line.outcome, line.reason)

    def _cell(self, line: Line, column: str) -> Cell:
        field, raw = self.fields[column], _raw(line, self.at[column])
        read = self._shown(field, line.values.get(field.key), line)
        return Cell(read, "" if raw == read.removesuffix(NEW_NAME) else raw, "num" if field.kind_key in FIGURES else "")

    def _example(self, column: str, lines: list[Line]) -> Cell:
        """The first cell of a column that is filled."""
        line = next((each for each in lines if _raw(each, self.at[column])), None)
        if line is None:
            return Cell(DASH, DASH)
        field, raw = self.fields.get(column), _raw(line, self.at[column])
        return Cell(self._shown(field, line.values.get(field.key), line) if field else "", raw)

    def _shown(self, field: Field, value: Any, line: Line) -> str:
        if value is None or value == "" or value == []:
            return DASH
        if isinstance(value, New):
            return f"{value}{NEW_NAME}"
        if field.link:
            return self.titles.get((field.link, value), str(value))
        if field.options:
            return self._chosen(field, value)
        formats = replace(self.formats, currency=getattr(line.row, "currency", "") or self.formats.currency)
        return field.kind.show(value, formats if field.currency else self.formats)[:LONGEST]

    def choices(self, key: str) -> list[str]:
        """What can be chosen for a field; empty where anything can be typed."""
        field = self.obj.by_key[key]
        if key not in self._choices:
            self._choices[key] = field.options() if field.options else []
        return [option.label for option in self._choices[key] if option.label]

    def _chosen(self, field: Field, value: Any) -> str:
        self.choices(field.key)
        labels = {o.value: o.label for o in self._choices[field.key]}
        one = [f"{v}{NEW_NAME}" if isinstance(v, New) else labels.get(v, str(v)) for v in _listed(value)]
        return ", ".join(one)

    def _titles(self, lines: list[Line]) -> dict[tuple[str, int], str]:
        """Names of the records that cells lead to."""
        wanted: dict[str, set[int]] = {}
        for field in [f for f in self.obj.fields if f.link]:
            ids = {line.values.get(field.key) for line in lines}
            wanted.setdefault(field.link, set()).update(id for id in ids if isinstance(id, int))
        return {
            (link, id): title
            for link, ids in wanted.items() if ids
            for id, title in titles(self.viewer, link, ids).items()
        }  # fmt: skip


def titles(viewer, object: str, ids) -> dict[int, str]:
    """Names of the records the viewer may see, by id."""
    obj = objects()[object]
    found = rows.visible(obj.table, viewer, obj.table.id, obj.title(obj.table)).where(obj.table.id.in_(list(ids)))
    return dict(found.tuples())


def _listed(value: Any) -> list:
    return value if isinstance(value, list) else [value]


def _raw(line: Line, at: int) -> str:
    cell = line.cells[at] if at < len(line.cells) else None
    return "" if cell is None else str(cell).strip()[:LONGEST]
