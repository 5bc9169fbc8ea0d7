"""A list page is a question with a URL: search, filters, sort, columns, paging and export are all in the address.

`q=…` searches; `f.<field>=v` (several: any of them) and `f.<field>.<operator>=v` filter, with `_` for the blanks of an
operator; `sort=-closed_on`; `cols=a,b`; `page=2`; `per=50`; `format=csv|xlsx` downloads every row, not the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from flask import request
from werkzeug.datastructures import MultiDict

from prm.catalogue.answer import Answer, Column, answer
from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT, Condition, Question, Sort
from prm.catalogue.source import named
from prm.core.formats import money
from prm.ui.asked import MOST_PAGES, PER, Asked, Chip, address, tidied
from prm.ui.cells import Addresses, Cell, cells
from prm.ui.quick import Choice, choices

__all__ = ["MOST_PAGES", "PER", "Head", "List", "address", "listing"]
LARGEST_FIRST = ("date", "datetime")
KEPT = ("sort", "cols", "per", "tab")  # what a search takes along
AVATARS = {"partner": "sq", "contact": "round"}  # objects whose names have a picture before them


@dataclass(frozen=True)
class Head:
    """A column heading with the address that sorts by it."""

    key: str
    label: str
    css: str
    href: str
    sorted: str = ""


@dataclass
class List:
    """All that a list template draws."""

    object: Object
    question: Question
    answer: Answer
    args: MultiDict
    path: str
    heads: list[Head]
    records: list[tuple[int, list[Cell]]]
    choices: list[Choice]
    chips: list[Chip]
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    shown: tuple[str, ...]
    usual: tuple[str, ...]
    page: int
    per: int
    format: str = ""
    problems: list[str] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.answer.count

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per + 1 if self.count else 0

    @property
    def last(self) -> int:
        return min(self.page * self.per, self.count)

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.per))

    @property
    def totals(self) -> list[tuple[str, str]]:
        """(label, amount) of the sums over every row that was found, also those on other pages."""
        formats = self.answer.formats
        shown = [(self.answer.column(key), value) for key, value in self.answer.totals.items() if value is not None]
        return [(column.label, money(value, formats.currency, formats.locale)) for column, value in shown]

    @property
    def narrowed(self) -> bool:
        return bool(self.chips or self.args.get("q"))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many rows a page may have, where that makes a difference."""
        return PER if self.count > PER[0] else ()

    @property
    def avatar(self) -> str:
        return AVATARS.get(self.object.key, "") if self.shown[:1] == ("name",) else ""

    @property
    def cleared(self) -> str:
        """The address without search and filters; columns, order and tab stay."""
        return self.url(**{name: None for name in self.args if name in ("q", "page") or name.startswith("f.")})

    def url(self, **changes) -> str:
        """This list's address with some parts changed; None takes a part out."""
        return address(self.path, self.args, **changes)

    def nearby(self) -> list[int | None]:
        """Page numbers worth a link; None stands for a gap."""
        wanted = sorted({1, 2, self.pages, self.page - 1, self.page, self.page + 1} & set(range(1, self.pages + 1)))
        found: list[int | None] = wanted[:1]  # type: ignore[assignment]
        for before, number in pairwise(wanted):
            found += [number] if number == before + 1 else [None, number]
        return found


def listing(
    object: str,
    viewer,
    args: MultiDict,
    *,
    columns: Sequence[str],
    filters: Sequence[str] = (),
    sort: str = "",
    where: Iterable[Condition] = (),
    under: Sequence[str] = (),
    name: str = "",
    path: str | None = None,
    base: Question | None = None,
    kept: Sequence[str] = (),
) -> List:
    """The list that the address asks for. A filter that cannot be used is named in `problems` and left out. On narrow
    screens the columns in `under` stand under the first. Choices are remembered for the list `name`, by default the object's.
    `base` is a question that the list narrows further, `kept` what else of the address a search takes along."""
    viewer = getattr(viewer, "_get_current_object", lambda: viewer)()  # the person, not what stands for them
    known, args, path = catalogue(viewer), tidied(args), path or request.path
    obj = known[object]
    asked = Asked(known, obj, args, viewer, name or object)
    shown, sorts, per = asked.columns(columns), asked.sort(sort), asked.per()
    limit = MAX_LIMIT if asked.format else per
    question = replace(base or Question(object), fields=tuple(shown), sort=sorts, limit=limit)
    question = question.where(*where, *asked.conditions())
    found, page = _page(question, viewer, known, 1 if asked.format else asked.page())
    quick = [] if asked.format else choices(asked, filters)
    taken = {choice.name for choice in quick}
    return List(
        obj, question, found, args, path,
        heads=[_head(path, args, column, sorts, under) for column in found.columns],
        records=[] if asked.format else _records(found, under),
        choices=quick,
        chips=asked.chips(path),
        groups=() if asked.format else _groups(known, obj),
        shown=tuple(shown), usual=tuple(columns), page=page, per=per, format=asked.format, problems=asked.problems,
        hidden=[(k, v) for k, v in args.items(multi=True) if k in KEPT or k in kept or (k.startswith("f.") and k not in taken)],
    )  # fmt: skip


def _page(question: Question, viewer, known: Catalogue, page: int) -> tuple[Answer, int]:
    """The rows of a page; of the last one where there are not so many."""
    found = answer(question, viewer, offset=(page - 1) * question.limit, known=known)
    if page > 1 and not found.rows:
        page = max(1, -(-found.count // question.limit))
        found = answer(question, viewer, offset=(page - 1) * question.limit, known=known)
    return found, page


def _records(found: Answer, under: Sequence[str]) -> list[tuple[int, list[Cell]]]:
    addresses = Addresses()
    low = [at for at, column in enumerate(found.columns) if at and column.key in under]
    records = [(row.id, cells(found, row, addresses)) for row in found.rows]
    for _, drawn in records if low else ():
        drawn[0].sub = ", ".join(drawn[at].text for at in low if drawn[at].value not in (None, ""))
        for at in low:
            drawn[at].css += " only-w"
    return records  # type: ignore[return-value]


def _groups(known: Catalogue, obj: Object) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The fields that can be columns and filters: its own, and those of the partner it belongs to."""
    own = tuple((f.key, f.label) for f in obj.fields if f.kind_key != "long_text")
    if not obj.partner:
        return ((obj.label, own),)
    link, of = obj.field(obj.partner), known["partner"]
    label = f"{link.label} "
    linked = tuple((f"{link.key}.{f.key}", named(label, f.label)) for f in of.fields if f.kind_key != "long_text")
    return (obj.label, own), (of.label, linked)


def _head(path: str, args: MultiDict, column: Column, sorts: tuple[Sort, ...], under: Sequence[str]) -> Head:
    kind = KINDS.get(column.kind_key)
    numeric = kind is not None and kind.numeric
    css = ("num" if numeric else "") + (" only-w" if column.key in under else "")
    current = next((s for s in sorts if s.key == column.key), None)
    desc = not current.desc if current else numeric or column.kind_key in LARGEST_FIRST
    state = ("descending" if current.desc else "ascending") if current else ""
    orderable = kind is None or kind.orderable
    href = address(path, args, sort=("-" if desc else "") + column.key, page=None) if orderable else ""
    return Head(column.key, column.label, css.strip(), href, state)
