"""The list of contacts."""

import pytest


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('class="trunc" href="/contacts/')[1:]]


@pytest.fixture
def crowd(make, acme, globex, ada, pat, max_of_acme, grace):
    make.business_role("Owner")
    make.contact("Lea Lone", partner=acme, email="lea@acme.example", roles=["Owner"])


@pytest.mark.parametrize(("who", "seen"), [
    ("sam", ["Ada Byron", "Grace Hopper", "Lea Lone", "Max Brand", "Pat Moss"]),
    ("ann", ["Ada Byron", "Grace Hopper", "Lea Lone", "Max Brand", "Pat Moss"]),
    ("mia", ["Ada Byron", "Lea Lone", "Max Brand", "Pat Moss"]),
    ("ada", ["Ada Byron", "Lea Lone", "Max Brand", "Pat Moss"]),
    ("pat", ["Max Brand", "Pat Moss"]),
    ("max_of_acme", ["Max Brand"]),
    ("grace", ["Grace Hopper"]),
])  # fmt: skip
def test_each_role_sees_its_own_contacts(database, sign_in, request, crowd, who, seen):
    assert names(sign_in(request.getfixturevalue(who)).get("/contacts/")) == seen


def test_contacts_are_found_by_name_address_role_and_by_what_their_partner_is(database, sign_in, make, acme, crowd, sam):
    acme.tier, acme.territory = make.tier("Gold"), "North"
    acme.save()
    client = sign_in(sam)
    assert names(client.get("/contacts/?q=lea@acme.example")) == ["Lea Lone"]
    assert names(client.get("/contacts/?f.roles=Owner")) == ["Lea Lone"]
    assert len(names(client.get("/contacts/?f.partner.tier=Gold&f.partner.territory=North"))) == 4
    assert names(client.get("/contacts/?f.partner=Globex")) == ["Grace Hopper"]


def test_a_contact_without_a_name_is_listed_by_their_address(sign_in, make, acme, sam):
    make.contact("", partner=acme, email="nameless@acme.example", number="C1")
    assert names(sign_in(sam).get("/contacts/")) == ["nameless@acme.example"]


@pytest.mark.parametrize(("who", "button"), [("sam", "Enable as partner"), ("mia", "Enable as partner"), ("ada", "Invite a colleague")])
def test_whoever_may_let_people_in_finds_the_button_here(sign_in, request, who, acme, button):
    assert button in sign_in(request.getfixturevalue(who)).get("/contacts/").text


@pytest.mark.parametrize("who", ["ann", "pat", "max_of_acme"])
def test_nobody_else_does(sign_in, request, who, acme):
    text = sign_in(request.getfixturevalue(who)).get("/contacts/").text
    assert "/contacts/enable" not in text and "/contacts/new" not in text


def test_an_empty_list_says_what_to_do_next(sign_in, sam):
    assert "Import contacts" in sign_in(sam).get("/contacts/").text
