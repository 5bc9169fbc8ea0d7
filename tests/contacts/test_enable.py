"""Enable as partner: partner, contact and role on one screen; the invite goes out with it."""

import pytest

from prm.models import Contact, Mail, Person


def enable(client, **values):
    return client.post("/contacts/enable", data={"role": "member"} | values)


def test_a_new_address_makes_the_contact_and_queues_one_invite(database, sign_in, acme, sam):
    answer = enable(sign_in(sam), partner=acme.number, email="Lea@Acme.example", name="Lea Lone", role="executive")
    lea = Contact.get(Contact.email == "lea@acme.example")
    person = Person.get(Person.contact == lea.id)
    assert answer.headers["Location"] == f"/contacts/{lea.id}" and lea.partner == acme
    assert (person.role, person.partner_id, person.name) == ("executive", acme.id, "Lea Lone")
    assert [mail.to for mail in Mail.select()] == ["lea@acme.example"]


def test_a_known_contact_is_proposed_and_not_doubled(sign_in, make, acme, sam):
    lea = make.contact("Lea", partner=acme, email="lea@acme.example")
    client = sign_in(sam)
    page = client.get(f"/contacts/enable?contact={lea.id}").text
    assert 'value="lea@acme.example"' in page and f'value="{acme.number}"' in page
    assert enable(client, partner=acme.number, email="lea@acme.example", name="Lea").status_code == 303
    assert Contact.select().count() == 1


@pytest.mark.parametrize(("values", "words"), [
    ({"email": ""}, "An address is needed"),
    ({"email": "no address"}, "is no e-mail address"),
    ({"email": "a@b.example, c@d.example"}, "is no e-mail address"),
    ({"partner": "Nobody Ltd"}, "There is no partner"),
    ({"partner": ""}, "Which partner do they work for?"),
    ({"role": "admin"}, "Not a valid choice"),
])  # fmt: skip
def test_what_cannot_be_is_said_beside_the_field_and_nobody_is_let_in(sign_in, acme, sam, values, words):
    page = enable(sign_in(sam), **{"partner": acme.number, "email": "lea@acme.example", "name": "Lea"} | values)
    assert page.status_code == 422 and words in page.text
    assert Contact.select().count() == 0 and Mail.select().count() == 0


def test_two_partners_of_one_name_are_told_apart_by_number(sign_in, make, sam):
    make.partner("Twin", number="T1")
    second = make.partner("Twin", number="T2")
    client = sign_in(sam)
    assert "Use the number instead" in enable(client, partner="Twin", email="lea@twin.example").text
    enable(client, partner="T2", email="lea@twin.example")
    assert Contact.get(Contact.email == "lea@twin.example").partner == second


def test_a_contact_of_another_partner_is_not_taken_over(sign_in, acme, grace, sam):
    page = enable(sign_in(sam), partner=acme.number, email=grace.email, name="Grace")
    assert page.status_code == 422 and "a contact of another partner, Globex" in page.text


def test_a_manager_lets_in_people_of_their_partners_only(sign_in, mia, acme, globex):
    client = sign_in(mia)
    assert enable(client, partner=acme.number, email="lea@acme.example").status_code == 303
    page = enable(client, partner=globex.number, email="gil@globex.example")
    assert page.status_code == 422 and "There is no partner" in page.text


def test_an_executive_invites_colleagues_never_above_their_own_role(sign_in, ada, acme, globex):
    client = sign_in(ada)
    page = client.get("/contacts/enable").text
    assert "<h1>Invite a colleague" in page and "Enable as partner" not in page
    assert 'name="partner"' not in page and 'value="executive"' in page and 'value="admin"' not in page
    assert enable(client, partner=globex.number, email="lea@acme.example", name="Lea").status_code == 303
    assert Contact.get(Contact.email == "lea@acme.example").partner == acme, "the company is their own, whatever is sent"


@pytest.mark.parametrize("who", ["ann", "pat", "max_of_acme"])
def test_nobody_else_gets_in(sign_in, request, acme, who):
    client = sign_in(request.getfixturevalue(who))
    assert client.get("/contacts/enable").status_code == 403
    assert enable(client, partner=acme.number, email="x@acme.example").status_code == 403


def test_a_foreign_contact_is_not_proposed(sign_in, ada, grace):
    assert sign_in(ada).get(f"/contacts/enable?contact={grace.contact_id}").status_code == 404


def test_the_partner_is_offered_while_typing(sign_in, acme, sam):
    client = sign_in(sam)
    page = client.get("/contacts/enable").text
    address = page.split('name="partner"')[0].split('hx-get="')[-1].split('"')[0]
    assert f'value="{acme.number}"' in client.get(f"{address}?partner=acm", headers={"HX-Request": "true"}).text
