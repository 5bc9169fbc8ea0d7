"""The home page: what staff see of a period, and the partner's own side."""
import re
from datetime import date
from decimal import Decimal as D

import pytest
import time_machine

from prm.access.rows import visible
from prm.home.overview import overview
from prm.kpis.refreshing import compute_all
from prm.models import Scorecard


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False):
        yield


@pytest.fixture
def scored(make, acme, globex):
    """Acme 100 then 150 points, Globex 80 then 30."""
    gold = make.tier("Gold")
    type(acme).update(tier=gold).where(type(acme).id == acme.id).execute()
    make.kpi(target=1000)
    for partner, quarter, amount in ((acme, 4, 100_000), (acme, 7, 200_000), (globex, 4, 80_000), (globex, 7, 30_000)):
        make.deal(f"{partner.name} {quarter}", partner=partner, amount=amount, closed_on=date(2026, quarter, 15))
    compute_all()


def test_a_period_in_numbers(database, scored, sam):
    from prm.core.periods import parse_period

    it = overview(sam, parse_period("2026-Q3"))
    assert (it.now.mean, it.now.scored, it.now.revenue, it.now.deals, it.now.published) == (D("90.0"), 2, 230_000, 2, 0)
    assert (it.before.mean, it.before.revenue) == (D("90.0"), 180_000)
    assert [(line.name, line.score, line.moved) for line in it.best] == [("Acme", D(150), D(50)), ("Globex", D(30), D(-50))]
    assert [line.name for line in it.weakest] == ["Globex", "Acme"]
    assert [line.name for line in it.risen] == ["Acme"] and [line.name for line in it.fallen] == ["Globex"]
    assert it.now.graded(it.good) == 1 and it.good == ["A", "B"]


def test_of_equal_scores_the_higher_tier_comes_first_among_the_weakest(make, scored, sam):
    from prm.core.periods import parse_period

    silver, gold = make.partner("Zeta", tier="Silver"), make.partner("Zulu", tier="Gold")
    for partner in (silver, gold):
        make.deal(partner.name, partner=partner, amount=100, closed_on=date(2026, 8, 1))
    compute_all()
    assert [line.name for line in overview(sam, parse_period("2026-Q3")).weakest][:2] == ["Zulu", "Zeta"]


def test_staff_see_the_overview_and_every_figure_leads_on(sign_in, sam, scored, acme):
    text = sign_in(sam).get("/").text
    assert "Q3 2026: 1 of 2 partners have a grade of B or better." in text
    for href in ("/scorecards/?period=2026-Q3", f"/partners/{acme.id}?period=2026-Q3", "/deals/?f.outcome=Won"):
        assert href in text
    client = sign_in(sam)
    for href in set(re.findall(r'href="(/(?:scorecards|deals|partners)/[^"]*)"', text)):
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_an_earlier_period_is_one_click_away(sign_in, sam, scored):
    text = sign_in(sam).get("/?period=2026-Q2").text
    assert "Q2 2026:" in text and "/?period=2026-Q3" in text


@pytest.mark.parametrize("period", ["2026-Q9", "x", "9999", "0000-Q1", "%00", "2026-Q1" * 100])
def test_an_unknown_period_shows_the_newest(sign_in, sam, scored, period):
    assert "Q3 2026:" in sign_in(sam).get(f"/?period={period}").text


def test_a_manager_sees_own_partners_only(sign_in, mia, scored):
    text = sign_in(mia).get("/").text
    assert "Acme" in text and "Globex" not in text and "1 of 1 partners" in text and "$2K" in text


def test_an_empty_portal_says_what_to_do_first(sign_in, sam, make):
    text = sign_in(sam).get("/").text
    assert "First steps" in text and "Import your partners" in text and "/import/new?object=partner" in text


def test_an_analyst_of_an_empty_portal_is_not_sent_to_what_is_not_theirs(sign_in, ann, make):
    text = sign_in(ann).get("/").text
    assert "/import/new" not in text and "Look at the scorecards" in text


def test_without_targets_the_page_says_why_nobody_has_a_score(sign_in, sam, make, acme):
    make.kpi()
    make.deal(partner=acme)
    compute_all()
    assert "KPIs need targets" in sign_in(sam).get("/").text


# ── the partner's side ──


def test_a_partner_without_a_published_scorecard_is_told_so(sign_in, ada, scored):
    text = sign_in(ada).get("/").text
    assert "No scorecard yet" in text and "150" not in text and "Globex" not in text


def test_a_partner_sees_the_published_scorecard_and_own_deals(sign_in, ada, mia, sam, scored, acme):
    from prm.scorecards.services import publish

    publish(sam, Scorecard.get((Scorecard.partner == acme) & (Scorecard.period == "2026-Q3")))
    text = sign_in(ada).get("/").text
    assert "Score of Q3 2026" in text and "On target" in text and "Mia Keller" in text
    assert "$3K" in text and "Globex" not in text
    assert visible(Scorecard, ada).count() == 1


def test_a_member_sees_own_deals_only_and_no_account_page_that_is_hidden(sign_in, max_of_acme, make, scored):
    text = sign_in(max_of_acme).get("/").text
    assert "0 deals" in text
    make.organisation(members_see_account=False)
    assert "Not shown to members" in sign_in(max_of_acme).get("/").text


def test_what_our_own_people_did_is_told_without_the_names_a_partner_may_not_know(sign_in, ada, sam, scored, acme):
    from prm.scorecards.services import publish

    publish(sam, Scorecard.get((Scorecard.partner == acme) & (Scorecard.period == "2026-Q3")))
    text = sign_in(ada).get("/").text
    assert "Kestrel</b> published scorecard" in text and "Sam Ortega" not in text and "Somebody" not in text


def test_deals_that_no_rate_brings_into_the_amounts_are_counted_in_plain_sight(sign_in, sam, ann, scored, acme, make):
    assert "without an exchange rate" not in sign_in(sam).get("/").text
    make.deal("Krone", partner=acme, currency="SEK", closed_on=date(2026, 7, 20))
    text = sign_in(sam).get("/").text
    assert "Of the last 8 periods, 1 deal is in a currency without an exchange rate" in text and 'href="/setup/rates"' in text
    text = sign_in(ann).get("/").text
    assert "1 deal is in a currency without an exchange rate" in text and 'href="/setup/rates"' not in text
