"""Acme sold twice in the third quarter of 2026, Globex once; it is November 2026."""
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from prm.kpis import refreshing
from prm.models import KpiResult, Scorecard


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False):
        yield


@pytest.fixture
def sold(make, acme, globex):
    """Deals in minor units: Acme 1,000 and 500, Globex 300, all won in 2026-Q3; Acme 200 in Q2 and one open deal."""
    return [
        make.deal("One", partner=acme, amount=100_000, closed_on=date(2026, 7, 15)),
        make.deal("Two", partner=acme, amount=50_000, closed_on=date(2026, 9, 30)),
        make.deal("Three", partner=globex, amount=30_000, closed_on=date(2026, 8, 1)),
        make.deal("Four", partner=acme, amount=20_000, closed_on=date(2026, 6, 30)),
        make.deal("Five", partner=acme, stage="Proposal", amount=999_999),
    ]


@pytest.fixture
def result():
    """`result(kpi, acme, "2026-Q3")` is the row kept, or None."""

    def find(kpi, partner, period="2026-Q3"):
        return KpiResult.get_or_none((KpiResult.kpi == kpi) & (KpiResult.partner == partner) & (KpiResult.period == period))

    return find


@pytest.fixture
def values(result):
    def find(kpi, partner, period="2026-Q3"):
        row = result(kpi, partner, period)
        return row and (row.value, row.target, row.attainment, row.status, row.rows)

    return find


@pytest.fixture
def scorecard():
    def find(partner, period="2026-Q3"):
        return Scorecard.get_or_none((Scorecard.partner == partner) & (Scorecard.period == period))

    return find


@pytest.fixture
def compute():
    return refreshing.compute_all


def amount(text):
    return Decimal(text)
