"""The page of a contact: facts, history, and whether they can sign in."""

import pytest

from prm.access import invites
from prm.models import Person, Role


@pytest.mark.parametrize(("who", "status"), [
    ("sam", 200), ("mia", 200), ("ann", 200), ("ada", 200), ("pat", 200), ("max_of_acme", 200), ("grace", 404),
])  # fmt: skip
def test_a_member_is_seen_by_those_above_and_by_nobody_elsewhere(sign_in, request, max_of_acme, who, status):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(f"/contacts/{max_of_acme.contact_id}").status_code == status


def test_a_member_does_not_see_a_colleague(sign_in, max_of_acme, ada):
    assert sign_in(max_of_acme).get(f"/contacts/{ada.contact_id}").status_code == 404


def test_the_page_leads_to_partner_deals_and_login(sign_in, make, acme, ada, sam):
    make.deal("Hers", partner=acme, owner=ada.contact)
    client = sign_in(sam)
    text = client.get(f"/contacts/{ada.contact_id}").text
    assert f'href="/partners/{acme.id}"' in text and f'href="/people/{ada.id}"' in text
    deals = text.split('href="/deals/?')[1].split('"')[0]
    assert "1 deal" in text and ">Hers<" in client.get(f"/deals/?{deals}").text


def test_a_partner_manager_is_not_told_that_a_member_cannot_sign_in(sign_in, pat, max_of_acme):
    assert "cannot sign in" not in sign_in(pat).get(f"/contacts/{max_of_acme.contact_id}").text


def test_disabling_ends_the_login_and_can_be_undone(sign_in, ada, sam):
    inside, client = sign_in(ada), sign_in(sam)
    there = client.post(f"/contacts/{ada.contact_id}/disable").headers["Location"]
    page = client.get(there)
    assert "Undo" in page.text and "Disabled" in page.text
    assert inside.get("/deals/").status_code == 303
    client.post(f"/contacts/{ada.contact_id}/allow")
    assert Person.get_by_id(ada.id).disabled_at is None


@pytest.mark.parametrize("act", ["reinvite", "disable", "allow"])
@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("pat", 403), ("max_of_acme", 403), ("grace", 404)])
def test_nobody_acts_on_a_login_that_is_not_theirs_to_keep(sign_in, request, ada, who, status, act):
    assert sign_in(request.getfixturevalue(who)).post(f"/contacts/{ada.contact_id}/{act}").status_code == status
    assert Person.get_by_id(ada.id).disabled_at is None


def test_a_contact_without_a_login_has_none_to_disable(sign_in, make, acme, sam):
    lea = make.contact("Lea", partner=acme)
    assert sign_in(sam).post(f"/contacts/{lea.id}/disable").status_code == 404


def test_the_history_says_who_let_them_in(sign_in, make, acme, sam):
    lea = make.contact("Lea", partner=acme, email="lea@acme.example")
    invites.enable_contact(sam, lea, Role.MEMBER)
    assert "gave contact Lea access to the portal: Member" in sign_in(sam).get(f"/contacts/{lea.id}").text.replace("\n", "")
