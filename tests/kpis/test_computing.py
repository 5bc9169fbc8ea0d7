"""Results of every partner and period, by hand, on both databases."""
from datetime import date
from decimal import Decimal as D

import pytest

from prm.kpis.computing import Computing
from prm.models import ClosedPeriod, Kpi, KpiEntry, KpiResult, KpiVersion, Target
from tests.make import REVENUE

WON = {"object": "deal", "filters": REVENUE["filters"]}


def measured(*measures):
    return WON | {"measures": list(measures)}


def test_revenue_is_summed_per_partner_and_period_in_major_units(database, make, sold, acme, globex, compute, values):
    kpi = make.kpi(target=1000)
    compute()
    assert values(kpi, acme) == (D(1500), D(1000), D("1.5"), "good", 2)
    assert values(kpi, globex) == (D(300), D(1000), D("0.3"), "bad", 1)
    assert values(kpi, acme, "2026-Q2") == (D(200), D(1000), D("0.2"), "bad", 1)


def test_a_period_without_rows_has_no_sum_but_a_count_of_zero(database, make, sold, globex, compute, values):
    revenue = make.kpi(target=1000)
    count = make.kpi("Deals", question=measured({"key": "value", "fn": "count"}), unit="number", target=2)
    compute()
    assert values(revenue, globex, "2026-Q2") == (None, D(1000), None, "none", 0)
    assert values(count, globex, "2026-Q2") == (D(0), D(2), D(0), "bad", 0)


@pytest.mark.parametrize(
    "measures, unit, expected",
    [
        ([{"key": "value", "fn": "mean", "field": "amount"}], "money", "750"),
        ([{"key": "value", "fn": "median", "field": "amount"}], "money", "750"),
        ([{"key": "value", "fn": "min", "field": "amount"}], "money", "500"),
        ([{"key": "value", "fn": "max", "field": "amount"}], "money", "1000"),
        ([{"key": "value", "fn": "count distinct", "field": "closed_on", "by": "month"}], "number", "2"),
        ([{"key": "a", "fn": "sum", "field": "amount"}, {"key": "n", "fn": "count"}, {"key": "value", "formula": "a / n"}], "money", "750"),
        ([{"key": "a", "fn": "sum", "field": "amount"}, {"key": "b", "fn": "max", "field": "amount"}, {"key": "value", "formula": "b / a"}], "percent", "0.666667"),
    ],
)  # fmt: skip
def test_every_way_of_measuring_gives_what_one_works_out_by_hand(database, make, sold, acme, compute, values, measures, unit, expected):
    kpi = make.kpi("Some", question=measured(*measures), unit=unit)
    compute()
    assert values(kpi, acme) == (D(expected), None, None, "none", 2)


def test_the_closest_target_counts_and_one_taken_back_leaves_it_to_the_next(database, make, acme, globex, sold, compute, values):
    gold = make.tier("Gold")
    type(acme).update(tier=gold).execute()
    kpi = make.kpi(target=1000)
    Target.create(kpi=kpi, tier=gold, valid_from=date(2026, 1, 1), value=2000)
    Target.create(kpi=kpi, partner=acme, valid_from=date(2026, 7, 1), value=3000)
    Target.create(kpi=kpi, partner=acme, valid_from=date(2026, 10, 1), value=None)
    make.deal("Later", partner=acme, amount=100, closed_on=date(2026, 10, 2))
    compute()
    targets = {(p, q): values(kpi, p, q)[1] for p in (acme, globex) for q in ("2026-Q2", "2026-Q3", "2026-Q4")}
    assert list(targets.values()) == [D(2000), D(3000), D(2000), D(2000), D(2000), D(2000)]


def test_a_new_version_holds_from_its_period_on(database, make, sold, acme, compute, result):
    kpi = make.kpi(target=1000)
    question = measured({"key": "value", "fn": "count"})
    KpiVersion.create(kpi=kpi, number=2, valid_from=date(2026, 7, 1), question=question, date_field="closed_on", unit="number", weight=4)
    compute()
    assert (result(kpi, acme, "2026-Q2").value, result(kpi, acme, "2026-Q2").weight) == (D(200), D(1))
    assert (result(kpi, acme).value, result(kpi, acme).weight, result(kpi, acme).version.number) == (D(2), D(4), 2)


def test_less_is_better_where_the_kpi_says_so(database, make, sold, acme, globex, compute, values):
    kpi = make.kpi("Deals lost", question=measured({"key": "value", "fn": "count"}), unit="number", direction="lower", target=1)
    compute()
    assert values(kpi, acme)[2:4] == (D("0.5"), "bad")
    assert values(kpi, globex)[2:4] == (D(1), "good")
    assert values(kpi, globex, "2026-Q2")[2:4] == (D("1.5"), "good")


def test_nothing_is_judged_before_the_first_row_after_the_last_or_beyond_today(database, make, sold, acme, compute):
    make.kpi()
    make.deal("Dream", partner=acme, closed_on=date(2027, 6, 1))
    compute()
    assert set(KpiResult.select(KpiResult.period).scalars()) == {"2026-Q2", "2026-Q3", "2026-Q4"}


def test_a_partner_is_not_judged_for_the_time_before_it_was_one(database, make, sold, globex, compute, result):
    kpi = make.kpi()
    type(globex).update(since=date(2026, 7, 10)).where(type(globex).id == globex.id).execute()
    compute()
    assert result(kpi, globex, "2026-Q2") is None and result(kpi, globex) is not None


def test_fiscal_periods_follow_the_organisation(database, make, sold, acme, compute, values):
    make.organisation(fiscal_month=4)
    kpi = make.kpi(period_length="year")
    compute()
    assert values(kpi, acme, "2027")[0] == D(1700)


def test_a_past_period_keeps_the_target_it_was_judged_by(database, make, sold, acme, compute, values):
    kpi = make.kpi(target=1000)
    compute()
    Target.update(value=5000).execute()
    make.deal("Late entry", partner=acme, amount=10_000, closed_on=date(2026, 9, 1))
    compute()
    assert values(kpi, acme)[:3] == (D(1600), D(1000), D("1.6"))
    Computing(kpi, on_purpose=True).run(Computing(kpi).periods())
    assert values(kpi, acme)[:3] == (D(1600), D(5000), D("0.32"))


def test_a_closed_period_is_left_alone(database, make, sold, acme, compute, values):
    kpi = make.kpi(target=1000)
    compute()
    ClosedPeriod.create(key="2026-Q3")
    make.deal("Late entry", partner=acme, amount=10_000, closed_on=date(2026, 9, 1))
    compute()
    assert values(kpi, acme)[0] == D(1500)


def test_computing_again_changes_nothing_and_writes_nothing(database, make, sold, compute):
    make.kpi(target=1000)
    assert len(compute()) == 4
    ids = set(KpiResult.select(KpiResult.id).scalars())
    assert compute() == set()
    assert set(KpiResult.select(KpiResult.id).scalars()) == ids


def test_results_go_with_the_last_row_of_their_period(database, make, sold, acme, compute):
    make.kpi()
    compute()
    sold[3].delete_instance()
    compute()
    assert set(KpiResult.select(KpiResult.period).scalars()) == {"2026-Q3"}


def test_entered_values_are_results_like_any_other(database, make, acme, globex, compute, values):
    kpi = Kpi.create(name="Satisfaction", state="active")
    KpiVersion.create(kpi=kpi, number=1, valid_from=date(2020, 1, 1), source="entered", unit="number", period_length="quarter")
    Target.create(kpi=kpi, valid_from=date(2020, 1, 1), value=4)
    KpiEntry.create(kpi=kpi, partner=acme, period="2026-Q3", value=D("4.5"))
    compute()
    assert values(kpi, acme) == (D("4.5"), D(4), D("1.125"), "good", 1)
    assert values(kpi, globex) == (None, D(4), None, "none", 0)


def test_drafts_and_retired_kpis_are_not_worked_out(make, sold, compute):
    Kpi.update(state="draft").where(Kpi.id == make.kpi().id).execute()
    Kpi.update(state="retired").where(Kpi.id == make.kpi("Old").id).execute()
    assert compute() == set()


def test_a_kpi_whose_field_is_gone_says_so_and_keeps_its_results(make, sold, compute):
    field = make.custom_field("cost", "money", object="deal")
    kpi = make.kpi("Cost", question=measured({"key": "value", "fn": "count", "field": "cost"}))
    revenue = make.kpi()
    compute()
    kept = KpiResult.select().where(KpiResult.kpi == kpi).count()
    field.delete_instance()
    compute()
    assert Kpi.get_by_id(kpi.id).trouble == "There is no field “cost” here."
    assert KpiResult.select().where(KpiResult.kpi == kpi).count() == kept > 0
    assert Kpi.get_by_id(revenue.id).trouble == ""


def test_sums_beyond_what_can_be_kept_are_empty_and_break_nothing(database, make, acme, compute, values):
    kpi = make.kpi()
    for number in range(1000):
        make.deal(f"Huge {number}", partner=acme, amount=999_999_999_999_999, closed_on=date(2026, 8, 1))
    compute()
    assert values(kpi, acme)[0] is None and values(kpi, acme)[4] == 1000
