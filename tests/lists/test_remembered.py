"""What a person last chose for a list is how it opens next time; the address always wins."""

from prm.models import Person


def heads(page):
    head = page.text.split("<thead>")[1].split("</thead>")[0]
    return [part.split("<")[0] for part in head.replace("</svg>", "").split(">") if part.split("<")[0].strip()]


def test_columns_and_page_size_are_remembered(database, sign_in, make, acme, sam):
    for number in range(30):
        make.partner(f"Partner {number:02d}")
    client = sign_in(sam)
    client.get("/partners/?cols=name,number")
    client.get("/partners/?per=50")
    page = sign_in(sam).get("/partners/")
    assert heads(page) == ["Name", "Partner no"] and "1–31 of 31" in page.text
    assert heads(client.get("/partners/?cols=name,status")) == ["Name", "Status"]
    assert len(client.get("/partners/?format=csv").data.decode("utf-8-sig").splitlines()[0].split(",")) == 2, "so is the file"


def test_everybody_remembers_their_own_and_each_list_its_own(sign_in, make, acme, sam, ann):
    make.deal(partner=acme)
    client = sign_in(sam)
    client.get("/partners/?cols=name")
    assert heads(sign_in(ann).get("/partners/")) != ["Name"]
    assert "Stage" in heads(client.get("/deals/"))
    client.get(f"/partners/{acme.id}?tab=deals&cols=title")
    assert heads(client.get(f"/partners/{acme.id}?tab=deals")) == ["Title"] and "Stage" in heads(client.get("/deals/"))


def test_the_usual_columns_are_a_link_away_and_then_forgotten(sign_in, acme, sam):
    client = sign_in(sam)
    text = client.get("/partners/?cols=name").text
    usual = text.split("Usual columns")[0].split('href="')[-1].split('"')[0].replace("&amp;", "&")
    client.get(usual)
    assert Person.get_by_id(sam.id).choices["lists"] == {"partner": {}}
    assert "Usual columns" not in client.get("/partners/").text


def test_the_form_of_columns_keeps_their_order_and_adds_at_the_end(sign_in, acme, sam):
    page = sign_in(sam).get("/partners/?cols=number&cols=name&cols=status&was=name,type,number")
    assert heads(page) == ["Name", "Partner no", "Status"]


def test_a_field_that_is_gone_is_no_longer_remembered(sign_in, make, acme, sam):
    sam.choices = {"lists": {"partner": {"cols": ["name", "ghost"], "per": 7}}}
    sam.save()
    page = sign_in(sam).get("/partners/")
    assert page.status_code == 200 and heads(page) == ["Name"] and "ghost" not in page.text


def test_reading_alone_writes_nothing(sign_in, acme, sam):
    client = sign_in(sam)
    client.get("/partners/")
    client.get("/partners/?q=a&sort=-name&page=2&cols=ghost&per=9")
    assert Person.get_by_id(sam.id).choices == {}
