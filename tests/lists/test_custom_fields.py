"""A custom field is an ordinary one: column, filter, sort, form and file, for whoever may know it."""

import pytest

from prm.partners import services


@pytest.fixture
def filled(make, acme, globex, sam):
    make.custom_field("employees", "number", audience="partner")
    make.custom_field("turnover", "money")
    make.custom_field("segment", "choice", choices=[["a", "Large"], ["b", "Small"]], audience="partner_edit")
    make.custom_field("visited", "date")
    make.custom_field("credit", "text", label="Credit rating")
    from datetime import date

    values = {"turnover": 100_000, "segment": "a", "visited": date(2026, 3, 1), "credit": "poor"}
    services.edit_partner(sam, acme, values | {"employees": 9})
    services.edit_partner(sam, globex, {"employees": 100, "turnover": 50_000, "segment": "b"})


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('class="trunc" href="/partners/')[1:]]


def test_it_is_a_column_a_filter_and_an_order(database, sign_in, filled, sam):
    client = sign_in(sam)
    page = client.get("/partners/?cols=name,employees,turnover,segment,visited&sort=-employees")
    assert names(page) == ["Globex", "Acme"], "100 is more than 9"
    assert "$1,000.00" in page.text and "Large" in page.text and "Mar 1, 2026" in page.text
    for condition in ("f.employees.above=50", "f.turnover.below=600", "f.segment=Small", "f.visited.is_empty=-", "f.credit.is_empty=-"):
        assert names(client.get(f"/partners/?{condition}")) == ["Globex"]


def test_figures_stand_on_the_right(sign_in, filled, sam):
    text = sign_in(sam).get("/partners/?cols=name,employees,turnover").text
    assert '<td class="num">100</td>' in text and '<th scope="col" class="num">' in text


def test_it_is_offered_as_column_and_filter(sign_in, filled, sam, ada):
    staff, own = (sign_in(who).get("/partners/").text for who in (sam, ada))
    assert '<option value="employees">' in staff and 'name="cols" value="credit"' in staff
    assert '<option value="employees">' in own and "credit" not in own and "Credit" not in own


def test_a_field_of_the_partner_is_a_column_of_its_deals(database, sign_in, make, filled, acme, sam, ada):
    make.deal("Forty bikes", partner=acme)
    address = "/deals/?cols=title,partner.employees,partner.credit&f.partner.segment=Large"
    page, own = sign_in(sam).get(address), sign_in(ada).get(address)
    assert "Partner employees" in page.text and "poor" in page.text and "Forty bikes" in page.text
    assert "Partner employees" in own.text and "poor" not in own.text and "There is no field “partner.credit”" in own.text


def test_a_file_has_it_as_a_figure(sign_in, filled, sam, ada):
    sheet = sign_in(sam).get("/partners/?cols=name,employees,turnover,credit&format=csv").data.decode("utf-8-sig")
    assert sheet.splitlines() == ["Name,Employees,Turnover,Credit rating", "Acme,9,1000.00,poor", "Globex,100,500.00,"]
    own = sign_in(ada).get("/partners/?cols=name,employees,turnover,credit&format=csv").data.decode("utf-8-sig")
    assert own.splitlines() == ["Name,Employees", "Acme,9"]


def test_it_is_in_the_form_of_whoever_may_write_it(sign_in, make, acme, ada, sam):
    make.custom_field("hobby", "text", object="contact", audience="partner_edit")
    make.custom_field("since", "date", object="contact", audience="partner")
    make.custom_field("rating", "number", object="contact")
    own, staff = (sign_in(who).get(f"/contacts/{ada.contact_id}/edit").text for who in (ada, sam))
    assert [f'name="{key}"' in own for key in ("hobby", "since", "rating")] == [True, False, False]
    assert [f'name="{key}"' in staff for key in ("hobby", "since", "rating")] == [True, True, True]


def test_a_staff_field_that_is_sent_anyway_changes_nothing(sign_in, make, ada):
    from prm.models import Contact

    make.custom_field("rating", "number", object="contact")
    sign_in(ada).post(f"/contacts/{ada.contact_id}/edit", data={"name": "Ada King", "rating": "5", "primary": "y", "number": "X"})
    now = Contact.get_by_id(ada.contact_id)
    assert (now.name, now.custom, now.primary, now.number) == ("Ada King", {}, False, ada.contact.number)


def test_a_retired_field_is_gone_from_every_list(sign_in, make, acme, sam):
    from prm.core import clock

    make.custom_field("old", "text", retired_at=clock.now())
    assert "There is no field “old”" in sign_in(sam).get("/partners/?cols=name,old").text


def test_a_year_is_written_as_a_year(sign_in, make, sam):
    make.custom_field("opened", "number", label="Year opened")
    make.partner("Nova", custom={"opened": 1_979_000_000})
    make.partner("Large", custom={"opened": 19_790_000_000})
    text = sign_in(sam).get("/partners/?cols=name,opened").text
    assert ">1979<" in text and ">19,790<" in text
