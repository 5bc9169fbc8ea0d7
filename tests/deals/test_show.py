"""The page of a deal."""

import pytest

from prm.deals.services import edit_deal


@pytest.mark.parametrize(("who", "status"), [
    ("sam", 200), ("mia", 200), ("ann", 200), ("ada", 200), ("pat", 404), ("max_of_acme", 404), ("grace", 404),
])  # fmt: skip
def test_the_deal_of_an_executive_is_seen_by_staff_and_the_executive(sign_in, request, make, acme, ada, who, status):
    deal = make.deal("Hers", partner=acme, owner=ada.contact)
    assert sign_in(request.getfixturevalue(who)).get(f"/deals/{deal.id}").status_code == status


def test_the_page_leads_to_partner_and_owner(sign_in, make, acme, ada, sam):
    deal = make.deal("Hers", partner=acme, owner=ada.contact)
    text = sign_in(sam).get(f"/deals/{deal.id}").text
    assert f'href="/partners/{acme.id}"' in text and f'href="/contacts/{ada.contact_id}"' in text
    assert "None" not in text.split("<main")[1]


def test_staff_notes_and_the_history_are_for_staff(sign_in, make, acme, ada, sam):
    deal = make.deal("Hers", partner=acme, owner=ada.contact, stage="Proposal")
    edit_deal(sam, deal, {"notes": "margin is thin", "stage": make.stage("Won").id})
    staff, own = (sign_in(who).get(f"/deals/{deal.id}").text for who in (sam, ada))
    assert "margin is thin" in staff and "changed deal" in staff
    assert "margin is thin" not in own and "changed deal" not in own


def test_only_whoever_may_edit_finds_the_button(sign_in, make, acme, ada, ann, sam):
    deal = make.deal("Hers", partner=acme, owner=ada.contact)
    shown = [f"/deals/{deal.id}/edit" in sign_in(who).get(f"/deals/{deal.id}").text for who in (sam, ann, ada)]
    assert shown == [True, False, False]
