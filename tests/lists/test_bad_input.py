"""What no list and no form can use: each is answered in words, nothing is changed, and nothing breaks."""

import pytest

from prm.models import Contact, Deal, Partner

HUGE = str(10**19)
ADDRESSES = [
    # (address, status, words that say so)
    (f"/partners/{HUGE}", 404, "Nothing here"),
    ("/partners/0", 404, "Nothing here"),
    ("/partners/-1", 404, "Nothing here"),
    ("/deals/2147483648", 404, "Nothing here"),
    (f"/contacts/{HUGE}/edit", 404, "Nothing here"),
    (f"/people/{HUGE}", 404, "Nothing here"),
    (f"/contacts/enable?contact={HUGE}", 404, "Nothing here"),
    ("/contacts/enable?contact=x", 404, "Nothing here"),
    (f"/partners/?page={HUGE}", 200, "1–2 of 2"),
    ("/partners/?page=-3&per=7", 200, "1–2 of 2"),
    ("/partners/?page=%D9%A3&per=1e9", 200, "1–2 of 2"),
    ("/partners/?q=C%2B%2B", 200, "No partner matches"),
    ("/partners/?q=o'brien", 200, "No partner matches"),
    ("/partners/?q=50%25", 200, "No partner matches"),
    ("/partners/?q=a@b.example", 200, "No partner matches"),
    ("/partners/?q=%ED%A0%80", 200, "No partner matches"),
    ("/partners/?q=%00", 200, "The search was left out."),
    ("/partners/?q=" + "x" * 100_000, 200, "No partner matches"),
    ("/partners/?sort=ghost", 200, "cannot be sorted by “ghost”"),
    ("/partners/?sort=notes", 200, "cannot be sorted by “notes”"),
    ("/partners/?sort=a.b.c.d.e.f", 200, "cannot be sorted by"),
    ("/partners/?cols=x", 200, "There is no field “x” here, so that column was left out."),
    ("/partners/?cols=" + "name," * 5000, 200, "Acme"),
    ("/partners/?f.ghost=1", 200, "There is no field “ghost” here, so that filter was left out."),
    ("/partners/?f.since.before=never", 200, "That filter was left out."),
    ("/partners/?f.since.before=0000-01-01", 200, "That filter was left out."),
    ("/partners/?f.since.before=9999-12-31", 200, "That filter was left out."),
    ("/partners/?f.tier=Ghost", 200, "Tier has no choice “Ghost”."),
    ("/partners/?f.name.explode=1", 200, "cannot be asked here"),
    ("/partners/?f.name=%00", 200, "characters that cannot be stored"),
    ("/partners/?f.=1&f..=1&f.name.=1", 200, "left out"),
    ("/partners/?" + "&".join(f"f.name.is_not=x{n}" for n in range(200)), 200, "Acme"),
    ("/partners/?" + "&".join(f"f.g{n}=1" for n in range(200)), 200, "At most 20 filters"),
    (f"/partners/?f.parent={HUGE}", 200, "No partner matches"),
    (f"/deals/?f.amount.above={HUGE}", 200, "That amount is too large."),
    ("/deals/?f.amount.above=1e2000000", 200, "That filter was left out."),
    ("/deals/?f.amount.above=NaN", 200, "That filter was left out."),
    ("/deals/?f.amount.between=1..2..3", 200, "needs two values"),
    ("/deals/?f.closed_on.in=last+99999999999+years", 200, "That filter was left out."),
    ("/deals/?ff=amount&fo=above", 200, "Forty bikes"),
    ("/partners/?format=pdf", 200, "Acme"),
    ("/partners/1?tab=ghost", 200, "Details"),
    (f"/partners/1?tab=activity&before={HUGE}", 200, "No changes yet"),
    ("/partners/1?tab=activity&before=%D9%A3", 200, "No changes yet"),
    ("/people/?q=%00&page=" + HUGE, 200, "1–1 of 1"),
]


@pytest.fixture
def client(sign_in, make, sam):
    make.stages()
    make.deal(partner=make.partner("Acme"))
    make.partner("Globex")
    return sign_in(sam)


@pytest.mark.parametrize(("address", "status", "words"), ADDRESSES, ids=lambda value: str(value)[:60])
def test_an_address_that_cannot_be_is_told_in_words(database, client, address, status, words):
    page = client.get(address)
    assert page.status_code == status and words in page.text.replace("&#39;", "'")


@pytest.mark.parametrize("address", ["/partners/?f.notes.contains=late", "/partners/?sort=notes&cols=name,notes", "/deals/?f.partner.notes=late"])
def test_a_partner_hears_of_a_staff_field_what_they_hear_of_none(sign_in, make, acme, ada, address):
    acme.notes = "pays late"
    acme.save()
    real = sign_in(ada).get(address).text.replace("notes", "xyzzy")
    made_up = sign_in(ada).get(address.replace("notes", "xyzzy")).text
    assert words(real) == words(made_up) and "pays late" not in real


def words(text):
    return [part.split("</p>")[0] for part in text.split('class="chips err"')[1:]]


# (form, what is sent, words that say what is wrong)
FORMS = [
    ("/deals/new", {"amount": "9007199254740993000"}, "That amount is too large."),
    ("/deals/new", {"amount": "1e2000000"}, "is no number"),
    ("/deals/new", {"amount": "NaN"}, "is no number"),
    ("/deals/new", {"amount": "inf"}, "is no number"),
    ("/deals/new", {"amount": "1" * 5000}, ""),
    ("/deals/new", {"amount": "١٢"}, "is no number"),
    ("/deals/new", {"currency": "XXQ"}, ""),
    ("/deals/new", {"currency": "US"}, "A currency is three letters"),
    ("/deals/new", {"closed_on": "0000-01-01"}, ""),
    ("/deals/new", {"closed_on": "9999-12-31"}, "out of range"),
    ("/deals/new", {"closed_on": "2026-02-30"}, ""),
    ("/deals/new", {"closed_on": "2026-W01-1"}, ""),
    ("/deals/new", {"stage": HUGE}, "Choose one of the options."),
    ("/deals/new", {"stage": "x"}, "Choose one of the options."),
    ("/deals/new", {"partner": HUGE}, "There is no partner"),
    ("/deals/new", {"partner": ""}, "Partner is needed."),
    ("/deals/new", {"owner": "\ud800"}, ""),
    ("/deals/new", {"title": "NUL\0"}, "characters that cannot be stored"),
    ("/deals/new", {"title": "x" * 100_000}, "At most 200 characters"),
    ("/deals/new", {"notes": "x" * 30_000}, "At most 20,000 characters"),
    ("/deals/new", {"source": "x" * 81}, "At most 80 characters"),
    ("/partners/new", {"name": "", "number": "N1"}, "Name is needed."),
    ("/partners/new", {"name": "X", "status": "ghost"}, "Choose one of the options."),
    ("/partners/new", {"name": "X", "tier": HUGE}, "Choose one of the options."),
    ("/partners/new", {"name": "X", "manager": HUGE}, "Choose one of the options."),
    ("/partners/new", {"name": "X", "number": "x" * 61}, "At most 60 characters"),
    ("/partners/new", {"name": "X", "website": "javascript:alert(1)"}, "is no web address"),
    ("/partners/new", {"name": "X", "since": "03/04/2026"}, ""),
    ("/contacts/new", {"name": "X", "email": "a@b"}, "is no e-mail address"),
    ("/contacts/new", {"name": "X", "email": "a@b.example\nBcc: c@d.example"}, "is no e-mail address"),
]


@pytest.mark.parametrize(("path", "sent", "said"), FORMS, ids=lambda value: str(value)[:50])
def test_a_form_that_cannot_be_saved_says_so_and_saves_nothing(database, client, path, sent, said):
    before = [table.select().count() for table in (Partner, Contact, Deal)]
    usual = {"partner": "ACME", "status": "active"} if path != "/partners/new" else {"status": "active"}
    data = {key: value.encode("utf-8", "surrogatepass") for key, value in (usual | sent).items()}
    page = client.post(path, data=data)
    if page.status_code == 303:
        assert sent in ({"currency": "XXQ"}, {"owner": "\ud800"}), "taken, though it should not have been"
        return
    assert page.status_code == 422 and said in page.text.replace("&#39;", "'") and 'role="alert"' in page.text
    assert [table.select().count() for table in (Partner, Contact, Deal)] == before


@pytest.mark.parametrize("version", ["", "-1", "x", HUGE, "0"])
def test_a_version_that_cannot_be_is_no_version(client, version):
    answer = client.post("/partners/1/edit", data={"name": "Nova", "seen-version": version})
    assert answer.status_code in (303, 409)


@pytest.mark.parametrize("path", ["/partners/new", "/deals/new", "/contacts/enable", "/people/new", "/profile"])
@pytest.mark.parametrize("sent", [[1], {"name": 5, "email": {}}, "text", None])
def test_json_in_place_of_a_form_is_an_empty_form(client, path, sent):
    assert client.post(path, json=sent).status_code == 422


def test_a_file_in_place_of_a_text_is_no_text(client):
    import io

    data = {"name": (io.BytesIO(b"\x00\xff"), "x.exe"), "status": "active"}
    page = client.post("/partners/new", data=data, content_type="multipart/form-data")
    assert page.status_code == 422 and "Name is needed." in page.text
