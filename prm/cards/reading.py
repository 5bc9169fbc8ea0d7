"""The figures behind cards: a fixed number of queries, however many partners. Comparisons reach over every partner, as
ranks do, whoever reads the card; only figures of the own partner and medians of five peers and more come out of here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from peewee import JOIN, fn

from prm.access.rows import visible
from prm.access.system import SYSTEM
from prm.core.db import db, from_units
from prm.core.periods import Period
from prm.models import Deal, Kpi, KpiResult, KpiVersion, Partner, Person, Scorecard, Tier

TOP = 5


class Head(NamedTuple):
    """A partner as its card names it."""

    id: int
    name: str
    number: str
    type: str
    territory: str
    tier_id: int | None
    tier: str | None
    manager: str | None


    @classmethod
    def of(cls, partner: Partner) -> Head:
        """Of a partner that has been read with its tier and manager."""
        tier, manager = (partner.tier.name if partner.tier_id else None), (partner.manager.display if partner.manager_id else None)
        return cls(partner.id, partner.name, partner.number, partner.type, partner.territory, partner.tier_id, tier, manager)


class Figure(NamedTuple):
    """One KPI of one partner in one period."""

    version: int
    value: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    status: str
    weight: Decimal
    rows: int


class Score(NamedTuple):
    score: Decimal | None
    grade: str


def partners(ids: Iterable[int]) -> dict[int, Head]:
    t, manager = Partner, Person.alias()
    name = fn.COALESCE(fn.NULLIF(manager.name, ""), manager.email)
    found = visible(t, SYSTEM, t.id, t.name, t.number, t.type, t.territory, t.tier, Tier.name, name)
    found = found.join_from(t, Tier, JOIN.LEFT_OUTER).join_from(t, manager, JOIN.LEFT_OUTER, on=t.manager == manager.id)
    return {row[0]: Head(*row) for row in found.where(t.id.in_(list(ids))).tuples()}


def scores(partners: Iterable[int], keys: Iterable[str]) -> dict[tuple[int, str], Score]:
    found = visible(Scorecard, SYSTEM, Scorecard.partner, Scorecard.period, Scorecard.score, Scorecard.grade)
    found = found.where(Scorecard.partner.in_(list(partners)) & Scorecard.period.in_(list(keys)))
    return {(partner, key): Score(score, grade) for partner, key, score, grade in found.tuples()}


def figures(partners: Iterable[int], keys: Iterable[str]) -> dict[int, dict[int, dict[str, Figure]]]:
    """By partner, KPI and period."""
    t = KpiResult
    found: dict = defaultdict(lambda: defaultdict(dict))
    query = visible(t, SYSTEM, t.partner, t.kpi, t.period, t.version, t.value, t.target, t.attainment, t.status, t.weight, t.rows)
    query = query.where(t.partner.in_(list(partners)) & t.period.in_(list(keys)))
    for partner, kpi, key, *rest in query.tuples():
        found[partner][kpi][key] = Figure(*rest)
    return found


def versions(ids: Iterable[int]) -> list[KpiVersion]:
    """With their KPIs, in the order these have on a scorecard; drafts are on none."""
    found = visible(KpiVersion, SYSTEM, KpiVersion, Kpi).join(Kpi)
    found = found.where(KpiVersion.id.in_(list(ids)) & (Kpi.state != "draft"))
    return list(found)


def top_deals(partners: Iterable[int], period: Period) -> dict[int, list[tuple]]:
    """The largest won in the period: id, title, customer, minor units, currency, day."""
    t = Deal
    place = fn.ROW_NUMBER().over(partition_by=[t.partner], order_by=[t.amount_base.desc(nulls="LAST"), t.id])
    name = fn.COALESCE(fn.NULLIF(t.title, ""), t.number).alias("name")
    won = (t.outcome == "won") & t.closed_on.between(period.start, period.end) & t.partner.in_(list(partners))
    columns = (t.partner, t.id, name, t.customer, t.amount, t.currency, t.closed_on, place.alias("place"))
    ranked = visible(t, SYSTEM, *columns).where(won).alias("ranked")
    c = ranked.c
    best = ranked.select_from(c.partner_id, c.id, c.name, c.customer, c.amount, c.currency, c.closed_on)
    found: dict = defaultdict(list)
    for partner, *deal in best.where(c.place <= TOP).order_by(c.partner_id, c.place).tuples():
        found[partner].append(tuple(deal))
    return found


def medians(key: str, tiers: Iterable[int]) -> dict[tuple[int, int], tuple[Decimal, int]]:
    """(tier, KPI) -> the median of the tier's partners in this period, and of how many. The values come in their order out of
    an index; to have the database number them takes twice as long."""
    t, own = KpiResult, Partner
    found = visible(t, SYSTEM, own.tier, t.kpi, t.value).join(own, on=t.partner == own.id)
    found = found.where((t.period == key) & t.value.is_null(False) & own.tier.in_(list(tiers))).order_by(t.kpi, t.value)
    values: dict[tuple[int, int], list[int]] = defaultdict(list)
    for tier, kpi, units in db.execute(found):  # as they are stored, as only one or two of each are needed
        values[tier, kpi].append(units)
    return {group: (_middle(each), len(each)) for group, each in values.items()}


def _middle(units: list[int]) -> Decimal:
    low, high = units[(len(units) - 1) // 2], units[len(units) // 2]
    return from_units(low + high) / 2
