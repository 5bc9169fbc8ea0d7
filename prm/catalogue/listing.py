"""A plain list: one row a record, sorted and paged by the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from peewee import Case, fn

from prm.catalogue import words
from prm.catalogue.answer import Amount, Answer, Column, Context, Row
from prm.catalogue.formula import EXACT
from prm.catalogue.kinds import Formats
from prm.catalogue.measuring import without_rate
from prm.catalogue.question import Only, Question, RowFormula, Sort
from prm.catalogue.source import Bound, Source
from prm.core import clock
from prm.core.db import db, is_sqlite
from prm.core.errors import Invalid
from prm.core.money import from_minor, to_minor
from prm.core.unchanged import while_unchanged

AT_ONCE = 1000
SIX = Decimal("0.000001")


class _Rows(Sequence):
    """Many rows, each made when it is read: a hundred thousand of them at once would fill a small server."""

    def __init__(self, found: list[tuple], readers: list):
        self._found, self._readers = found, readers

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [_row(raw, self._readers) for raw in self._found[at]]
        return _row(self._found[at], self._readers)


def answer(question: Question, here: Context, offset: int = 0) -> Answer:
    source = here.source
    where = source.where(question)
    joins = dict(source.joins)
    made = {f.key: f for f in question.formulas}
    shown = [*(question.fields or _default(source)), *(key for key in made if key not in question.fields)]
    bounds = [made.get(path) or source.bind(path) for path in shown]
    picked, readers = _pick(source, bounds)
    order = [term for sort in question.sort for term in _order(source, sort, question.formulas)]
    query = source.select(source.t.id, source.obj.title(source.t), *picked, where=where).order_by(*order, source.t.id.desc())
    # as the driver gives them: each kind reads its own values, and peewee would read them once before
    found = db.execute(query.limit(question.limit).offset(offset)).fetchall()
    source.joins = joins
    named = any(isinstance(condition, Only) for condition in question.filters) and not offset and len(found) < question.limit
    count, totals = _totals(source, where, question.fields, len(found) if named else None)
    return Answer(
        question=question,
        object=source.obj,
        columns=[Column(b.key, b.label, b.kind) if isinstance(b, RowFormula) else _column(source, b) for b in bounds],
        rows=[_row(raw, readers) for raw in found] if len(found) <= AT_ONCE else _Rows(found, readers),
        totals=totals,
        count=count,
        left_out=_left_out(source, where, totals),
        words=words.say(question, source),
        formats=here.formats,
        as_of=clock.now(),
    )


def _totals(source: Source, where, paths, known_count: int | None) -> tuple[int, dict[str, int | None]]:
    """How many rows there are, and the sum of each amount shown: over all rows, in minor units of the base currency. Not
    asked for where the rows were named one by one and none has an amount."""
    known = source.obj.by_key
    amounts = {path: known[path] for path in paths if path in known and known[path].currency and known[path].total}
    if known_count is not None and not amounts:
        return known_count, {}
    sums = [fn.SUM(field.comparable(source.t)) for field in amounts.values()]
    query = source.select(fn.COUNT(source.t.id), *sums, where=where).tuples()
    sql, params = query.sql()  # it says whose rows they are, so that nobody gets what was counted for another
    count, *found = while_unchanged(("totals", sql, tuple(params)), query.get)
    return count, {path: None if value is None else int(value) for path, value in zip(amounts, found, strict=True)}


def _left_out(source: Source, where, totals: dict) -> int:
    """The rows whose amount has no exchange rate, so that it is in no sum."""
    return without_rate(source, where, [(field, source.t) for field in map(source.obj.field, totals)])


def _default(source: Source) -> list[str]:
    return [f.key for f in source.obj.fields if f.kind_key != "long_text"][:8]


def _column(source: Source, bound: Bound) -> Column:
    field = bound.field
    colours = {o.label: o.colour for o in source.options(field) if o.colour} if field.custom and field.options else {}
    return Column(bound.path, bound.label, field.kind_key, link=field.link, field_key=field.key, colours=colours)


def _pick(source: Source, bounds: list[Bound | RowFormula]):
    """The SQL columns, and for each field a reader (key, position, how to read)."""
    picked, readers = [], []
    for bound in bounds:
        at = len(picked) + 2
        if isinstance(bound, RowFormula):
            operands = [_operand(source, name) for name in sorted(bound.formula.names)]
            picked += [column for _, column, _ in operands]
            readers.append((bound.key, at, "formula", (bound, [(name, read) for name, _, read in operands], source.formats)))
            continue
        field = bound.field
        picked.append(bound.column)
        if field.link:
            picked.append(source.title(bound))
            readers.append((bound.path, at, "link", None))
        elif field.currency:
            picked.append(field.currency(bound.t))
            readers.append((bound.path, at, "amount", None))
        elif field.options and field.kind_key == "choice":
            readers.append((bound.path, at, "choice", {o.value: o.label for o in source.options(field)}))
        elif field.options and field.kind_key == "choices":
            readers.append((bound.path, at, "plain", field.labelled(source.options(field))))
        else:
            readers.append((bound.path, at, "plain", field.kind.raw))
    return picked, readers


def _operand(source: Source, path: str) -> tuple[str, Any, Callable[[Any], Any]]:
    """(name, SQL, how what comes back is read): figures as decimals, money in whole units of the base currency, choices and
    links by their names."""
    bound = source.bind(path)
    kind, field = bound.field.kind, bound.field
    if field.link:
        return path, source.title(bound), lambda raw: raw
    if field.options and field.kind_key == "choice":
        labels = {o.value: o.label for o in source.options(field)}
        return path, bound.column, labels.get
    if field.kind_key == "money":
        return path, bound.comparable, lambda raw: None if raw is None else from_minor(raw, source.formats.currency)
    return path, bound.column, kind.raw


def _worked_out(bound: RowFormula, operands: list, raws: tuple, formats: Formats) -> Any:
    """The value of a row's formula; empty where it cannot be worked out or is not of its kind."""
    values = {name: read(raw) for (name, read), raw in zip(operands, raws, strict=True)}
    result = bound.formula.result(values.get)
    if bound.kind == "text":
        return None if result is None else f"{result:f}" if isinstance(result, Decimal) else str(result)
    if isinstance(result, bool):
        result = Decimal(result)
    if not isinstance(result, Decimal):
        return None
    if bound.kind != "money":
        return result.quantize(SIX, ROUND_HALF_UP, EXACT)
    try:
        return to_minor(result, formats.currency)
    except Invalid:
        return None


def _row(raw: tuple, readers) -> Row:
    values, links = {}, {}
    for key, at, how, extra in readers:
        if how == "formula":
            bound, operands, formats = extra
            values[key] = _worked_out(bound, operands, raw[at : at + len(operands)], formats)
            continue
        value = raw[at]
        if how == "link":
            values[key] = raw[at + 1]
            if raw[at + 1] is not None:
                links[key] = value
        elif value is None:
            values[key] = None
        elif how == "amount":
            values[key] = Amount(int(value), raw[at + 1])
        elif how == "choice":
            values[key] = extra.get(value)
        else:
            values[key] = extra(value)
    return Row(values, id=raw[0], title=raw[1] or "", links=links)


def _order(source: Source, sort: Sort, formulas: tuple[RowFormula, ...] = ()):
    """Empty values come last, whichever way; choices in their own order, text without regard to case."""
    if any(f.key == sort.key for f in formulas):
        raise Invalid(f"“{sort.key}” is worked out for each row that is shown: the list cannot be sorted by it.")
    bound = source.bind(sort.key)
    field = bound.field
    if not field.kind.orderable:
        raise Invalid(f"The list cannot be sorted by {bound.label}.")
    term = bound.comparable
    if field.link:
        term = _text(source.title(bound))
    elif field.options and field.kind_key == "choice":
        term = (
            Case(term, [(o.value, i) for i, o in enumerate(source.options(field))]) if source.options(field) else term
        )
    elif field.kind_key in ("text", "long_text", "email", "url"):
        term = _text(term if field.required and not field.custom else fn.NULLIF(term, ""))  # an index has names in this order
    yield term.desc(nulls="LAST") if sort.desc else term.asc(nulls="LAST")


def _text(term):
    """By code point of the lower case on both databases: PostgreSQL would otherwise sort by its own locale."""
    lower = fn.LOWER(term)
    return lower if is_sqlite() else lower.collate('"C"')
