"""A report as its page shows it: answered for whoever looks, with the filters they may change, and the rows behind a figure."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from prm.catalogue import operators, words
from prm.catalogue.answer import context
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Filter
from prm.core.errors import Invalid
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.table import Cell, Table
from prm.ui.answers import Drawn, drawn
from prm.ui.cells import Addresses
from prm.ui.pictures import picture

STEPS = ("at", "m", "part")


@dataclass(frozen=True)
class OpenFilter:
    """A filter that the reader may change: `name` is what its input sends."""

    name: str
    label: str
    values: list[str]
    options: list[str]
    kind: str
    problem: str = ""


@dataclass
class Shown:
    """`problem` says why it cannot be answered; everything else is then as far as it is known."""

    drawn: Drawn | None = None
    chart: str = ""
    words: str = ""
    problem: str = ""
    open: list[OpenFilter] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    as_of: object = None


def answer(content: Content, viewer, args: MultiDict, rows_address: str, title: str = "") -> Shown:
    """What this viewer sees of it, with the filter values that the address has. Its conditions are told to staff only: they may
    name another partner, or a customer of one."""
    viewer = getattr(viewer, "_get_current_object", lambda: viewer)()
    known, given = catalogue(viewer), given_values(content, args)
    made = Shown()
    try:
        source = context(content.question, viewer, known=known).source
        made.open = [_open(content, number, source, given) for number in content.open if viewer.is_staff or _is_harmless(content, number, source)]
        if viewer.is_staff:
            locked = (f for at, f in enumerate(content.question.filters, 1) if at not in content.open)
            made.locked = [_sentence(words.condition(f, source)) for f in locked]
        table = ask(content.changed(given), viewer, known=known)
    except Invalid as refusal:
        made.problem = refusal.message
        return made
    open = lambda cell: _behind(rows_address, args, cell)  # noqa: E731
    made.drawn = drawn(table, open, Addresses())
    made.words, made.as_of = (said(table) if viewer.is_staff else ""), table.answers[0].as_of
    made.chart = picture(table, content.question.chart, title=title or "Chart", open=open)
    return made


def _is_harmless(content: Content, number: int, source) -> bool:
    """Whether a partner may read the saved value of a filter: not where values say who somebody is."""
    held = content.question.filters[number - 1]
    return isinstance(held, Filter) and not source.bind(held.field).field.tells_who


def said(table: Table) -> str:
    """The report in words: each of its questions as a sentence."""
    return "; ".join(each.words for each in table.answers)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def given_values(content: Content, args: MultiDict) -> dict[int, object]:
    """The reader's values of open filters, by number: `f2=Gold`. What is not in the address stays as it was saved."""
    found: dict[int, object] = {}
    for number in content.open:
        values = [v for v in args.getlist(f"f{number}") if v.strip()][:100]
        held = content.question.filters[number - 1]
        if values and isinstance(held, Filter):
            many = isinstance(held.value, list)
            found[number] = [part.strip() for v in values for part in v.split(";") if part.strip()] if many else values[0]
    return found


def _open(content: Content, number: int, source, given: dict) -> OpenFilter:
    held = content.question.filters[number - 1]
    bound = source.bind(held.field)
    value = given.get(number, held.value)
    values = [str(v) for v in value] if isinstance(value, list) else [str(value)] if value is not None else []
    label = f"{bound.label} {operators.find(held.op, bound.field.kind).label}"
    options = [o.label for o in source.options(bound.field)] if not isinstance(held.value, list) else []
    problem = ""
    try:
        source.condition(Filter(held.field, held.op, value))
    except Invalid as refusal:
        problem = refusal.message
    return OpenFilter(f"f{number}", label, values, options, bound.field.kind_key, problem)


def _behind(address: str, args: MultiDict, cell: Cell) -> str:
    """The address of the rows behind a figure; the reader's filter values go along."""
    place = json.dumps([list(step) for step in cell.place or ()], separators=(",", ":"), default=str)
    kept = [(k, v) for k, v in args.items(multi=True) if k not in STEPS]
    steps = [("at", place), ("m", cell.column.key)] + ([("part", str(cell.part))] if cell.part else [])
    return f"{address}?{urlencode([*kept, *steps])}"
