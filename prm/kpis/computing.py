"""Results: KPI × partner × period, worked out by one question for many partners and periods at once, and kept.

Reading happens outside of the transaction that stores, so that nobody waits for it; only what differs is written. A past
period that was judged keeps the target it was judged by, unless it is computed again on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from prm.access.system import SYSTEM
from prm.catalogue.answer import answer
from prm.catalogue.fields import Catalogue
from prm.catalogue.objects import catalogue
from prm.catalogue.operators import MOST_VALUES
from prm.catalogue.question import Filter, Measure
from prm.core import bulk, clock
from prm.core.db import SCALE, db
from prm.core.money import from_minor
from prm.core.periods import Period, of_index, parse_period, period_of
from prm.kpis import rules
from prm.kpis.definitions import ROWS, by_partner_and_period, question_of, value_key, version_at
from prm.kpis.targeting import Targets
from prm.models import ClosedPeriod, Kpi, KpiEntry, KpiResult, KpiVersion, Organisation, Partner

GROUPS = 100_000  # partners × periods asked for at once
MOST_PERIODS = 120
LIMIT = Decimal(2**63 // SCALE - 1)  # what the column holds
Judged = set[tuple[int, str]]  # (partner id, period key)
Report = Callable[[str], None]


class Figure(NamedTuple):
    """What a question found for a partner and period: the value in the KPI's unit, and the rows behind it."""

    value: Decimal | None
    rows: int


class Member(NamedTuple):
    """A partner as far as its results depend on it."""

    id: int
    tier: int | None
    since: date | None


@dataclass
class Result:
    """A row of `KpiResult` to be."""

    partner: int
    period: Period
    version: KpiVersion
    value: Decimal | None
    target: Decimal | None
    rows: int

    @property
    def attainment(self) -> Decimal | None:
        return rules.attainment(self.value, self.target, self.version.direction)

    def facts(self) -> tuple:
        """In the order of `FACTS`."""
        v, reached = self.version, self.attainment
        standing = rules.status(reached, v.green, v.amber)
        return (v.id, self.value, self.target, reached, standing, v.weight, self.rows)


FACTS = (
    KpiResult.version, KpiResult.value, KpiResult.target, KpiResult.attainment, KpiResult.status, KpiResult.weight,
    KpiResult.rows,
)  # fmt: skip
COLUMNS = ["kpi", "partner", "period", "starts_on", "computed_at", *(fact.name for fact in FACTS)]


class Computing:
    """Works out one KPI. `partners` and `periods` narrow it; `on_purpose` also rewrites what is past or closed."""

    def __init__(self, kpi: Kpi, *, known: Catalogue | None = None, on_purpose: bool = False):
        self.kpi, self.on_purpose = kpi, on_purpose
        self.known = known or catalogue(SYSTEM)
        self.here = Organisation.current()
        self.today = clock.today(self.here.zone)
        self.versions = list(KpiVersion.select().where(KpiVersion.kpi == kpi.id))
        self.targets = Targets(kpi.id)
        self.ran: set[str] = set()  # the periods worked out, whether anything differed or not: their scores follow
        self.closed = set() if on_purpose else set(ClosedPeriod.select(ClosedPeriod.key).scalars())

    # ── which periods ──

    def periods(self) -> list[Period]:
        """From the first row to the last, not beyond today: a period begins to be judged with its first row."""
        found: dict[str, Period] = {}
        for version in self.versions:
            for period in self._spanned(version):
                if version_at(self.versions, period.start) is version:
                    found[period.key] = period
        return sorted(found.values(), key=lambda p: (p.length, p.start))

    def _spanned(self, version: KpiVersion) -> list[Period]:
        if version.source == "entered":
            keys = KpiEntry.select(KpiEntry.period).where(KpiEntry.kpi == self.kpi.id).distinct().scalars()
            every = [parse_period(key, self.here.fiscal_month) for key in keys]
            return [p for p in every if p.length == version.period_length and p.start <= self.today]
        first, last = self._dates(version)
        if first is None or last is None or first > self.today:
            return []
        ends = [period_of(day, version.period_length, self.here.fiscal_month) for day in (first, min(last, self.today))]
        start = max(ends[0].index, ends[1].index - MOST_PERIODS + 1)
        return [of_index(i, version.period_length, self.here.fiscal_month) for i in range(start, ends[1].index + 1)]

    def _dates(self, version: KpiVersion) -> tuple[date | None, date | None]:
        """The first and the last day of the rows it asks for."""
        ends = tuple(Measure(function, function, version.date_field) for function in ("min", "max"))
        question = replace(question_of(version), measures=ends, sort=(), fields=())
        found = answer(question, SYSTEM, known=self.known).totals
        return self._day(found["min"]), self._day(found["max"])

    def _day(self, value) -> date | None:
        return value.astimezone(ZoneInfo(self.here.zone)).date() if isinstance(value, datetime) else value

    # ── working out and keeping ──

    def computed(self) -> set[str]:
        """Keys of the periods that have results of this KPI."""
        return set(KpiResult.select(KpiResult.period).where(KpiResult.kpi == self.kpi.id).distinct().scalars())

    def drop(self, keys: set[str]) -> Judged:
        """Take away the results of periods in which there is nothing any more."""
        self.ran |= keys - self.closed
        gone = (KpiResult.kpi == self.kpi.id) & KpiResult.period.in_(list(keys - self.closed))
        found = KpiResult.delete().where(gone).returning(KpiResult.partner, KpiResult.period)
        return set(found.tuples().execute()) if keys - self.closed else set()

    def run(
        self, periods: Sequence[Period], *, partners: set[int] | None = None, report: Report = lambda _: None
    ) -> Judged:
        """Compute and store; returns the partners and periods whose result is another one now."""
        changed: Judged = set()
        if partners is not None and len(partners) > MOST_VALUES:
            partners = None  # one question about everybody is shorter than one that names so many
        wanted = [p for p in periods if p.key not in self.closed]
        self.ran |= {p.key for p in wanted}
        members = _members(partners)
        for version, stretch in self._stretches(wanted, len(members)):
            figures = self._figures(version, stretch, partners)
            with db.atomic():
                changed |= self._keep(version, stretch, members, figures, partners)
            report(stretch[-1].label)
        return changed

    def _stretches(self, periods: Sequence[Period], members: int) -> Iterator[tuple[KpiVersion, list[Period]]]:
        """Neighbouring periods of one version, as many as are asked for at once."""
        ordered = sorted(periods, key=lambda p: (p.length, p.start))
        size = max(1, GROUPS // max(1, members))
        for version, group in groupby(ordered, key=lambda p: version_at(self.versions, p.start)):
            stretch = [p for p in group if p.length == version.period_length]
            for at in range(0, len(stretch), size):
                yield version, stretch[at : at + size]

    def _figures(self, version: KpiVersion, stretch: list[Period], partners: set[int] | None) -> dict:
        """{(partner id, period index): Figure} where there is something."""
        if version.source == "entered":
            return self._entered(stretch, partners)
        link = self.known[question_of(version).object].partner
        question = by_partner_and_period(version, stretch[0], stretch[-1], link, 2 * GROUPS)
        if partners is not None:
            question = question.where(Filter(link, "is any of", sorted(partners)))
        found = answer(question, SYSTEM, today=self.today, known=self.known, most_groups=question.limit)
        key = value_key(question_of(version))
        money = found.column(key).kind_key == "money"
        return {row.raw: self._figure(row.values[key], row.values[ROWS], money) for row in found.rows}

    def _figure(self, value, rows: int, money: bool) -> Figure:
        if value is not None:
            value = from_minor(value, self.here.currency) if money else Decimal(value)
        return Figure(value if value is None or abs(value) < LIMIT else None, rows)

    def _entered(self, stretch: list[Period], partners: set[int] | None) -> dict:
        at = {p.key: p.index for p in stretch}
        rows = KpiEntry.select().where((KpiEntry.kpi == self.kpi.id) & KpiEntry.period.in_(list(at)))
        if partners is not None:
            rows = rows.where(KpiEntry.partner.in_(partners))
        return {(row.partner_id, at[row.period]): Figure(row.value, 1) for row in rows}

    def _nothing(self, version: KpiVersion) -> Figure:
        """A period without rows: nothing was sold is a count of zero, but no sum and no mean."""
        if version.source == "entered":
            return Figure(None, 0)
        question = question_of(version)
        measure = next(m for m in question.measures if m.key == value_key(question))
        return Figure(Decimal(0) if measure.fn.startswith("count") and not measure.formula else None, 0)

    def _keep(self, version, stretch: list[Period], members: list[Member], figures: dict, partners) -> Judged:
        stored = self._stored(stretch, partners)
        nothing = self._nothing(version)
        results = [
            self._result(version, period, member, figures.get((member.id, period.index), nothing), stored)
            for period in stretch
            for member in members
            if member.since is None or member.since <= period.end
        ]
        return self._write(results, stored)

    def _result(self, version, period: Period, member: Member, figure: Figure, stored: dict) -> Result:
        judged = stored.get((member.id, period.key))
        if judged and judged.target is not None and period.end < self.today and not self.on_purpose:
            target = judged.target
        else:
            target = self.targets.at(period.start, partner=member.id, tier=member.tier)
        return Result(member.id, period, version, figure.value, target, figure.rows)

    def _stored(self, stretch: list[Period], partners: set[int] | None) -> dict[tuple[int, str], KpiResult]:
        keys = [p.key for p in stretch]
        rows = KpiResult.select(KpiResult.id, KpiResult.partner, KpiResult.period, *FACTS)
        rows = rows.where((KpiResult.kpi == self.kpi.id) & KpiResult.period.in_(keys))
        if partners is not None:
            rows = rows.where(KpiResult.partner.in_(partners))
        return {(row.partner, row.period): row for row in rows.namedtuples()}

    def _write(self, results: list[Result], stored: dict) -> Judged:
        """Replace what differs, add what is new, drop what is no more."""
        now, new, gone = clock.now(), [], []
        changed: Judged = set()
        for result in results:
            key = (result.partner, result.period.key)
            old = stored.pop(key, None)
            facts = result.facts()
            if old is not None and tuple(old[3:]) == facts:
                continue
            gone += [old.id] if old is not None else []
            new.append((self.kpi.id, result.partner, result.period.key, result.period.start, now, *facts))
            changed.add(key)
        gone += [row.id for row in stored.values()]
        for at in range(0, len(gone), 500):
            KpiResult.delete().where(KpiResult.id.in_(gone[at : at + 500])).execute()
        bulk.insert(KpiResult, COLUMNS, new)
        return changed | set(stored)


def _members(partners: set[int] | None) -> list[Member]:
    found = Partner.select(Partner.id, Partner.tier, Partner.since).order_by(Partner.id)
    if partners is not None:
        found = found.where(Partner.id.in_(partners))
    return [Member(*row) for row in found.tuples()]
