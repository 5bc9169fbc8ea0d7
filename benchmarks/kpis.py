"""Five KPIs for a thousand partners and eight quarters over 100,000 deals, and after one deal has changed. The floor is one
GROUP BY for all five, and as many rows put into a table."""
from __future__ import annotations

import time
from pathlib import Path

from benchmarks import rows
from benchmarks.figure import Figure

DEALS = 100_000
BY_HAND = """
SELECT partner_id, substr(CAST(closed_on AS text), 1, 4), (CAST(substr(CAST(closed_on AS text), 6, 2) AS integer) + 2) / 3,
       SUM(amount_base), COUNT(*), AVG(amount_base), COUNT(DISTINCT substr(CAST(closed_on AS text), 1, 7))
FROM deal WHERE outcome = 'won' GROUP BY 1, 2, 3
"""


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, deals=DEALS)
    from prm.core.db import db
    from prm.kpis.refreshing import compute_all
    from prm.models import KpiResult

    with here.app.app_context(), db.connection_context():  # type: ignore[attr-defined]
        floor = _floor()
        before = time.perf_counter()
        compute_all()
        whole = time.perf_counter() - before
        results = KpiResult.select().count()
        if results != len(rows.KPIS) * 1000 * rows.QUARTERS:
            raise AssertionError(f"{results} results")
        return [Figure(f"five KPIs, 1,000 partners, 8 quarters, {DEALS:,} deals: {results:,} results", floor, whole, 10, "s"), *_one()]


def _floor() -> float:
    """Seconds to ask once and to write the results once, with nothing of targets, scores or versions."""
    from prm.core.db import db
    from prm.models import Kpi, KpiResult, KpiVersion

    kpi, version, before = Kpi.get(), KpiVersion.get(), time.perf_counter()
    with db.atomic():
        found = db.execute_sql(BY_HAND).fetchall()
        rows.insert(KpiResult, [
            {"kpi": kpi, "partner": partner, "period": f"{year}-Q{quarter}/{at}"[:10], "starts_on": "2020-01-01",
             "version": version, "value": value}
            for partner, year, quarter, *values in found for at, value in enumerate((*values, 0))
        ])  # fmt: skip
    seconds = time.perf_counter() - before
    KpiResult.delete().execute()
    return seconds


def _one() -> list[Figure]:
    """A deal is edited as people edit it, and the job that follows works out what that touches."""
    from prm.access.system import SYSTEM
    from prm.catalogue import records
    from prm.catalogue.objects import catalogue
    from prm.core import clock
    from prm.kpis.refreshing import refresh
    from prm.models import Deal, KpiResult

    deal = Deal.get((Deal.outcome == "won") & (Deal.partner == 7))
    records.change(SYSTEM, catalogue(SYSTEM)["deal"], deal, {"amount": deal.amount + 100})
    begun, before = clock.now(), time.perf_counter()
    changed = refresh()
    took = (time.perf_counter() - before) * 1000
    written = KpiResult.select().where(KpiResult.computed_at >= begun)
    if len(changed) != 1 or {row.partner_id for row in written} != {7}:
        raise AssertionError("it touched others")
    return [
        Figure("after one deal has changed", None, took, None, "ms"),
        Figure("results written again (revenue and mean of its partner and quarter)", None, written.count(), 2),
    ]
