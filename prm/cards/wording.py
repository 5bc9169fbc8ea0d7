"""What a KPI counts, in words that its reader may read (the partner side, unless said otherwise), and the list of rows
behind it.

A definition that needs a field the reader may not know is not told at all: neither the field's name nor a part of the rest.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property, lru_cache
from json import dumps, loads

from prm.catalogue import operators, words
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Catalogue
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Filter, Measure, Question
from prm.catalogue.source import Source
from prm.core import clock
from prm.core.errors import Invalid
from prm.models import KpiVersion, Organisation, Person, Role

READER = Person(role=Role.EXECUTIVE.value)  # some partner's executive: knows the fields of that side, and no row
LISTED = ("deal", "contact")  # objects with a list page, on which a partner's rows can be asked for
SIGNS = {"*": " × ", "/": " ÷ ", "-": " − ", "+": " + "}
NAME = re.compile(r"[A-Za-z_]\w*")


class Wording:
    """Says definitions; holds the catalogue of its reader, so that any number of them cost one query."""

    def __init__(self, org: Organisation, known: Catalogue | None = None, reader=READER):
        self.org, self._known, self.reader = org, known, reader

    @cached_property
    def known(self) -> Catalogue:
        """From a wider one that has been read already, or read now."""
        if self._known is None:
            return catalogue(self.reader)
        told = {key: obj.for_viewer(self.reader) for key, obj in self._known.objects.items() if self.reader.is_staff or obj.audience}
        return Catalogue(told, self._known._options)

    def definition(self, version: KpiVersion) -> str:
        if version.source == "entered":
            return f"Entered by {self.org.name}."
        try:
            return self._said(version, _parsed(dumps(version.question)))
        except Invalid:
            return f"Worked out by {self.org.name} from its own records."

    def behind(self, version: KpiVersion) -> dict | None:
        """{"object", "date_field", "filters": [[name, value], …]} for a list page; None where a list cannot say it."""
        if version.source == "entered":
            return None
        try:
            question = _parsed(dumps(version.question))
            self._said(version, question)
            filters = [*question.filters, *_value(question).where]
            if question.object not in LISTED or question.logic or not all(isinstance(f, Filter) for f in filters):
                return None
            pairs = [pair for each in filters for pair in self._pairs(question, each)]
        except Invalid:
            return None
        return {"object": question.object, "date_field": version.date_field, "filters": pairs}

    def _pairs(self, question: Question, each: Filter) -> list[list[str]]:
        _, field = self.known.find(self.known[question.object], each.field)
        operator = operators.find(each.op, field.kind)
        values = each.value if isinstance(each.value, list | tuple) else [each.value]
        if operator.arity == 2:
            values = [f"{values[0]}..{values[1]}"]
        shown = [str(v) for v in values] if operator.arity else ["-"]
        return [[f"f.{each.field}.{operator.key.replace(' ', '_')}", value] for value in shown]

    def _refuse_names(self, question: Question) -> None:
        """A definition for one partner's eyes must not name another one, nor its people and customers."""
        if self.reader.is_staff:
            return
        for each in (*question.filters, *(f for m in question.measures for f in m.where)):
            if not isinstance(each, Filter):
                raise Invalid("not told")
            _, field = self.known.find(self.known[question.object], each.field)
            if field.tells_who:
                raise Invalid("not told")

    def _said(self, version: KpiVersion, question: Question) -> str:
        self._refuse_names(question)
        source = Source(self.known, self.known[question.object], self.reader, formats_of(self.org), clock.today(self.org.zone))
        dated = source.bind(version.date_field).label
        rows = words.say(replace(question, measures=(), rows=(), columns=()), source)
        rows = rows if rows[:2].isupper() else rows[:1].lower() + rows[1:]
        figure = _figure(_value(question), question, source)
        return f"{figure[:1].upper()}{figure[1:]} of {rows}, counted by “{dated}”."


@lru_cache(maxsize=256)
def _parsed(text: str) -> Question:
    return Question.parse(loads(text))


def _value(question: Question) -> Measure:
    """The measure that is the KPI's value: the one of that name, else the last."""
    named = [m for m in question.measures if m.key == "value"]
    if not question.measures:
        raise Invalid("The question measures nothing.")
    return (named or list(question.measures))[-1]


def _figure(measure: Measure, question: Question, source: Source) -> str:
    if measure.formula:
        return _formula(measure, question, source)
    text = _heading(measure, source)
    if measure.where:
        text += " (where " + " and ".join(words.condition(f, source) for f in measure.where) + ")"
    return text


def _heading(measure: Measure, source: Source) -> str:
    if not measure.field:
        return "number"
    if measure.by:
        return f"number of different {measure.by}s"
    said = words.measure(measure, source.bind(measure.field))
    return said[:1].lower() + said[1:]


def _formula(measure: Measure, question: Question, source: Source) -> str:
    """The formula with what its names stand for: “total amount ÷ number”."""
    parts = {m.key: m for m in question.measures}
    text = "".join(SIGNS.get(sign, sign) for sign in measure.text.replace(" ", ""))

    def spelled(name: re.Match) -> str:
        part = parts.get(name[0])
        if part is None:
            return name[0]
        said = _figure(part, question, source)
        return f"({said})" if part.formula else said

    return NAME.sub(spelled, text)
