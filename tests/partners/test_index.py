"""The list of partners: who is in it for whom, and all of it in the address."""

import re

import pytest


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('class="trunc" href="/partners/')[1:]]


def test_each_role_sees_its_own_partners(sign_in, make, acme, globex, sam, mia, ann, ada, pat, max_of_acme, grace):
    for who, expected in (
        (sam, ["Acme", "Globex"]),
        (ann, ["Acme", "Globex"]),
        (mia, ["Acme"]),
        (ada, ["Acme"]),
        (pat, ["Acme"]),
        (max_of_acme, ["Acme"]),
        (grace, ["Globex"]),
    ):
        assert names(sign_in(who).get("/partners/")) == expected


def test_a_member_sees_no_account_where_the_portal_does_not_show_it(sign_in, make, acme, max_of_acme):
    make.organisation(members_see_account=False)
    client = sign_in(max_of_acme)
    assert names(client.get("/partners/")) == [] and client.get(f"/partners/{acme.id}").status_code == 404


def test_nor_is_such_a_member_led_there(sign_in, make, acme, max_of_acme):
    deal = make.deal("Forty bikes", partner=acme, owner=max_of_acme.contact)
    pages = ("/", "/deals/", f"/deals/{deal.id}", f"/contacts/{max_of_acme.contact_id}", "/search/?q=")
    led = lambda: {path for path in pages if re.search(r'href="/(partners|scorecards)/', sign_in(max_of_acme).get(path).text)}  # noqa: E731
    assert led() == set(pages)
    make.organisation(members_see_account=False)
    assert led() == set()
    assert all("Not shown to members" in sign_in(max_of_acme).get(path).text for path in ("/", "/partners/", "/scorecards/"))


def test_the_partner_side_reads_your_company_and_staff_read_partners(sign_in, acme, ada, sam):
    for who, label, other in ((ada, "Your company", "Partners"), (sam, "Partners", "Your company")):
        client = sign_in(who)
        for path in ("/partners/", f"/partners/{acme.id}"):
            page = client.get(path).text
            entries = [part.split("</a>")[0].split("</svg>")[-1] for part in page.split('data-key="')[1:]]
            crumbs = page.split('<ol class="crumbs">')[1].split("</ol>")[0]
            assert label in entries and other not in entries and f">{label}<" in crumbs
        assert f"<title>{label} ·" in client.get("/partners/").text


def test_search_sort_filter_and_paging_come_from_the_address(database, sign_in, make, sam):
    for number in range(30):
        make.partner(f"Partner {number:02d}", territory="North" if number % 2 else "South")
    client = sign_in(sam)
    assert names(client.get("/partners/?q=partner+07")) == ["Partner 07"]
    assert len(names(client.get("/partners/"))) == 25
    assert names(client.get("/partners/?page=2")) == [f"Partner {n}" for n in range(25, 30)]
    assert names(client.get("/partners/?sort=-name"))[0] == "Partner 29"
    assert len(names(client.get("/partners/?f.territory=North"))) == 15


def test_two_values_of_one_field_mean_either_and_survive_a_search(sign_in, make, sam):
    for name, tier in (("Anna", "Gold"), ("Bert", "Silver"), ("Carl", "Bronze")):
        make.partner(name, tier=tier)
    page = sign_in(sam).get("/partners/?f.tier=Gold&f.tier=Silver")
    assert names(page) == ["Anna", "Bert"] and "Tier is Gold or Silver" in page.text
    toolbar = page.text.split('role="search"')[1].split("</form>")[0]
    assert toolbar.count('type="hidden" name="f.tier"') == 2, "typing a search keeps both"


def test_htmx_gets_the_rows_and_a_browser_the_page(sign_in, acme, sam):
    client = sign_in(sam)
    part = client.get("/partners/", headers={"HX-Request": "true"})
    assert "<html" not in part.text and "Acme" in part.text
    assert "<html" in client.get("/partners/").text
    assert "HX-Request" in part.headers["Vary"]


def test_without_a_script_there_is_a_button_to_search_and_every_step_is_a_link(sign_in, make, sam):
    for number in range(30):
        make.partner(f"Partner {number:02d}")
    text = sign_in(sam).get("/partners/?f.status=active").text
    assert '<noscript><button class="btn">Search</button></noscript>' in text
    for step in ("sort=-name", "page=2", "per=50", "format=csv"):
        assert f"{step}" in text.replace("&amp;", "&") and 'href="/partners/?' in text


def test_the_page_after_the_last_is_the_last(sign_in, make, sam):
    for number in range(30):
        make.partner(f"Partner {number:02d}")
    page = sign_in(sam).get("/partners/?page=900")
    assert page.status_code == 200 and len(names(page)) == 5 and "26–30 of 30" in page.text


def test_the_csv_has_every_row_and_no_formula(sign_in, make, sam):
    for number in range(30):
        make.partner(f"=P{number:02d}")
    sheet = sign_in(sam).get("/partners/?format=csv&cols=name,number").data.decode("utf-8-sig")
    assert sheet.splitlines()[0] == "Name,Partner no"
    assert len(sheet.splitlines()) == 31
    assert sheet.splitlines()[1].startswith("'=P00")


def test_a_spreadsheet_has_the_same_rows_as_the_screen(sign_in, make, sam):
    import io

    from python_calamine import CalamineWorkbook

    make.partner("Northern Bikes", territory="North")
    make.partner("Southern Bikes", territory="South")
    answer = sign_in(sam).get("/partners/?f.territory=North&cols=name,territory&format=xlsx", buffered=True)
    assert "partners-" in answer.headers["Content-Disposition"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0)
    assert sheet.to_python() == [["Name", "Territory"], ["Northern Bikes", "North"]]


def test_an_empty_list_says_what_to_do_next(sign_in, make, sam, grace, globex):
    globex.delete_instance(recursive=True)
    assert "Import partners" in sign_in(sam).get("/partners/").text


@pytest.mark.parametrize(("who", "next_step"), [("sam", "Import last year"), ("mia", "Ask an admin to assign partners")])
def test_whoever_sees_no_partner_is_told_the_next_step(sign_in, request, make, who, next_step):
    person = make.person("Somebody", role="admin" if who == "sam" else "manager")
    assert next_step in sign_in(person).get("/partners/").text


def test_a_search_without_a_match_offers_the_way_back(sign_in, acme, sam):
    page = sign_in(sam).get("/partners/?q=zzz&sort=-name&f.status=active")
    assert "No partner matches" in page.text and 'href="/partners/?sort=-name">Clear all' in page.text


@pytest.mark.parametrize(("who", "buttons"), [("sam", True), ("mia", True), ("ann", False), ("ada", False)])
def test_buttons_are_there_for_whoever_may_use_them(sign_in, request, who, acme, buttons):
    text = sign_in(request.getfixturevalue(who)).get("/partners/").text
    assert ('href="/partners/new"' in text) is buttons


def test_names_in_any_script_are_drawn_as_they_are(sign_in, make, sam):
    for name in ("شركة الشراكة", "株式会社", "🚲 Rad & Tat <b>", "N" * 200):
        make.partner(name)
    text = sign_in(sam).get("/partners/").text
    assert "شركة الشراكة" in text and "株式会社" in text and "🚲 Rad &amp; Tat &lt;b&gt;" in text and "N" * 200 in text
