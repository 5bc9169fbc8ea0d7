"""After a change only what it touches is worked out again."""
from datetime import date
from decimal import Decimal as D

import pytest

from prm.catalogue import records
from prm.catalogue.objects import catalogue
from prm.core.jobs import Job, run_once
from prm.kpis.refreshing import refresh
from prm.models import KpiResult, Stale


@pytest.fixture
def change(sam):
    """`change(deal, amount=…)` as a person would, through the service that forms and imports use."""

    def save(row, **values):
        return records.change(sam, catalogue(sam)[row._meta.table_name], row, values)

    return save


def test_one_changed_deal_touches_one_result(database, make, sold, acme, compute, change, values):
    kpi = make.kpi(target=1000)
    compute()
    others = {(r.partner_id, r.period): r.id for r in KpiResult.select()}
    change(sold[0], amount=200_000)
    assert refresh() == {(acme.id, "2026-Q3")}
    assert values(kpi, acme)[:3] == (D(2500), D(1000), D("2.5"))
    now = {(r.partner_id, r.period): r.id for r in KpiResult.select()}
    assert {key for key in now if now[key] != others[key]} == {(acme.id, "2026-Q3")}
    assert not Stale.select().exists()


def test_a_deal_moved_to_another_quarter_and_partner_touches_both(database, make, sold, acme, globex, compute, change, values):
    kpi = make.kpi(target=1000)
    compute()
    change(sold[1], closed_on=date(2026, 6, 1), partner=globex.id)
    refresh()
    assert (values(kpi, acme)[0], values(kpi, acme, "2026-Q2")[0]) == (D(1000), D(200))
    assert (values(kpi, globex)[0], values(kpi, globex, "2026-Q2")[0]) == (D(300), D(500))


def test_the_first_deal_of_a_period_begins_it_for_everybody(database, make, sold, acme, globex, compute, sam, values):
    kpi = make.kpi(target=1000)
    compute()
    given = {"partner": acme.id, "stage": sold[0].stage_id, "amount": 5_000, "closed_on": date(2026, 10, 3), "title": "New"}
    records.make(sam, catalogue(sam)["deal"], given)
    refresh()
    assert values(kpi, acme, "2026-Q4")[0] == D(50) and values(kpi, globex, "2026-Q4")[0] is None
    assert KpiResult.select().where(KpiResult.period == "2026-Q4").count() == 2


def test_a_partner_in_another_tier_gets_its_target_in_the_current_period_only(database, make, sold, acme, compute, change, values):
    gold = make.tier("Gold")
    kpi = make.kpi(target=1000)
    make.deal("Now", partner=acme, amount=30_000, closed_on=date(2026, 10, 3))
    compute()
    from prm.models import Target

    Target.create(kpi=kpi, tier=gold, valid_from=date(2020, 1, 1), value=300)
    change(acme, tier=gold.id)
    refresh()
    assert (values(kpi, acme)[1], values(kpi, acme, "2026-Q4")[1]) == (D(1000), D(300))


def test_saving_queues_the_work_and_the_worker_does_it(make, sold, acme, compute, change, values):
    kpi = make.kpi(target=1000)
    compute()
    change(sold[0], amount=200_000)
    assert Job.select().where(Job.kind == "kpis.refresh").count() == 1
    from prm.schedule import load

    load()
    assert run_once() and values(kpi, acme)[0] == D(2500)


def test_it_gives_the_same_as_computing_everything(database, make, sold, acme, globex, compute, change):
    make.kpi(target=1000)
    make.kpi("Months", question={"object": "deal", "measures": [{"key": "value", "fn": "count distinct", "field": "created_on", "by": "month"}]}, date_field="created_on", unit="number")
    compute()
    change(sold[0], amount=1, closed_on=date(2026, 4, 1), created_on=date(2026, 3, 31))
    change(sold[2], partner=acme.id)
    refresh()
    read = lambda: {(r.kpi_id, r.partner_id, r.period): (r.value, r.attainment, r.rows) for r in KpiResult.select()}  # noqa: E731
    refreshed = read()
    KpiResult.delete().execute()
    compute()
    assert read() == refreshed
