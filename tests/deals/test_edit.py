"""Adding and changing a deal."""

from datetime import date

import pytest

from prm.models import Deal


@pytest.fixture
def client(sign_in, make, sam):
    make.stages()
    return sign_in(sam)


def test_a_deal_is_added_open_and_in_the_organisations_currency(database, client, make, acme):
    form = client.get(f"/deals/new?partner={acme.number}").text
    assert f'value="{acme.number}"' in form and 'name="currency" type="text" value="USD"' in form
    answer = client.post("/deals/new", data={"title": "Forty bikes", "partner": acme.number, "amount": "1,234.50"})
    made = Deal.get(Deal.title == "Forty bikes")
    assert answer.headers["Location"] == f"/deals/{made.id}" and made.number == f"D{made.id:05d}"
    assert (made.amount, made.currency, made.outcome, made.closed_on) == (123_450, "USD", "open", None)
    assert made.created_on is not None


def test_a_deal_moved_to_won_is_closed_today_unless_said_otherwise(client, make, acme):
    deal, dated = (make.deal(title, partner=acme, stage="Proposal") for title in ("One", "Two"))
    won = str(make.stage("Won").id)
    client.post(f"/deals/{deal.id}/edit", data={"stage": won})
    client.post(f"/deals/{dated.id}/edit", data={"stage": won, "closed_on": "2026-02-28"})
    assert Deal.get_by_id(deal.id).closed_on is not None and Deal.get_by_id(deal.id).outcome == "won"
    assert Deal.get_by_id(dated.id).closed_on == date(2026, 2, 28)


def test_yen_have_no_cents(client, acme):
    client.post("/deals/new", data={"title": "Y", "partner": acme.number, "currency": "jpy", "amount": "5,000"})
    made = Deal.get(Deal.title == "Y")
    assert (made.amount, made.currency) == (5000, "JPY")


def test_the_owner_is_a_contact_of_the_same_partner(client, acme, ada, grace):
    page = client.post("/deals/new", data={"title": "X", "partner": acme.number, "owner": grace.email})
    assert page.status_code == 422 and "The owner contact belongs to another partner." in page.text
    client.post("/deals/new", data={"title": "X", "partner": acme.number, "owner": ada.email})
    assert Deal.get(Deal.title == "X").owner == ada.contact


def test_a_manager_cannot_put_a_deal_on_a_partner_they_do_not_see(sign_in, client, make, mia, acme, globex):
    own = sign_in(mia)
    deal = make.deal("Theirs", partner=globex)
    assert own.get(f"/deals/{deal.id}/edit").status_code == 404
    page = own.post("/deals/new", data={"title": "X", "partner": globex.number})
    assert page.status_code == 422 and "There is no partner" in page.text
    mine = make.deal("Mine", partner=acme)
    assert own.post(f"/deals/{mine.id}/edit", data={"partner": globex.number}).status_code == 422
    assert Deal.get_by_id(mine.id).partner == acme


@pytest.mark.parametrize("who", ["ann"])
def test_whoever_may_not_edit_is_refused(sign_in, request, make, acme, who):
    deal = make.deal("Deal", partner=acme)
    own = sign_in(request.getfixturevalue(who))
    for path in ("/deals/new", f"/deals/{deal.id}/edit"):
        assert own.get(path).status_code == 403 and own.post(path, data={"title": "X"}).status_code == 403


def test_two_editors_of_an_amount_see_it_in_its_currency(client, make, acme):
    deal = make.deal("Deal", partner=acme, currency="EUR", amount=100_000)
    assert client.post(f"/deals/{deal.id}/edit", data={"amount": "2,000.00", "seen-version": "1"}).status_code == 303
    page = client.post(f"/deals/{deal.id}/edit", data={"amount": "3,000.00", "seen-version": "1"})
    assert page.status_code == 409 and ">Amount</th><td>€2,000.00</td><td>€3,000.00</td>" in page.text
    assert Deal.get_by_id(deal.id).amount == 200_000
