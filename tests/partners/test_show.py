"""The page of a partner: header, tabs, and what each viewer may know of it."""

import pytest

from prm.partners import services

TABS = ["overview", "deals", "contacts", "activity"]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("who", ["sam", "mia", "ann", "ada", "pat", "max_of_acme"])
def test_everybody_at_home_here_may_open_every_tab(sign_in, request, acme, who, tab):
    assert sign_in(request.getfixturevalue(who)).get(f"/partners/{acme.id}?tab={tab}").status_code == 200


@pytest.mark.parametrize("who", ["mia", "ada", "pat", "max_of_acme"])
def test_a_foreign_partner_is_not_found(sign_in, request, globex, acme, who):
    client = sign_in(request.getfixturevalue(who))
    for address in (f"/partners/{globex.id}", f"/partners/{globex.id}?tab=deals", f"/partners/{globex.id}?tab=deals&format=csv"):
        assert client.get(address).status_code == 404


def test_the_header_says_tier_type_territory_number_and_a_status_that_is_not_the_usual(sign_in, make, sam):
    partner = make.partner("Nova", tier="Gold", type="Reseller", territory="North", number="N-7", status="paused")
    head = sign_in(sam).get(f"/partners/{partner.id}").text.split("page-head")[1].split('id="tabs"')[0]
    assert all(word in head for word in ("Gold", "Reseller · North · N-7", "Paused"))
    assert "None" not in head


def test_tabs_count_what_the_viewer_may_see(sign_in, make, acme, sam, ada, max_of_acme):
    make.deal("Hers", partner=acme, owner=ada.contact)
    make.deal("His", partner=acme, owner=max_of_acme.contact)
    assert 'Deals<span class="n">2</span>' in sign_in(sam).get(f"/partners/{acme.id}").text
    mine = sign_in(max_of_acme).get(f"/partners/{acme.id}").text
    assert 'Deals<span class="n">1</span>' in mine and "Hers" not in mine


def test_the_overview_names_open_deals_first_and_the_primary_contact(sign_in, make, acme, sam):
    for number in range(6):
        make.deal(f"Won {number}", partner=acme)
    make.deal("Still open", partner=acme, stage="Proposal")
    make.contact("Zoe", partner=acme, primary=True, roles=["Owner"])
    make.contact("Abe", partner=acme)
    text = sign_in(sam).get(f"/partners/{acme.id}").text
    assert text.index("Still open") < text.index("Won 5") and "Won 0" not in text and "All 7" in text
    assert text.index(">Zoe<") < text.index(">Abe<") and "Primary contact, Owner" in text


def test_a_partner_never_sees_a_staff_field(sign_in, make, acme, sam, ada):
    make.custom_field("credit", "text", audience="staff")
    make.custom_field("motto", "text", audience="partner")
    services.edit_partner(sam, acme, {"notes": "pays late", "credit": "poor", "motto": "onwards"})
    own = sign_in(ada)
    for tab in TABS:
        text = own.get(f"/partners/{acme.id}?tab={tab}").text
        assert "pays late" not in text and "poor" not in text and "Credit" not in text
    assert "onwards" in own.get(f"/partners/{acme.id}").text
    assert "pays late" in sign_in(sam).get(f"/partners/{acme.id}").text


def test_the_partner_side_reads_who_looks_after_it(sign_in, mia, ada, acme):
    text = sign_in(ada).get(f"/partners/{acme.id}").text
    assert "Your channel manager" in text and "mailto:mia@kestrel.example" in text


def test_a_tab_has_a_list_with_its_own_address(sign_in, make, acme, globex, sam):
    make.deal("Ours", partner=acme)
    make.deal("Theirs", partner=globex)
    client = sign_in(sam)
    text = client.get(f"/partners/{acme.id}?tab=deals").text
    assert ">Ours<" in text and "Theirs" not in text
    assert f'href="/partners/{acme.id}?tab=deals&amp;sort=' in text
    sheet = client.get(f"/partners/{acme.id}?tab=deals&format=csv").data.decode("utf-8-sig")
    assert "Ours" in sheet and "Theirs" not in sheet


def test_htmx_gets_the_tab_and_the_new_state_of_the_tabs(sign_in, acme, sam):
    part = sign_in(sam).get(f"/partners/{acme.id}?tab=contacts", headers={"HX-Request": "true"}).text
    assert "<html" not in part and '<hx-partial hx-target="#tabs"' in part


@pytest.mark.parametrize(("tab", "words"), [("deals", "No deals yet"), ("contacts", "No contacts yet"), ("activity", "No changes yet")])
def test_an_empty_tab_says_what_to_do(sign_in, acme, sam, tab, words):
    assert words in sign_in(sam).get(f"/partners/{acme.id}?tab={tab}").text


def test_an_unknown_tab_is_the_overview(sign_in, acme, sam):
    assert ">Details<" in sign_in(sam).get(f"/partners/{acme.id}?tab=ghost&period=ghost&before=ghost").text


def test_the_activity_reads_as_english_and_leads_to_the_record(sign_in, make, acme, sam):
    from prm.deals.services import edit_deal

    deal = make.deal("Forty bikes", partner=acme, stage="Proposal", currency="JPY", amount=5000)
    edit_deal(sam, deal, {"stage": make.stage("Won").id, "amount": 7000})
    text = sign_in(sam).get(f"/partners/{acme.id}?tab=activity").text
    assert f'<b>Sam Ortega</b> changed deal <a href="/deals/{deal.id}">Forty bikes</a>' in text
    assert "Stage: <del>Proposal</del>" in text and "<ins>Won</ins>" in text
    assert "<del>¥5,000</del>" in text and "<ins>¥7,000</ins>" in text


def test_a_long_activity_goes_on(sign_in, make, acme, sam):
    for number in range(35):
        services.edit_partner(sam, acme, {"type": f"Type {number}"})
    client = sign_in(sam)
    first = client.get(f"/partners/{acme.id}?tab=activity").text
    assert "Type 34" in first and "<ins>Type 4</ins>" not in first
    earlier = first.split('href="/partners/')[-1].split('"')[0]
    more = [part.split('"')[0] for part in first.split('class="btn" href="') if "before=" in part.split('"')[0]][0]
    assert earlier and "<ins>Type 4</ins>" in client.get(more.replace("&amp;", "&")).text
