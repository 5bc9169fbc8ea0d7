"""What the home page of staff says about a period: scores, grades, revenue, the best, the weakest, and what changed.

Everything is of the partners the viewer may see; a fixed number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from peewee import JOIN, fn

from prm.access import rows
from prm.catalogue.answer import answer
from prm.catalogue.question import Filter, Group, Measure, Question
from prm.core.db import from_units
from prm.core.periods import Period, last_periods
from prm.models import Organisation, Partner, Scorecard, Tier

SPAN, FEW = 8, 5
TENTH = Decimal("0.1")


class Line(NamedTuple):
    """A partner's standing in the period, and in the one before."""

    id: int
    name: str
    tier: str | None
    position: int | None
    score: Decimal
    grade: str
    before: Decimal | None

    @property
    def moved(self) -> Decimal | None:
        return None if self.before is None else self.score - self.before


@dataclass
class Summary:
    """One period in a few numbers."""

    period: Period
    scored: int = 0
    total: Decimal = Decimal(0)
    grades: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    published: int = 0
    partners: int = 0
    revenue: int = 0
    deals: int = 0

    @property
    def mean(self) -> Decimal | None:
        return (self.total / self.scored).quantize(TENTH, ROUND_HALF_UP) if self.scored else None

    def graded(self, letters: list[str]) -> int:
        return sum(self.grades[letter] for letter in letters)


@dataclass
class Overview:
    """`history` ends with `now`; `good` are the grades of the better half of the scale; `left_out` are deals won in these
    periods that no rate turns into the base currency."""

    history: list[Summary]
    lines: list[Line]
    grades: list[str]
    left_out: int = 0

    @property
    def now(self) -> Summary:
        return self.history[-1]

    @property
    def before(self) -> Summary:
        return self.history[-2]

    @property
    def good(self) -> list[str]:
        return self.grades[: max(1, len(self.grades) // 2)]

    @property
    def best(self) -> list[Line]:
        return sorted(self.lines, key=lambda line: (-line.score, line.name))[:FEW]

    @property
    def weakest(self) -> list[Line]:
        """The lowest scores; of equal ones the higher tier first, as more is at stake there."""
        last = len(self.lines)
        return sorted(self.lines, key=lambda line: (line.score, last if line.position is None else line.position, line.name))[:FEW]

    @property
    def risen(self) -> list[Line]:
        moved = [line for line in self.lines if (line.moved or 0) > 0]
        return sorted(moved, key=lambda line: (-(line.moved or 0), line.name))[:FEW]

    @property
    def fallen(self) -> list[Line]:
        moved = [line for line in self.lines if (line.moved or 0) < 0]
        return sorted(moved, key=lambda line: (line.moved or 0, line.name))[:FEW]


def overview(viewer, period: Period) -> Overview:
    periods = last_periods(period, SPAN)
    history = {p.key: Summary(p) for p in periods}
    _score(viewer, history)
    left_out = _sell(viewer, history, periods)
    grades = [letter for letter, _ in Organisation.current().grade_floors]
    return Overview(list(history.values()), _lines(viewer, period), grades, left_out)


def _score(viewer, history: dict[str, Summary]) -> None:
    """Counts and sums by period and grade, in one query."""
    t = Scorecard
    sums = (fn.COUNT(t.id), fn.COUNT(t.score), fn.SUM(t.score), fn.COUNT(t.published_at))
    found = rows.visible(t, viewer, t.period, t.grade, *sums).where(t.period.in_(list(history)))
    for key, grade, partners, scored, total, published in found.group_by(t.period, t.grade).tuples():
        summary = history[key]
        summary.partners += partners
        summary.scored += scored
        summary.total += from_units(total or 0)  # a sum is of the units that are stored
        summary.published += published
        summary.grades[grade] += scored


def _sell(viewer, history: dict[str, Summary], periods: list[Period]) -> int:
    """Amount and number of the deals won, period by period; returns how many are in no amount for want of a rate."""
    question = Question(
        "deal",
        filters=(Filter("outcome", "is", "won"), Filter("closed_on", "in", f"{periods[0].start}..{periods[-1].end}")),
        rows=(Group("closed_on", "at", by=periods[0].length),),
        measures=(Measure("won", "sum", "amount"), Measure("n")),
    )
    found = answer(question, viewer)
    for row in found.rows:
        summary = history.get(row.values["at"])
        if summary is not None:
            summary.revenue, summary.deals = row.values["won"] or 0, row.values["n"]
    return found.left_out


def _lines(viewer, period: Period) -> list[Line]:
    t, before = Scorecard, Scorecard.alias()
    found = (
        rows.visible(t, viewer, Partner.id, Partner.name, Tier.name, Tier.position, t.score, t.grade, before.score)
        .join_from(t, Partner)
        .join_from(Partner, Tier, JOIN.LEFT_OUTER)
        .join_from(t, before, JOIN.LEFT_OUTER, on=(before.partner == t.partner) & (before.period == period.previous().key))
        .where((t.period == period.key) & t.score.is_null(False))
    )
    return [Line(*row) for row in found.tuples()]
