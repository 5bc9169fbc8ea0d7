"""Tiers, stages, business roles and exchange rates."""
import re
from decimal import Decimal
from html import unescape

import pytest

from prm.core.jobs import Job
from prm.models import BusinessRole, Contact, Deal, Rate, Stage, Stale, Tier
from prm.setup import services
from prm.setup.defaults import lay_defaults


@pytest.fixture
def admin(sign_in, sam):
    lay_defaults()
    return sign_in(sam)


def names(table):
    return [row.name for row in table.select().order_by(table.position)]


def test_an_entry_is_added_at_the_end(admin):
    assert admin.post("/setup/tiers/new", data={"name": "  Bronze  star "}).location == "/setup/tiers"
    assert names(Tier)[-1] == "Bronze star"


def test_an_entry_moves_up_and_down(admin):
    silver, platinum = Tier.get(Tier.name == "Silver"), Tier.get(Tier.name == "Platinum")
    admin.post(f"/setup/tiers/{silver.id}/move", data={"to": "up"})
    assert names(Tier) == ["Platinum", "Silver", "Gold", "Registered"]
    admin.post(f"/setup/tiers/{platinum.id}/move", data={"to": "up"})
    admin.post(f"/setup/tiers/{silver.id}/move", data={"to": "down"})
    assert names(Tier) == ["Platinum", "Gold", "Silver", "Registered"]


@pytest.mark.parametrize("name", ["", "   ", "gold", "GOLD", "x" * 61])
def test_a_name_that_cannot_be_is_refused(admin, name):
    assert admin.post("/setup/tiers/new", data={"name": name}).status_code == 422
    assert len(names(Tier)) == 4


def test_the_name_of_an_entry_may_change_its_case(admin):
    gold = Tier.get(Tier.name == "Gold")
    assert admin.post(f"/setup/tiers/{gold.id}", data={"name": "GOLD"}).status_code == 303
    assert "GOLD" in names(Tier)


def test_a_renamed_business_role_keeps_its_contacts(database, sign_in, sam, make):
    lay_defaults()
    ivy = make.contact("Ivy", roles=["Finance", "Owner"])
    role = BusinessRole.get(BusinessRole.name == "Owner")
    sign_in(sam).post(f"/setup/roles/{role.id}", data={"name": "Director"})
    assert Contact.get_by_id(ivy.id).roles == ["Director", "Finance"]


def test_a_stage_that_means_something_else_changes_its_deals(database, sign_in, sam, make):
    lay_defaults()
    deal = make.deal(stage="Negotiation")
    stage = Stage.get(Stage.name == "Negotiation")
    sign_in(sam).post(f"/setup/stages/{stage.id}", data={"name": "Signed", "probability": "100", "outcome": "won"})
    assert Deal.get_by_id(deal.id).outcome == "won"
    assert [row.partner_id for row in Stale.select()] == [deal.partner_id]


@pytest.mark.parametrize("change", [{"probability": "101"}, {"probability": "-1"}, {"probability": "x"}, {"outcome": "maybe"}, {"probability": "9" * 30}])
def test_a_stage_that_cannot_be_is_refused(admin, change):
    data = {"name": "Signed", "probability": "90", "outcome": "won"} | change
    assert admin.post("/setup/stages/new", data=data).status_code == 422


def test_an_entry_in_use_stays(admin, make):
    make.partner("Acme", tier=Tier.get(Tier.name == "Gold"))
    make.contact("Ivy", roles=["Owner"])
    make.deal(stage="Won")
    for kind, table, name in (("tiers", Tier, "Gold"), ("roles", BusinessRole, "Owner"), ("stages", Stage, "Won")):
        row = table.get(table.name == name)
        answer = admin.post(f"/setup/{kind}/{row.id}/remove")
        assert answer.status_code == 422 and "still in use" in answer.text
        assert name in names(table)


def test_an_entry_nobody_uses_is_removed(admin):
    row = Tier.get(Tier.name == "Silver")
    assert admin.post(f"/setup/tiers/{row.id}/remove").location == "/setup/tiers"
    assert "Silver" not in names(Tier)


def test_the_only_stage_that_counts_as_won_stays(admin):
    row = Stage.get(Stage.name == "Won")
    assert admin.post(f"/setup/stages/{row.id}/remove").status_code == 422


@pytest.mark.parametrize("path", ["/setup/nothing", "/setup/nothing/new", "/setup/tiers/99999", "/setup/tiers/9999999999999999999", "/setup/tiers/0"])
def test_what_does_not_exist_is_not_found(admin, path):
    assert admin.get(path).status_code == 404


def rate(client, currency="EUR", valid_from="2026-01-01", rate="1.0842"):
    return client.post("/setup/rates", data={"currency": currency, "valid_from": valid_from, "rate": rate})


def test_a_rate_is_set_and_amounts_follow(database, sign_in, sam, make):
    deal = make.deal(amount=10_000, currency="EUR")
    client = sign_in(sam)
    assert rate(client).location == "/setup/rates"
    assert Job.select().where(Job.kind == "setup.rebase").count() == 1
    services.work_out_amounts()
    assert Deal.get_by_id(deal.id).amount_base == 10_842
    assert "1.0842" in client.get("/setup/rates").text


def test_the_same_day_again_replaces_the_rate(admin):
    rate(admin)
    rate(admin, rate="1.1")
    assert [row.rate for row in Rate.select()] == [Decimal("1.1")]


def test_a_rate_is_removed(admin):
    rate(admin)
    assert admin.post(f"/setup/rates/{Rate.get().id}/remove").status_code == 303
    assert not Rate.select().exists()


def test_a_rate_that_was_removed_is_put_back_by_undo(admin):
    rate(admin)
    admin.post(f"/setup/rates/{Rate.get().id}/remove")
    undo = unescape(re.search(r'action="(/setup/rates/put-back[^"]*)"', admin.get("/setup/rates").text)[1])
    assert admin.post(undo).status_code == 303
    assert [(row.currency, str(row.valid_from), row.rate) for row in Rate.select()] == [("EUR", "2026-01-01", Decimal("1.0842"))]


@pytest.mark.parametrize("query", ["", "currency=ZZZ&valid_from=2026-01-01&rate=1", "currency=EUR&valid_from=soon&rate=1",
                                   "currency=EUR&valid_from=2026-01-01&rate=1e2000000", "currency=EUR&valid_from=2026-01-01&rate=NaN"])  # fmt: skip
def test_nothing_else_is_put_back(admin, query):
    assert admin.post(f"/setup/rates/put-back?{query}").status_code == 422
    assert not Rate.select().exists()


@pytest.mark.parametrize("change", [
    {"currency": "USD"}, {"currency": "XXX"}, {"currency": ""}, {"rate": "0"}, {"rate": "-1"}, {"rate": "NaN"}, {"rate": "1e2000000"},
    {"rate": "inf"}, {"rate": "0.0000001"}, {"rate": "9" * 30}, {"rate": "1,234"}, {"rate": ""}, {"valid_from": ""},
    {"valid_from": "0000-01-01"}, {"valid_from": "9999-12-31"}, {"valid_from": "0001-01-01"}, {"valid_from": "03/04/2026"},
])  # fmt: skip
def test_a_rate_that_cannot_be_is_refused(admin, change):
    assert rate(admin, **change).status_code == 422
    assert not Rate.select().exists()


def test_defaults_are_laid_once(database, store):
    lay_defaults()
    Tier.delete().where(Tier.name != "Gold").execute()
    lay_defaults()
    assert names(Tier) == ["Gold"] and Stage.select().count() == 6
