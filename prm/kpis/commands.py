"""prm compute: work out KPI results and scores."""

from __future__ import annotations

import click

from prm.access.system import SYSTEM
from prm.core.errors import Invalid
from prm.core.periods import parse_period
from prm.kpis import refreshing
from prm.models import KpiResult, Organisation


@click.command("compute")
@click.option("--period", metavar="P", help="Only this one, on purpose: 2012-Q3, 2012-07 or 2012. Also when it is closed.")
def compute_command(period):
    """Work out every active KPI for every partner and period, and the scores."""
    if period is None:
        changed = refreshing.compute_all()
        refreshing.refresh()
    else:
        changed = refreshing.compute_period(SYSTEM, _period(period))
    every = KpiResult.select()
    there = every.count() if period is None else every.where(KpiResult.period == period).count()
    click.echo(f"{there} results, {len(changed)} partners and periods changed")


def _period(key: str):
    try:
        return parse_period(key, Organisation.current().fiscal_month)
    except ValueError as unknown:
        raise Invalid(str(unknown)) from None
