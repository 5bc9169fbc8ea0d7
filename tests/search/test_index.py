"""Search or jump to: what each person finds by a few letters."""

import pytest

from prm.models.derived import Derive


def found(client, text):
    page = client.get("/search/", query_string={"q": text}, headers={"HX-Request": "true"})
    assert page.status_code == 200 and "<html" not in page.text
    return [part.split("</span>")[0] for part in page.text.split('<span class="trunc">')[1:]]


@pytest.fixture
def crowd(make, acme, globex, ada, max_of_acme, grace):
    make.deal("Bikes for Ada", partner=acme, owner=ada.contact)
    make.deal("Bikes for Max", partner=acme, owner=max_of_acme.contact)
    make.deal("Bikes for Grace", partner=globex, owner=grace.contact)


@pytest.mark.parametrize(("who", "names"), [
    ("sam", {"Ada", "Max", "Grace"}), ("ann", {"Ada", "Max", "Grace"}), ("mia", {"Ada", "Max"}), ("ada", {"Ada", "Max"}),
    ("max_of_acme", {"Max"}), ("grace", {"Grace"}),
])  # fmt: skip
def test_everybody_finds_their_own_rows_only(database, sign_in, request, crowd, who, names):
    assert {name.split()[-1] for name in found(sign_in(request.getfixturevalue(who)), "bikes for")} == names


def test_a_partner_does_not_learn_that_another_one_exists(sign_in, crowd, ada):
    assert found(sign_in(ada), "globex") == [] and found(sign_in(ada), "grace") == []


def test_words_match_in_any_order_without_regard_to_case_and_accents(sign_in, make, sam):
    make.partner("Café Élan München")
    for text in ("elan cafe", "MÜNCHEN", "munchen", "é"):
        assert ("Café Élan München" in found(sign_in(sam), text)) is (len(text) > 1)


@pytest.mark.parametrize(("who", "place", "there"), [
    ("sam", "Add partner", True), ("ann", "Add partner", False), ("ada", "Add partner", False),
    ("sam", "Outbox", True), ("mia", "Outbox", False), ("ada", "Invite a colleague", True), ("ada", "Enable as partner", False), ("ada", "Your company", True), ("max_of_acme", "People", False),
])  # fmt: skip
def test_pages_are_offered_to_whoever_may_open_them(sign_in, request, acme, who, place, there):
    assert (place in found(sign_in(request.getfixturevalue(who)), place)) is there


def test_every_offered_page_opens(sign_in, crowd, sam):
    client = sign_in(sam)
    page = client.get("/search/?q=", headers={"HX-Request": "true"}).text
    addresses = [part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/") and "static" not in part[:8]]
    assert len(addresses) > 8
    assert {client.get(address).status_code for address in addresses} == {200}


def test_without_a_script_it_is_a_page_with_links(sign_in, crowd, sam):
    text = sign_in(sam).get("/search/?q=acme").text.split("<main")[1].split("</main>")[0]
    assert '<a class="grow" href="/partners/' in text and 'role="option"' not in text
    assert "Nothing found" in sign_in(sam).get("/search/?q=zzzz").text


@pytest.mark.parametrize("text", ["C++", "o'brien", "50%", "a@b.example", '"', "AND", "-x", "a:b", "_", "%", "\\", "x" * 5000, "\0", "\0bike"])
def test_nothing_typed_breaks_it(database, sign_in, crowd, sam, text):
    page = sign_in(sam).get("/search/", query_string={"q": text}, headers={"HX-Request": "true"})
    assert page.status_code in (200, 422)


def test_half_a_character_breaks_nothing(database, sign_in, sam):
    assert sign_in(sam).get("/search/?q=%ED%A0%80").status_code == 200


def test_signs_are_searched_as_they_stand(database, sign_in, make, sam):
    for name in ("C++ House", "O'Brien & Sons", "Fifty 50% Off", "under_score"):
        make.partner(name)
    client = sign_in(sam)
    for text, name in (("c++", "C++ House"), ("o'brien", "O&#39;Brien &amp; Sons"), ("50%", "Fifty 50% Off"), ("r_s", "under_score")):
        assert found(client, text) == [name]


def test_a_custom_field_for_staff_finds_nothing_for_the_partner(database, sign_in, make, acme, ada):
    """Whatever the field is called: it is in no search line."""
    make.custom_field("city", audience="staff")
    acme.custom = {"city": "Zqtown"}
    Derive()(acme)
    acme.save()
    client = sign_in(ada)
    assert acme.name in found(client, acme.name) and found(client, "zqtown") == []
    assert acme.name not in client.get("/partners/?q=zqtown").text.split("<main")[1].split("<tbody")[-1]
