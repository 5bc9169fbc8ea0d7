"""Where a question's rows come from: the table, the links it reaches through, and the conditions on them, as SQL.

Row rules hold at every step: the rows themselves, every linked row (a foreign one reads as empty), and the rows inside
`with` and `without`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import and_
from typing import Any

from peewee import JOIN, SQL, Value, fn

from prm.access import rows
from prm.catalogue import comparing, operators
from prm.catalogue.fields import Catalogue, Field, Object, Option
from prm.catalogue.kinds import Formats, clean
from prm.catalogue.question import Condition, Filter, Has, Matches, Only, Question, Within
from prm.core.errors import Invalid
from prm.core.text import searchable
from prm.models import Organisation


BLANK = {"is": "is empty", "is not": "is not empty"}  # compared with nothing


def _not(condition):
    """Every row that the condition does not find: those too of which SQL says “unknown”, as their value is empty."""
    return ~fn.COALESCE(condition, SQL("FALSE"))


@dataclass(frozen=True)
class Bound:
    """A field where it stands in this query: `t` is the table or alias that carries it."""

    path: str
    field: Field
    t: Any
    label: str

    @property
    def column(self):
        return self.field.column(self.t)

    @property
    def comparable(self):
        return self.field.comparable(self.t)


def formats_of(org: Organisation) -> Formats:
    return Formats(locale=org.locale, currency=org.currency, zone=org.zone, fiscal_month=org.fiscal_month)


class Source:
    """One object for one viewer. Asking for a path adds the joins it needs. `t` is its table, or the alias that stands for it
    inside another question."""

    def __init__(self, catalogue: Catalogue, obj: Object, viewer, formats: Formats, today: date, t=None):
        self.catalogue, self.obj, self.viewer = catalogue, obj, viewer
        self.formats, self.today = formats, today
        self.t = obj.table if t is None else t
        self.joins: dict[tuple[str, ...], tuple[Any, Any, Object]] = {}

    def bind(self, path: str) -> Bound:
        links, field = self.catalogue.find(self.obj, path)
        t, steps, label = self.t, (), ""
        for link in links:
            steps += (link.key,)
            t = self._join(steps, link, t)
            label += f"{link.label} "
        return Bound(path, field, t, named(label, field.label))

    def title(self, bound: Bound):
        """What a link shows: the title of the row it leads to, empty where the viewer may not see that row."""
        obj = self.catalogue[bound.field.link]
        steps = tuple(bound.path.split("."))
        return obj.title(self._join(steps, bound.field, bound.t))

    def _join(self, steps: tuple[str, ...], link: Field, t):
        if steps not in self.joins:
            obj = self.catalogue[link.link]
            alias = _alias(obj.table, steps)
            on = link.column(t) == alias.id
            held = rows.condition(alias, self.viewer)
            self.joins[steps] = (alias, on if held is None else on & held, obj)
        return self.joins[steps][0]

    def options(self, field: Field) -> list[Option]:
        return self.catalogue.options(field)

    def select(self, *columns, where=None):
        """The visible rows that meet `where`, with the joins asked for so far."""
        query = self.t.select(*columns)
        for alias, on, _ in self.joins.values():
            query = query.join_from(self.t, alias, JOIN.LEFT_OUTER, on=on)
        held = rows.condition(self.t, self.viewer)
        for condition in (held, where):
            if condition is not None:
                query = query.where(condition)
        return query

    # ── conditions ──

    def where(self, question: Question):
        """The filters of a question with its logic, as one expression; None without filters."""
        parts = [self.condition(f) for f in question.filters]
        if not parts:
            return None
        if question.logic is None:
            return reduce(and_, parts)
        return question.logic.walk(lambda i: parts[i], lambda a, b: a & b, lambda a, b: a | b, _not)

    def all_of(self, filters: tuple[Filter, ...]):
        return reduce(and_, [self.condition(f) for f in filters]) if filters else None

    def condition(self, part: Condition):
        if isinstance(part, Has):
            return self._has(part)
        if isinstance(part, Matches):
            return self._matches(part.text)
        if isinstance(part, Only):
            return self.t.id.in_(part.ids)
        if isinstance(part, Within):
            from prm.catalogue.grouping import grouping

            return grouping(self, part.group).expression == part.index
        bound = self.bind(part.field)
        return self._compare(bound, part)

    def _compare(self, bound: Bound, part: Filter):
        kind = bound.field.kind
        operator = operators.find(part.op, kind)
        if operator.key in BLANK and not self._means_something(bound, part.value):
            operator = operators.find(BLANK[operator.key], kind)
        value = self._value(bound, operator, part.value)
        column = bound.comparable
        return operator.build(column, value, kind, self.formats, self.today)

    def _means_something(self, bound: Bound, value) -> bool:
        """Nothing, or blank text, is no value; unless it is a choice of its own (not registered)."""
        blank = value is None or (isinstance(value, str) and not value.strip())
        return not blank or any(value == option.value for option in self.options(bound.field))

    def _value(self, bound: Bound, operator, value):
        """The filter's value in the terms of the database, by the field's kind."""
        if not operator.arity or operator.relative:
            return value
        if operator.arity == "many":
            items = value if isinstance(value, list | tuple) else [value]
            return [v for item in items for v in self._stored(bound, operator, item)]
        if operator.arity == 2:
            if not isinstance(value, list | tuple) or len(value) != 2:
                raise Invalid(f"“{bound.label} {operator.label}” needs two values.")
            return [self._one(bound, operator, v) for v in value]
        return self._one(bound, operator, value)

    def _one(self, bound: Bound, operator, value):
        found = self._stored(bound, operator, value)
        return found[0] if len(found) == 1 else found

    def _stored(self, bound: Bound, operator, value) -> list:
        """Usually one value; a link given by name may mean several rows (two partners of one name)."""
        field = bound.field
        if not self._means_something(bound, value):
            raise Invalid(f"“{bound.label} {operator.label}” needs a value.")
        if operator.textual:
            return [clean(value)]
        if field.link:
            return self._linked(field, value)
        if field.options:
            return [self._option(field, bound, value)]
        parsed = field.kind.parse(value, self.formats)
        if parsed is None:
            raise Invalid(f"“{bound.label} {operator.label}” needs a value.")
        return [field.kind.store(parsed)]

    def _option(self, field: Field, bound: Bound, value):
        wanted = str(value).casefold()
        for option in self.options(field):
            if wanted in (str(option.label).casefold(), str(option.value).casefold()):
                return option.value
        known = ", ".join(o.label for o in self.options(field)[:12])
        raise Invalid(f"{bound.label} has no choice “{str(value)[:80]}”. There are: {known}.")

    def _linked(self, field: Field, value) -> list:
        """Ids of the visible rows that a person means by a number, a name, or “me”."""
        if value == "me" and field.link == "person":
            return [self.viewer.id]
        if isinstance(value, int) and not isinstance(value, bool):
            return [value if 0 < value <= rows.MAX_ID else 0]
        obj = self.catalogue[field.link]
        t, text = obj.table, clean(value)[:200]
        match = comparing.same_text(obj.title(t), text)
        if obj.key_field:
            match |= getattr(t, obj.key_field) == text
        found = [row[0] for row in rows.visible(t, self.viewer, t.id).where(match).limit(50).tuples()]
        return found or [0]

    def _matches(self, text: str):
        """Every word occurs in the search line of the row, or of its partner where it has none of its own."""
        words = searchable(clean(text))[:200].split()[:10]
        line = self._search_line()
        parts = [comparing.contains(line, word) for word in words]
        return reduce(and_, parts) if parts else Value(1) == Value(1)

    def _search_line(self):
        if hasattr(self.obj.table, "search_text"):
            return self.t.search_text
        if self.obj.key == "person":
            return fn.LOWER(self.t.name.concat(" ").concat(fn.COALESCE(self.t.email, "")))
        if self.obj.partner:
            link = self.obj.field(self.obj.partner)
            return self._join((link.key,), link, self.t).search_text
        return fn.LOWER(self.obj.title(self.t))

    def _has(self, part: Has):
        """Rows with (without) a visible row of another object that hangs on them."""
        other = self.catalogue[part.object]
        link = next((f for f in other.fields if f.link == self.obj.key), None)
        if link is None:
            raise Invalid(f"A {self.obj.label.lower()} has no {other.plural.lower()}.")
        inner = Source(self.catalogue, other, self.viewer, self.formats, self.today)
        where = inner.all_of(part.filters)
        column = link.column(inner.t)
        query = inner.select(column, where=where).where(column.is_null(False))
        return self.t.id.in_(query) if part.wanted else self.t.id.not_in(query)


@lru_cache(maxsize=1024)
def _alias(table, steps: tuple[str, ...]):
    """One for each way to a table: peewee makes a class for every column of a new one."""
    return table.alias()


def named(links: str, label: str) -> str:
    """“Partner tier” for the tier of a partner; “Partner no” is not said “Partner partner no”."""
    return label if not links or label.startswith(links) else links + label[:1].lower() + label[1:]
