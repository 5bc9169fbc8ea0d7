"""The list of deals."""

from datetime import date

import pytest


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('class="trunc" href="/deals/')[1:]]


@pytest.fixture
def sold(make, acme, globex, ada, pat, max_of_acme, grace):
    for owner in (ada, pat, max_of_acme, grace):
        make.deal(f"Deal of {owner.name}", partner=owner.partner, owner=owner.contact)


@pytest.mark.parametrize(("who", "seen"), [
    ("sam", {"Ada Byron", "Pat Moss", "Max Brand", "Grace Hopper"}), ("ann", {"Ada Byron", "Pat Moss", "Max Brand", "Grace Hopper"}),
    ("mia", {"Ada Byron", "Pat Moss", "Max Brand"}), ("ada", {"Ada Byron", "Pat Moss", "Max Brand"}),
    ("pat", {"Pat Moss", "Max Brand"}), ("max_of_acme", {"Max Brand"}), ("grace", {"Grace Hopper"}),
])  # fmt: skip
def test_each_role_sees_its_own_deals(database, sign_in, request, sold, who, seen):
    assert {name.removeprefix("Deal of ") for name in names(sign_in(request.getfixturevalue(who)).get("/deals/"))} == seen


def test_deals_are_sorted_by_what_they_are_worth_in_the_base_currency_and_shown_in_their_own(database, sign_in, make, sam):
    from prm.models import Rate

    Rate.create(currency="EUR", valid_from=date(2020, 1, 1), rate=2)
    make.deal("Dollars", amount=150_000)
    make.deal("Euros", amount=100_000, currency="EUR")
    make.deal("Yen", amount=100_000, currency="JPY")  # no rate: it has no place among the others
    page = sign_in(sam).get("/deals/?sort=-amount")
    assert names(page) == ["Euros", "Dollars", "Yen"]
    assert "€1,000.00" in page.text and "$1,500.00" in page.text and "¥100,000" in page.text


def test_amounts_stand_on_the_right_and_dates_as_the_locale_writes_them(sign_in, make, sam):
    make.organisation(locale="de", currency="EUR")
    make.deal("Eins", currency="EUR", amount=123_450, closed_on=date(2026, 7, 5))
    text = sign_in(sam).get("/deals/").text
    assert '<td class="num">1.234,50\xa0€</td>' in text and "05.07.2026" in text


def test_quick_filters_narrow_by_stage_outcome_partner_and_time(sign_in, make, acme, sam):
    acme.territory = "North"
    acme.save()
    make.deal("Open", partner=acme, stage="Proposal")
    make.deal("Won", partner=acme)
    make.deal("Elsewhere", partner=make.partner("Other"), stage="Lost")
    client = sign_in(sam)
    assert names(client.get("/deals/?f.stage=Proposal")) == ["Open"]
    assert names(client.get("/deals/?f.outcome=lost")) == ["Elsewhere"]
    assert set(names(client.get("/deals/?f.partner.territory=North"))) == {"Open", "Won"}
    assert names(client.get("/deals/?f.closed_on.is_empty=-")) == ["Open"]
    assert names(client.get("/deals/?ff=amount&fo=above&fv=2000")) == []


def test_a_deal_without_a_title_goes_by_its_number(sign_in, make, sam):
    make.deal("", number="SO43659")
    assert names(sign_in(sam).get("/deals/")) == ["SO43659"]


def test_the_csv_has_amounts_as_figures(sign_in, make, sam):
    make.deal("Minus", amount=-12_345)
    sheet = sign_in(sam).get("/deals/?format=csv&cols=title,amount,closed_on").data.decode("utf-8-sig").splitlines()
    assert sheet == ["Title,Amount,Closed on", "Minus,-123.45,2026-07-15"]


def test_an_empty_list_says_what_to_do_next(sign_in, acme, sam, ada, max_of_acme):
    assert "Import deals" in sign_in(sam).get("/deals/").text
    assert "Register the first one: your channel manager is told." in sign_in(ada).get("/deals/").text
    for path in ("/deals/", f"/partners/{acme.id}?tab=deals"):
        assert "You see the deals that name you as their owner." in sign_in(max_of_acme).get(path).text


def test_a_large_file_has_every_row_and_one_too_large_is_refused_in_words(sign_in, make, acme, sam, monkeypatch):
    from prm.models import Deal
    from prm.ui import downloads

    stage = make.stage("Won")
    row = {"partner": acme.id, "stage": stage.id, "outcome": "won", "currency": "USD", "amount": 100, "amount_base": 100}
    for start in range(0, 1500, 500):
        Deal.insert_many([row | {"number": f"D{n:05d}", "title": f"Deal {n}"} for n in range(start, start + 500)]).execute()
    client = sign_in(sam)
    lines = client.get("/deals/?format=csv&cols=number&sort=number").data.decode("utf-8-sig").splitlines()
    assert lines == ["Deal no"] + [f"D{n:05d}" for n in range(1500)]
    monkeypatch.setattr(downloads, "MAX_LIMIT", 1000)
    page = client.get("/deals/?format=csv")
    assert page.status_code == 422 and "These are 1,500 rows; one file holds 1,000." in page.text
