"""The facts of one record: the fields its viewer may know, as a list of label and value under headings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from prm.catalogue.answer import answer
from prm.catalogue.fields import Catalogue
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Only, Question
from prm.ui.cells import Addresses, Cell, cells
from prm.ui.layouts import sections


@dataclass(frozen=True)
class Detail:
    key: str
    label: str
    cell: Cell
    empty: bool


def details(object: str, viewer, row, *, known: Catalogue | None = None) -> list[tuple[str, list[Detail]]]:
    """Under their headings. Through the Question, so that the same rules hold for a page as for a list."""
    known = known or catalogue(viewer)
    obj = known[object]
    parts = sections(obj, viewer)
    fields = [field for _, held in parts for field in held]
    if not fields:
        return []
    question = Question(object, fields=tuple(f.key for f in fields), limit=2).where(Only((row.id,)))
    found = answer(question, viewer, known=known)
    addresses = Addresses()
    shown = cells(found, found.rows[0], addresses)
    first = fields[0]
    shown[0].href = addresses.of(first.link, found.rows[0].links.get(first.key)) if first.link else ""
    drawn = iter(Detail(f.key, f.label, c, c.value in (None, "")) for f, c in zip(fields, shown, strict=True))
    return [(heading, list(islice(drawn, len(held)))) for heading, held in parts]
