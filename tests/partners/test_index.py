"""The list of partners: everything is in the address."""


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('scope="row">')[1:]]


def test_each_role_sees_its_own_partners(sign_in, make, acme, globex, sam, mia, ann, ada, grace):
    for who, expected in (
        (sam, ["Acme", "Globex"]),
        (ann, ["Acme", "Globex"]),
        (mia, ["Acme"]),
        (ada, ["Acme"]),
        (grace, ["Globex"]),
    ):
        assert names(sign_in(who).get("/partners/")) == expected


def test_search_sort_filter_and_paging_come_from_the_address(sign_in, make, sam):
    for number in range(30):
        make.partner(f"Partner {number:02d}", territory="North" if number % 2 else "South")
    client = sign_in(sam)
    assert names(client.get("/partners/?q=partner+07")) == ["Partner 07"]
    assert len(names(client.get("/partners/"))) == 25
    assert names(client.get("/partners/?page=2")) == [f"Partner {n}" for n in range(25, 30)]
    assert names(client.get("/partners/?sort=-name"))[0] == "Partner 29"
    assert len(names(client.get("/partners/?f.territory=North"))) == 15


def test_a_filter_that_cannot_be_used_is_named_and_left_out(sign_in, acme, sam):
    page = sign_in(sam).get("/partners/?f.ghost=1&f.since.before=never&sort=ghost&page=99999999999999999999&per=7")
    assert page.status_code == 200
    assert "no field “ghost”" in page.text and "left out" in page.text
    assert names(page) == ["Acme"]


def test_a_partner_cannot_filter_by_a_staff_field(sign_in, make, acme, ada):
    acme.notes = "pays late"
    acme.save()
    page = sign_in(ada).get("/partners/?f.notes.contains=pays&cols=name,notes&sort=notes")
    assert "pays late" not in page.text
    assert "no field “notes”" in page.text


def test_htmx_gets_the_rows_and_a_browser_the_page(sign_in, acme, sam):
    client = sign_in(sam)
    part = client.get("/partners/", headers={"HX-Request": "true"})
    assert "<html" not in part.text and "Acme" in part.text
    assert "<html" in client.get("/partners/").text
    assert "HX-Request" in part.headers["Vary"]


def test_the_csv_has_every_row_and_no_formula(sign_in, make, sam):
    for number in range(30):
        make.partner(f"=P{number:02d}")
    sheet = sign_in(sam).get("/partners/?format=csv&cols=name,number").data.decode("utf-8-sig")
    assert sheet.splitlines()[0] == "Name,Partner no"
    assert len(sheet.splitlines()) == 31
    assert sheet.splitlines()[1].startswith("'=P00")


def test_an_empty_list_says_what_to_do_next(sign_in, sam):
    assert "Import partners" in sign_in(sam).get("/partners/").text
