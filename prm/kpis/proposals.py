"""Targets proposed from what partners did so far: a start that is better than an empty page. A person accepts them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.periods import last_periods, parse_period
from prm.kpis import services
from prm.models import Kpi, KpiResult, Organisation, Partner, Target, Tier

PERIODS, FEWEST = 4, 5
HIGH = Decimal("0.6")  # a target is something to reach: of all partners in their best periods, four in ten did


@dataclass(frozen=True)
class Proposal:
    """`tier` None: for everyone. `partners` says of how many the value is."""

    tier: Tier | None
    value: Decimal
    partners: int


def propose(kpi: Kpi) -> list[Proposal]:
    """One for everyone, and one for each tier with enough partners: what the better ones reached in the last periods."""
    values, direction = _values(kpi), services.newest(kpi).direction
    found = []
    for tier in (None, *Tier.select().order_by(Tier.position)):
        own = [value for id, value in values if tier is None or id == tier.id]
        if len(own) >= (1 if tier is None else FEWEST) and (value := _rounded(_reached(own, direction))) > 0:
            found.append(Proposal(tier, value, len(own)))
    return found


def _values(kpi: Kpi) -> list[tuple[int | None, Decimal]]:
    """(tier id, median value over its last periods) of every partner that has values."""
    latest = KpiResult.select(KpiResult.period).where(KpiResult.kpi == kpi.id).order_by(KpiResult.starts_on.desc()).first()
    if latest is None:
        return []
    last = parse_period(latest.period, Organisation.current().fiscal_month)
    keys = [p.key for p in last_periods(last, PERIODS)]
    rows = (
        KpiResult.select(KpiResult.partner, Partner.tier, KpiResult.value).join(Partner)
        .where((KpiResult.kpi == kpi.id) & KpiResult.period.in_(keys) & KpiResult.value.is_null(False) & (KpiResult.rows > 0))
    )  # fmt: skip
    together: dict[int, list[Decimal]] = defaultdict(list)
    tiers: dict[int, int | None] = {}
    for partner, tier, value in rows.tuples():
        together[partner].append(value)
        tiers[partner] = tier
    return [(tiers[partner], median(found)) for partner, found in together.items()]


def _reached(values: list[Decimal], direction: str) -> Decimal:
    part = HIGH if direction == "higher" else 1 - HIGH
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _rounded(value: Decimal) -> Decimal:
    """Two digits that count: nobody aims at 10,437.18."""
    if not value:
        return value
    place = Decimal(1).scaleb(value.adjusted() - 1)
    return (value / place).to_integral_value(ROUND_HALF_UP) * place


def accept(viewer, kpis: list[Kpi]) -> int:
    """Give these KPIs their proposed targets, from the first period on; those that have targets keep them."""
    made = 0
    with db.atomic():
        for kpi in kpis:
            if Target.select().where(Target.kpi == kpi.id).exists():
                continue
            for each in propose(kpi):
                services.set_target(viewer, kpi, value=each.value, start=_first(kpi), tier=each.tier and each.tier.id)
                made += 1
    if not made:
        raise Invalid("There is nothing to propose from yet: import deals first, or the KPIs have targets already.")
    return made


def _first(kpi: Kpi) -> date:
    first = KpiResult.select(KpiResult.starts_on).where(KpiResult.kpi == kpi.id).order_by(KpiResult.starts_on).first()
    return first.starts_on if first else services.current_period(services.newest(kpi).period_length).start
