"""The facts of one record: every field its viewer may know, as a list of label and value."""

from __future__ import annotations

from dataclasses import dataclass

from prm.catalogue.answer import answer
from prm.catalogue.fields import Catalogue
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Only, Question
from prm.ui.cells import Addresses, Cell, cells


@dataclass(frozen=True)
class Detail:
    key: str
    label: str
    cell: Cell
    custom: bool
    empty: bool


def details(object: str, viewer, row, *, known: Catalogue | None = None) -> list[Detail]:
    """Through the Question, so that the same rules hold for a page as for a list."""
    known = known or catalogue(viewer)
    obj = known[object]
    fields = obj.fields
    question = Question(object, fields=tuple(f.key for f in fields), limit=2).where(Only((row.id,)))
    found = answer(question, viewer, known=known)
    shown = cells(found, found.rows[0], Addresses())
    shown[0].href = ""
    return [Detail(f.key, f.label, c, f.custom, c.value in (None, "")) for f, c in zip(fields, shown, strict=True)]
