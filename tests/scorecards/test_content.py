"""What a card says."""
import json
from datetime import date
from decimal import Decimal

import pytest

from prm.cards.content import Deck, change
from prm.cards.showing import card_of
from prm.core.db import db
from prm.models import KpiVersion, Scorecard


@pytest.fixture
def card(quarter, sam):
    return card_of(sam, quarter)


def test_a_card_is_plain_json_with_decimals_as_text(database, card):
    assert json.loads(json.dumps(card)) == card
    assert (card["score"], card["grade"], card["rank"], card["ranked"]) == ("116.7", "A", 1, 2)
    assert card["partner"]["name"] == "Acme" and card["partner"]["tier"] == "Gold"
    assert (card["period"]["key"], card["period"]["start"], card["period"]["end"]) == ("2026-Q3", "2026-07-01", "2026-09-30")
    assert not card["period"]["open"]


def test_each_kpi_has_its_figures_and_its_change(database, card):
    revenue, orders = card["kpis"]
    assert (revenue["value"], revenue["target"], revenue["attainment"], revenue["status"]) == ("1500", "1000", "1.5", "good")
    assert (revenue["previous"], revenue["change"], revenue["rows"], revenue["weight"]) == ("1200", "0.25", 2, "2")
    assert revenue["spark"] == [None] * 6 + ["1200", "1500"]
    assert (orders["value"], orders["status"], orders["previous"], orders["change"]) == ("2", "bad", None, None)
    assert (revenue["last_year"], revenue["change_year"]) == (None, None)


def test_the_score_is_compared_with_the_period_before(database, card):
    assert card["previous"] == {"label": "Q2 2026", "score": "120"}
    assert card["last_year"] is None
    assert [each["score"] for each in card["history"]] == [None] * 6 + ["120", "116.7"]


def test_the_largest_deals_of_the_period_come_first_and_no_more_than_five(database, make, acme, quarter, sam):
    for amount in range(1, 8):
        make.deal(f"Small {amount}", partner=acme, amount=amount)
    make.deal("Lost", partner=acme, stage="Lost", amount=10**9)
    make.deal("Next quarter", partner=acme, amount=10**9, closed_on=date(2026, 10, 1))
    deals = card_of(sam, quarter)["deals"]
    assert [d["title"] for d in deals] == ["Forty bikes", "Ten bikes", "Small 7", "Small 6", "Small 5"]
    assert (deals[0]["amount"], deals[0]["customer"], deals[0]["closed_on"]) == ("1000.00", "City of Nord", "2026-07-15")


def _peers(make, kpi, values):
    for at, value in enumerate(values):
        peer = make.partner(f"Peer {at}", tier="Gold")
        make.result(kpi, peer, value=value, target="1000")


def test_the_median_of_a_tier_needs_five_others(database, make, quarter, revenue, sam):
    _peers(make, revenue, ("100", "200", "300", "400"))
    assert (card_of(sam, quarter)["kpis"][0]["median"], card_of(sam, quarter)["kpis"][0]["peers"]) == (None, 4)
    _peers(make, revenue, ("500",))
    first = card_of(sam, quarter)["kpis"][0]
    assert (first["median"], first["peers"]) == ("350", 5)  # of 100, 200, 300, 400, 500 and Acme's 1,500
    _peers(make, revenue, ("600",))
    assert card_of(sam, quarter)["kpis"][0]["median"] == "400"


def test_other_tiers_and_periods_and_empty_values_make_no_median(database, make, quarter, revenue, sam):
    _peers(make, revenue, ("100", "200", "300", "400", "500"))
    make.result(revenue, make.partner("Silver one", tier="Silver"), value="9999")
    make.result(revenue, make.partner("No value", tier="Gold"), value=None)
    make.result(revenue, make.partner("Earlier", tier="Gold"), "2026-Q2", value="9999")
    assert card_of(sam, quarter)["kpis"][0]["peers"] == 5


def test_a_draft_kpi_and_one_of_another_length_are_not_on_it(database, make, acme, quarter, sam):
    draft = make.kpi("Idea")
    draft.state = "draft"
    draft.save()
    monthly = make.kpi("Monthly", period_length="month")
    make.result(draft, acme, value="1")
    make.result(monthly, acme, value="1")
    assert [kpi["name"] for kpi in card_of(sam, quarter)["kpis"]] == ["Revenue", "Orders"]


def test_a_definition_is_in_words_and_leads_to_its_rows(database, card):
    assert card["kpis"][0]["definition"] == "Total amount of deals where outcome is Won, counted by “Closed on”."
    assert card["kpis"][1]["definition"] == "Number of deals where outcome is Won, counted by “Closed on”."
    assert card["kpis"][0]["behind"] == {"object": "deal", "date_field": "closed_on", "filters": [["f.outcome.is", "won"]]}


@pytest.mark.parametrize("audience, told", [("staff", False), ("partner", True)])
def test_a_staff_only_field_is_never_named(database, make, quarter, revenue, sam, audience, told):
    make.custom_field("secret_rating", "number", object="deal", audience=audience)
    question = make.REVENUE | {"filters": [{"field": "secret_rating", "op": "above", "value": 3}]}
    KpiVersion.update(question=question).where(KpiVersion.kpi == revenue).execute()
    said = json.dumps(card_of(sam, quarter)).lower()
    assert ("secret" in said) is told
    assert ("from its own records" in said) is not told


def test_a_formula_is_told_by_what_it_is_made_of(database, make, quarter, revenue, sam):
    question = make.REVENUE | {
        "measures": [{"key": "won", "fn": "sum", "field": "amount"}, {"key": "n", "fn": "count"}, {"key": "value", "formula": "won / n"}]
    }
    KpiVersion.update(question=question).where(KpiVersion.kpi == revenue).execute()
    assert card_of(sam, quarter)["kpis"][0]["definition"].startswith("Total amount ÷ number of deals")


def test_an_entered_kpi_says_who_enters_it(database, quarter, revenue, sam):
    KpiVersion.update(source="entered", question={}).where(KpiVersion.kpi == revenue).execute()
    first = card_of(sam, quarter)["kpis"][0]
    assert (first["definition"], first["behind"]) == ("Entered by Kestrel.", None)


def test_growth_from_nothing_or_below_zero_is_not_said():
    assert change(Decimal(5), Decimal(0), "number") is None
    assert change(Decimal(5), Decimal(-1), "money") is None
    assert change(Decimal("0.25"), Decimal("0.2"), "percent") == Decimal("0.05")
    assert change(Decimal(3), Decimal(4), "number") == Decimal("-0.25")


def test_many_cards_cost_no_more_queries_than_one(database, make, quarter, revenue):
    for at in range(6):
        other = make.partner(f"Other {at}", tier="Gold")
        make.result(revenue, other, value=at, target="10")
        make.deal(partner=other)
        make.scorecard(other)
    every = list(Scorecard.select().where(Scorecard.period == "2026-Q3"))
    assert _queries(every[:1]) == _queries(every) <= 9


def _queries(scorecards) -> int:
    asked, real = [], db.obj.execute_sql
    db.obj.execute_sql = lambda sql, *more, **named: asked.append(sql) or real(sql, *more, **named)
    try:
        assert len(Deck("2026-Q3").cards(scorecards)) == len(scorecards)
    finally:
        del db.obj.execute_sql
    return len(asked)


@pytest.mark.parametrize("field, value", [("partner", "Globex"), ("partner.name", "Globex"), ("customer", "Globex")])
def test_a_definition_names_nobody_to_a_partner(make, acme, field, value):
    from prm.cards.wording import Wording
    from prm.models import Organisation

    make.partner("Globex")
    question = {"object": "deal", "filters": [{"field": field, "op": "is not", "value": value}], "measures": [{"key": "value", "fn": "count"}]}
    version = make.kpi(question=question).versions.get()
    told = Wording(Organisation.current())
    assert "Globex" not in told.definition(version) and told.behind(version) is None
    staff = Wording(Organisation.current(), reader=make.person("Sam", role="admin"))
    assert "Globex" in staff.definition(version)
