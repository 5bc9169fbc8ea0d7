"""What people may do with KPIs, and what stays as it was judged."""
from datetime import date
from decimal import Decimal as D

import pytest

from prm.core.errors import Conflict, Forbidden, Invalid, Missing
from prm.kpis import proposals, services
from prm.kpis.refreshing import compute_all
from prm.models import Activity, ClosedPeriod, Kpi, KpiEntry, KpiResult, KpiVersion, Target
from tests.make import REVENUE

Q3, Q4 = date(2026, 7, 1), date(2026, 10, 1)


def given(**more):
    values = {
        "name": "Revenue", "description": "", "owner": None, "cadence": "year", "source": "question", "question": REVENUE,
        "date_field": "closed_on", "unit": "money", "direction": "higher", "period_length": "quarter", "weight": D(1),
        "green": D(1), "amber": D("0.8"),
    }  # fmt: skip
    return values | more


def test_a_new_kpi_is_a_draft_and_judges_nobody(make, sam, sold):
    kpi = services.add_kpi(sam, given())
    assert kpi.state == "draft" and compute_all() == set()
    assert Activity.get(Activity.verb == "kpi.created").facts["title"] == "Revenue"


def test_set_in_force_it_is_worked_out_for_the_past_too(make, sam, sold, acme, values):
    kpi = services.add_kpi(sam, given())
    services.activate(sam, kpi)
    compute_all()
    assert values(kpi, acme, "2026-Q2")[0] == D(200)


def test_the_definition_of_a_draft_is_changed_in_place(make, sam, sold):
    kpi = services.add_kpi(sam, given())
    services.edit_kpi(sam, kpi, given(weight=D(5)))
    assert [(v.number, v.weight) for v in kpi.versions] == [(1, D(5))]


def test_one_in_force_gets_a_new_version_from_a_period_on(make, sam, sold, acme, result):
    kpi = make.kpi(target=1000)
    compute_all()
    services.edit_kpi(sam, kpi, given(weight=D(5)), start=Q4)
    make.deal("Now", partner=acme, amount=100, closed_on=date(2026, 10, 2))
    compute_all()
    assert [v.number for v in kpi.versions.order_by(KpiVersion.number)] == [1, 2]
    assert (result(kpi, acme).weight, result(kpi, acme, "2026-Q4").weight) == (D(1), D(5))


def test_a_past_period_gets_no_new_definition(make, sam, sold):
    kpi = make.kpi()
    with pytest.raises(Invalid, match="current period or a later one") as refusal:
        services.edit_kpi(sam, kpi, given(weight=D(5)), start=Q3)
    assert refusal.value.field == "start" and kpi.versions.count() == 1


def test_a_new_name_makes_no_new_version(make, sam, sold):
    kpi = make.kpi()
    services.edit_kpi(sam, kpi, given(name="Turnover"))
    assert Kpi.get_by_id(kpi.id).name == "Turnover" and kpi.versions.count() == 1


def test_two_people_cannot_overwrite_each_other(make, sam, sold):
    kpi = make.kpi()
    services.edit_kpi(sam, kpi, given(name="Turnover"), version=1)
    with pytest.raises(Conflict):
        services.edit_kpi(sam, Kpi.get_by_id(kpi.id), given(name="Sales"), version=1)
    assert Kpi.get_by_id(kpi.id).name == "Turnover"


def test_two_kpis_have_two_names(make, sam, sold):
    make.kpi()
    with pytest.raises(Invalid, match="There is a KPI called Revenue already") as refusal:
        services.add_kpi(sam, given())
    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"weight": D(0)}, "weight"), ({"weight": D(1001)}, "weight"), ({"amber": D("1.1")}, "amber"), ({"amber": D(0)}, "amber"),
        ({"question": REVENUE | {"rows": [{"field": "stage"}]}}, "question"), ({"date_field": "amount"}, "date_field"),
        ({"question": {"object": "partner", "measures": [{"key": "value", "fn": "count"}]}, "date_field": "since"}, "object"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_work_is_refused_beside_its_input(make, sam, wrong, field):
    with pytest.raises(Invalid) as refusal:
        services.add_kpi(sam, given(**wrong))
    assert refusal.value.field == field and not Kpi.select().exists()


def test_a_retired_kpi_keeps_its_past_and_leaves_the_current_period(make, sam, sold, acme, result):
    kpi = make.kpi(target=1000)
    make.deal("Now", partner=acme, amount=100, closed_on=date(2026, 10, 2))
    compute_all()
    services.retire(sam, kpi)
    compute_all()
    assert result(kpi, acme) and result(kpi, acme, "2026-Q4") is None
    assert result(kpi, acme).attainment == D("1.5")


@pytest.mark.parametrize("role", ["ann", "ada", "pat", "max_of_acme"])
def test_who_may_not_define_kpis_is_refused(make, request, role):
    with pytest.raises(Forbidden):
        services.add_kpi(request.getfixturevalue(role), given())


# ── targets ──


@pytest.mark.parametrize("value", ["0", "-5", "10000000000000"])
def test_a_target_is_a_number_above_zero(make, sam, value):
    kpi = make.kpi()
    with pytest.raises(Invalid, match="above zero"):
        services.set_target(sam, kpi, value=D(value), start=Q4)
    assert not Target.select().exists()


def test_first_targets_may_begin_in_the_past(make, sam, sold, acme, values):
    kpi = make.kpi()
    compute_all()
    services.set_target(sam, kpi, value=D(1000), start=date(2026, 4, 1))
    compute_all()
    assert values(kpi, acme, "2026-Q2")[1:4] == (D(1000), D("0.2"), "bad")


def test_a_judged_past_gets_no_new_target(make, sam, sold, acme, values):
    kpi = make.kpi(target=1000)
    compute_all()
    with pytest.raises(Invalid, match="judged already"):
        services.set_target(sam, kpi, value=D(2000), start=Q3)
    services.set_target(sam, kpi, value=D(2000), start=Q4)
    compute_all()
    assert values(kpi, acme)[1] == D(1000)


def test_a_closed_past_gets_no_first_target_either(make, sam, sold):
    kpi = make.kpi()
    compute_all()
    ClosedPeriod.create(key="2026-Q3")
    with pytest.raises(Invalid, match="judged already"):
        services.set_target(sam, kpi, value=D(2000), start=Q3)


def test_a_manager_sets_no_target_for_a_partner_of_somebody_else(make, mia, globex):
    with pytest.raises(Missing):
        services.set_target(mia, make.kpi(), value=D(1), start=Q4, partner=globex.id)
    assert not Target.select().exists()


def test_the_same_period_again_replaces_the_target(make, sam, acme):
    kpi = make.kpi()
    for value in (1, 2):
        services.set_target(sam, kpi, value=D(value), start=Q4, partner=acme.id)
    assert [t.value for t in Target.select()] == [D(2)]


def test_proposed_targets_come_from_what_partners_reached(make, sam, sold, acme, globex, values):
    kpi = make.kpi()
    compute_all()
    assert [(p.tier, p.value, p.partners) for p in proposals.propose(kpi)] == [(None, D(850), 2)]
    assert proposals.accept(sam, [kpi]) == 1
    compute_all()
    assert values(kpi, acme)[1] == D(850) and values(kpi, acme, "2026-Q2")[1] == D(850)


def test_tiers_with_enough_partners_get_their_own_proposal(make, sam):
    for number in range(6):
        partner = make.partner(f"Gold {number}", tier="Gold")
        make.deal(f"Deal {number}", partner=partner, amount=(number + 1) * 10_000, closed_on=date(2026, 8, 1))
    kpi = make.kpi()
    compute_all()
    found = proposals.propose(kpi)
    assert [(p.tier and p.tier.name, p.value) for p in found] == [(None, D(400)), ("Gold", D(400))]


def test_nothing_is_proposed_without_results_or_beside_targets(make, sam, sold):
    with pytest.raises(Invalid, match="nothing to propose"):
        proposals.accept(sam, [make.kpi()])
    with pytest.raises(Invalid, match="nothing to propose"):
        proposals.accept(sam, [make.kpi("Other", target=5)])


# ── entered values ──


@pytest.fixture
def satisfaction(make):
    kpi = Kpi.create(name="Satisfaction", state="active")
    KpiVersion.create(kpi=kpi, number=1, valid_from=date(2020, 1, 1), source="entered", unit="number", period_length="quarter")
    return kpi


def test_entered_values_are_kept_changed_and_taken_back(make, sam, satisfaction, acme):
    quarter = services.current_period("quarter").previous()
    assert services.enter(sam, satisfaction, quarter, {acme.id: D("4.5")}) == 1
    assert services.enter(sam, satisfaction, quarter, {acme.id: D("4.5")}) == 0
    assert services.enter(sam, satisfaction, quarter, {acme.id: None}) == 1
    assert KpiEntry.get().value is None and Activity.select().where(Activity.verb == "kpi.entered").count() == 2


def test_nothing_is_entered_into_a_closed_period_or_for_a_foreign_partner(make, sam, mia, satisfaction, acme, globex):
    quarter = services.current_period("quarter").previous()
    with pytest.raises(Missing):
        services.enter(mia, satisfaction, quarter, {acme.id: D(1), globex.id: D(2)})
    services.close_period(sam, quarter)
    with pytest.raises(Invalid, match="is closed"):
        services.enter(sam, satisfaction, quarter, {acme.id: D(1)})
    assert not KpiEntry.select().exists()


# ── periods ──


def test_a_period_is_closed_once_it_is_over_and_only_by_an_admin(make, sam, mia):
    now = services.current_period("quarter")
    with pytest.raises(Invalid, match="not over yet"):
        services.close_period(sam, now)
    with pytest.raises(Forbidden):
        services.close_period(mia, now.previous())
    services.close_period(sam, now.previous())
    services.close_period(sam, now.previous())
    assert [p.key for p in ClosedPeriod.select()] == ["2026-Q3"]
    services.open_period(sam, now.previous())
    assert not ClosedPeriod.select().exists()


def test_a_closed_period_is_worked_out_again_on_purpose_and_that_is_logged(make, sam, sold, acme, values):
    from prm.core.periods import parse_period
    from prm.kpis.refreshing import compute_period

    kpi = make.kpi(target=1000)
    compute_all()
    services.close_period(sam, parse_period("2026-Q3"))
    make.deal("Late", partner=acme, amount=10_000, closed_on=date(2026, 9, 1))
    compute_all()
    assert values(kpi, acme)[0] == D(1500)
    compute_period(sam, parse_period("2026-Q3"))
    assert values(kpi, acme)[0] == D(1600)
    assert Activity.get(Activity.verb == "period.recomputed").facts["period"] == "2026-Q3"
    assert KpiResult.select().where(KpiResult.period == "2026-Q2").exists()
