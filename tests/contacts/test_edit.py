"""Adding and changing a contact."""

import pytest

from prm.models import Contact


def test_an_executive_adds_and_edits_people_of_their_company_only(database, sign_in, ada, acme, globex, grace):
    client = sign_in(ada)
    answer = client.post("/contacts/new", data={"name": "Lea", "email": "lea@acme.example", "partner": globex.number})
    assert answer.status_code == 303 and Contact.get(Contact.name == "Lea").partner == acme
    assert client.post(f"/contacts/{grace.contact_id}/edit", data={"name": "Gone"}).status_code == 404
    assert client.post(f"/contacts/{ada.contact_id}/edit", data={"name": "Ada King"}).status_code == 303


@pytest.mark.parametrize("who", ["ann", "pat", "max_of_acme"])
def test_whoever_may_not_edit_is_refused(sign_in, request, ada, who):
    client = sign_in(request.getfixturevalue(who))
    for path in ("/contacts/new", f"/contacts/{ada.contact_id}/edit"):
        assert client.get(path).status_code == 403 and client.post(path, data={"name": "X"}).status_code == 403


def test_an_address_belongs_to_one_contact(sign_in, make, acme, ada, sam):
    page = sign_in(sam).post("/contacts/new", data={"name": "Copy", "partner": acme.number, "email": ada.email})
    assert page.status_code == 422 and f"Another contact has the address {ada.email}" in page.text


def test_a_contact_with_a_login_stays_at_their_partner(sign_in, ada, globex, sam):
    page = sign_in(sam).post(f"/contacts/{ada.contact_id}/edit", data={"partner": globex.number})
    assert page.status_code == 403 and "cannot be moved to another partner" in page.text


def test_one_contact_of_a_partner_is_the_primary_one(sign_in, make, acme, sam):
    old, new = make.contact("Old", partner=acme, primary=True), make.contact("New", partner=acme)
    sign_in(sam).post(f"/contacts/{new.id}/edit", data={"primary": "y"})
    assert [Contact.get_by_id(row.id).primary for row in (old, new)] == [False, True]


def test_several_roles_are_ticked(sign_in, make, acme, sam):
    for name in ("Owner", "Sales lead"):
        make.business_role(name)
    client = sign_in(sam)
    client.post("/contacts/new", data={"name": "Lea", "partner": acme.number, "roles": ["Sales lead", "Owner"]})
    assert Contact.get(Contact.name == "Lea").roles == ["Owner", "Sales lead"]
    page = client.post("/contacts/new", data={"name": "Gil", "partner": acme.number, "roles": ["King"]})
    assert page.status_code == 422 and "Choose from the options." in page.text


def test_a_foreign_partner_is_unknown_in_a_managers_form(sign_in, mia, globex):
    page = sign_in(mia).post("/contacts/new", data={"name": "Lea", "partner": globex.number})
    assert page.status_code == 422 and "There is no partner" in page.text
