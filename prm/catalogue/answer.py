"""answer(question, viewer): the only place where a question becomes SQL, and the shape of what comes back.

Totals are over all rows, also where fewer are shown. Grand total = sum of groups = export = the rows behind, to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from peewee import OperationalError

from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.kinds import Formats
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Question
from prm.catalogue.source import Source, formats_of
from prm.core import clock
from prm.core.errors import Invalid
from prm.core.patience import TookTooLong, limited
from prm.models import Organisation


MOST_GROUPS = 20_000


class Amount(NamedTuple):
    """Money of a row: whole minor units in the row's own currency."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Column:
    """A column of an answer: a field, a group or a measure."""

    key: str
    label: str
    kind_key: str
    role: str = "field"
    link: str = ""
    whole: bool = False  # counts: shown and sent as whole numbers
    field_key: str = ""
    colours: Mapping[str, str] = field(default_factory=dict, compare=False)  # by label, of a choice whose options have some


@dataclass
class Row:
    """`values` by column key. `id` and `title` of the record in a list; `links` the ids that linked values lead to; `raw` the group
    values as the database knows them; `behind` the filters that lead to the rows of a group."""

    values: dict[str, Any]
    id: int | None = None
    title: str = ""
    links: dict[str, int] = field(default_factory=dict)
    raw: tuple = ()
    parts: list = field(default_factory=list)


@dataclass
class Answer:
    question: Question
    object: Object
    columns: list[Column]
    rows: list[Row]
    totals: dict[str, Any]
    count: int
    words: str
    formats: Formats
    as_of: Any
    left_out: int = 0
    subtotals: dict[tuple, dict[str, Any]] = field(default_factory=dict)
    groupings: list = field(default_factory=list)

    @property
    def shown(self) -> int:
        return len(self.rows)

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)


@dataclass(frozen=True)
class Context:
    """What an answer is relative to: the catalogue of its viewer, the organisation's formats and day."""

    viewer: Any
    source: Source
    formats: Formats


def context(question: Question, viewer, today: date | None = None, known: Catalogue | None = None) -> Context:
    org = Organisation.current()
    formats = formats_of(org)
    known = known or catalogue(viewer)
    return Context(
        viewer, Source(known, known[question.object], viewer, formats, today or clock.today(org.zone)), formats
    )


def answer(
    question: Question,
    viewer,
    *,
    today: date | None = None,
    offset: int = 0,
    known: Catalogue | None = None,
    most_groups: int = MOST_GROUPS,
) -> Answer:
    """What this viewer may know of it. Invalid where the question cannot be answered, in plain words. `known` saves
    reading the viewer's catalogue again; `most_groups` is for who works on groups instead of showing them."""
    from prm.catalogue import listing, summary

    here = context(question, viewer, today, known)
    try:
        with limited():
            return listing.answer(question, here, offset) if question.is_list else summary.answer(question, here, most_groups)
    except TookTooLong as late:
        raise Invalid(
            f"This took longer than {late.seconds:g} seconds and was stopped. Narrow it with a filter, or group by something coarser."
        ) from None
    except OperationalError as error:
        if "overflow" in str(error):
            raise Invalid("The sum is too large to be shown. Narrow the question.") from None
        raise
