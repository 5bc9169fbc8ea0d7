"""What a KPI asks: which version holds in a period, its question over partners and periods, and its dates.

The value of a question is its measure called `value`, else its last one; the measures before it feed its formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from json import dumps

from prm.catalogue.answer import answer
from prm.catalogue.fields import Catalogue
from prm.catalogue.question import Filter, Group, Measure, Question
from prm.core.errors import Invalid
from prm.core.periods import Period
from prm.models import KpiVersion

PARTNER, PERIOD, ROWS = "_partner", "_period", "_rows"
VALUE = "value"


def version_at(versions: Sequence[KpiVersion], start: date) -> KpiVersion:
    """The newest that is valid from `start` or before; the first one also holds for everything before it."""
    ordered = sorted(versions, key=lambda v: (v.valid_from, v.number))
    return next((v for v in reversed(ordered) if v.valid_from <= start), ordered[0])


def question_of(version: KpiVersion) -> Question:
    """Its question as it was defined; parsed once per definition."""
    return _parsed(dumps(version.question, sort_keys=True))


@lru_cache(maxsize=256)
def _parsed(text: str) -> Question:
    from json import loads

    return Question.parse(loads(text))


def value_key(question: Question) -> str:
    keys = [m.key for m in question.measures]
    return VALUE if VALUE in keys else keys[-1]


def narrowed(version: KpiVersion, first: Period, last: Period) -> Question:
    """The rows from the first period to the last, whoever the partner is."""
    question = question_of(version)
    return question.where(Filter(version.date_field, "in", f"{first.start}..{last.end}"))


def by_partner_and_period(version: KpiVersion, first: Period, last: Period, link: str, most: int) -> Question:
    """The same question, asked at once for every partner and each of these periods, with the count of rows behind."""
    return replace(
        narrowed(version, first, last),
        fields=(),
        rows=(Group(link, PARTNER), Group(version.date_field, PERIOD, by=version.period_length)),
        columns=(),
        measures=(*question_of(version).measures, Measure(ROWS)),
        sort=(),
        limit=most,
    )


def check(version: KpiVersion, known: Catalogue, viewer) -> None:
    """Invalid, naming the input, where a definition cannot be worked out per partner and period. It is asked once, as
    that is the only way to know that every value in it means something."""
    question = question_of(version)
    obj = known[question.object]
    if question.groups or not question.measures:
        raise Invalid("A KPI is one figure: a question with measures and without groups.", field="question")
    if not obj.partner:
        raise Invalid(f"{obj.plural} do not belong to a partner, so they make no KPI.", field="object")
    _, dated = known.find(obj, version.date_field)
    if dated.kind_key not in ("date", "datetime"):
        raise Invalid(f"{dated.label} is no date.", field="date_field")
    answer(question, viewer, known=known)
