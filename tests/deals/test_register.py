"""Partners register deals and edit their own open ones; a manager approves or rejects."""
import pytest

from prm.models import Deal, Mail


@pytest.fixture(autouse=True)
def stages(make):
    make.stages()


def register(client, **changed):
    return client.post("/deals/new", data={"title": "Forty bikes", "customer": "Initech", "amount": "1,000.00"} | changed)


def test_what_a_partner_registers_is_theirs_open_and_pending_and_the_manager_is_told(database, make, mia, ada, acme, globex, sign_in):
    client = sign_in(ada)
    form = client.get("/deals/new").text
    assert "Register a deal" in form and 'name="partner"' not in form and 'name="stage"' not in form and 'name="registration"' not in form
    answer = register(client, partner=globex.number, stage=str(make.stage("Won").id), registration="approved")
    deal = Deal.get()
    assert answer.location == f"/deals/{deal.id}"
    assert (deal.partner_id, deal.outcome, deal.registration, deal.owner_id, deal.amount) == (acme.id, "open", "pending", ada.contact_id, 100_000)
    assert Mail.get().to == mia.email and "Acme registered a deal: Forty bikes" in Mail.get().subject


def test_a_manager_approves_or_rejects_and_the_owner_is_told(database, mia, ada, sign_in):
    register(sign_in(ada))
    register(sign_in(ada), title="Ten helmets")
    client, (first, second) = sign_in(mia), Deal.select().order_by(Deal.id)
    assert f"/deals/{first.id}/approve" in client.get(f"/deals/{first.id}").text
    client.post(f"/deals/{first.id}/approve")
    client.post(f"/deals/{second.id}/reject")
    assert [d.registration for d in Deal.select().order_by(Deal.id)] == ["approved", "rejected"]
    told = [mail.subject for mail in Mail.select().where(Mail.to == ada.email).order_by(Mail.id)]
    assert told == ["Your deal Forty bikes is approved", "Your deal Ten helmets is rejected"]
    assert client.post(f"/deals/{first.id}/reject").status_code == 409
    assert f"/deals/{first.id}/approve" not in sign_in(ada).get(f"/deals/{first.id}").text


def test_nobody_of_a_partner_decides(database, mia, ada, sign_in):
    register(sign_in(ada))
    assert sign_in(ada).post(f"/deals/{Deal.get().id}/approve").status_code == 403 and Deal.get().registration == "pending"


def test_own_open_deals_are_edited_and_closed_ones_are_history(database, make, ada, acme, sign_in):
    deal, won = make.deal("Open", partner=acme, stage="Proposal"), make.deal("Won", partner=acme)
    client = sign_in(ada)
    assert client.post(f"/deals/{deal.id}/edit", data={"title": "Opened", "amount": "5", "currency": "USD"}).status_code == 303
    assert Deal.get_by_id(deal.id).title == "Opened" and Deal.get_by_id(deal.id).stage.name == "Proposal"
    assert client.post(f"/deals/{won.id}/edit", data={"title": "Changed"}).status_code == 403 and Deal.get_by_id(won.id).title == "Won"
    assert client.get(f"/deals/{won.id}/edit").location == f"/deals/{won.id}" and "ask your channel manager" in client.get(f"/deals/{won.id}").text
    assert f"/deals/{won.id}/edit" not in client.get(f"/deals/{won.id}").text


def test_a_member_registers_for_themselves_and_keeps_what_they_register(database, make, max_of_acme, ada, acme, sign_in):
    client = sign_in(max_of_acme)
    register(client, owner="")
    deal = Deal.get()
    assert deal.owner_id == max_of_acme.contact_id and client.get(f"/deals/{deal.id}").status_code == 200
    client.post(f"/deals/{deal.id}/edit", data={"title": "Mine", "owner": ""})
    assert Deal.get().owner_id == max_of_acme.contact_id
    other = make.deal("Ada's", partner=acme, owner=ada.contact, stage="Proposal")
    assert client.post(f"/deals/{other.id}/edit", data={"title": "X"}).status_code == 404


def test_a_deal_of_another_company_is_edited_by_nobody(database, make, ada, globex, sign_in):
    deal = make.deal("Globex", partner=globex, stage="Proposal")
    assert sign_in(ada).post(f"/deals/{deal.id}/edit", data={"title": "X"}).status_code == 404 and Deal.get().title == "Globex"


def test_an_owner_of_another_company_is_refused(database, make, ada, grace, sign_in):
    answer = register(sign_in(ada), owner=grace.contact.number)
    assert answer.status_code == 422 and not Deal.select().exists()


def test_they_register_where_members_do_not_see_their_account(database, make, mia, ada, sign_in):
    make.stages()
    make.organisation(members_see_account=False)
    ada.role = "member"
    ada.save()
    assert sign_in(ada).post("/deals/new", data={"title": "Mine"}).status_code == 303 and Deal.get().partner_id == ada.partner_id
