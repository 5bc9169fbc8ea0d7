"""Objects of a portal's own, and layouts: which fields a page shows to whom."""
from datetime import timedelta

import pytest

from prm.access.policy import Do, may
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.core.errors import Invalid
from prm.customize import jobs, services
from prm.models import CustomField, CustomObject, CustomRecord, Layout

CERTIFICATION = {"label": "Certification", "plural": "Certifications", "help": "", "audience": "partner", "icon": "award"}


@pytest.fixture
def made(database, sam):
    return services.make_object(sam, CERTIFICATION)


def test_an_object_is_made_in_the_browser_and_is_in_the_menu_at_once(database, sam, ada, sign_in):
    client = sign_in(sam)
    answer = client.post("/setup/objects/new", data=CERTIFICATION)
    assert answer.location == "/setup/objects/certification"
    assert "No field of yours yet" in client.get(answer.location).text
    assert 'href="/records/certification/"' in client.get("/").text
    assert 'href="/records/certification/"' in sign_in(ada).get("/").text
    assert "No certifications yet" in client.get("/records/certification/").text


@pytest.mark.parametrize("name", ["Deal", "deals", "certification", "Partner"])
def test_two_objects_of_one_name_are_refused(made, sam, sign_in, name):
    refused = sign_in(sam).post("/setup/objects/new", data=CERTIFICATION | {"label": name, "plural": "Others"})
    assert refused.status_code == 422 and f"There is an object called {name} already" in refused.text
    assert CustomObject.select().count() == 1


def test_its_key_is_never_that_of_another(made, sam):
    assert services.make_object(sam, CERTIFICATION | {"label": "Certification!", "plural": "More"}).key == "certification_2"
    assert services.make_object(sam, CERTIFICATION | {"label": "KPI-result", "plural": "Figures"}).key == "kpi_result_2"


def test_a_deleted_object_is_nowhere_and_comes_back_with_its_records(made, make, acme, sam, sign_in):
    services.make_field(sam, catalogue(sam)["certification"], "text", {"label": "Body", "audience": "partner"})
    record = make.record("ISO", object=made, partner=acme, custom={"body": "TÜV"})
    client = sign_in(sam)
    client.post("/setup/objects/certification/delete")
    assert client.get(f"/records/certification/{record.id}").status_code == 404
    assert "Certifications" in client.get("/setup/objects/").text and "/records/" not in client.get("/").text
    with pytest.raises(Invalid, match="a deleted one counts"):
        services.make_object(sam, CERTIFICATION)
    client.post("/setup/objects/certification/restore")
    assert "TÜV" in client.get(f"/records/certification/{record.id}").text


def test_after_30_days_it_is_gone_with_all_that_hung_on_it(made, make, acme, sam):
    services.make_field(sam, catalogue(sam)["certification"], "text", {"label": "Body", "audience": "partner", "unique": True})
    make.record("ISO", object=made, partner=acme, custom={"body": "TÜV"})
    services.delete_object(sam, made)
    CustomObject.update(deleted_at=clock.now() - timedelta(days=31)).execute()
    assert jobs.purge(None) == {"fields": 0, "objects": 1}
    assert not CustomObject.select().exists() and not CustomRecord.select().exists() and not CustomField.select().exists()
    assert services.make_object(sam, CERTIFICATION).key == "certification"


def test_only_an_admin_shapes_objects(made, mia, ann, ada, sign_in):
    for person in (mia, ann, ada):
        assert not may(person, Do.SET_UP)
        assert sign_in(person).post("/setup/objects/certification/delete").status_code == 403


# ── layouts ──


def keys(text):
    import re

    return re.findall(r"<dt>([^<]*)</dt>", text)


def lay_out(client, key, role, *fields, hidden=(), **headings):
    sent = {"role": role, "order": [*fields, *hidden], "shown": list(fields), "do": "save"}
    return client.post(f"/setup/objects/{key}/layout", data=sent | {f"heading.{f}": heading for f, heading in headings.items()})


def test_a_layout_says_what_a_page_and_a_form_show_and_under_which_heading(database, make, acme, sam, sign_in):
    make.stages()
    deal = make.deal(partner=acme, customer="Initech", source="Fair")
    client = sign_in(sam)
    lay_out(client, "deal", "", "customer", "amount", "source", amount="Money", source="Money")
    shown = client.get(f"/deals/{deal.id}").text
    assert keys(shown) == ["Customer", "Amount", "Source"] and '<h3 class="facts-h">Money</h3>' in shown
    form = client.get(f"/deals/{deal.id}/edit").text
    assert 'name="source"' in form and 'name="expected_close"' not in form
    assert 'name="partner"' in form, "what must be filled stays"
    assert Layout.get().sections == [["", ["customer"]], ["Money", ["amount", "source"]]]


def test_a_role_can_have_a_layout_of_its_own(database, make, acme, ada, sam, sign_in):
    deal = make.deal(partner=acme, customer="Initech", source="Fair")
    client = sign_in(sam)
    lay_out(client, "deal", "executive", "customer")
    assert keys(sign_in(ada).get(f"/deals/{deal.id}").text) == ["Customer"]
    assert "Amount" in keys(client.get(f"/deals/{deal.id}").text)
    client.post("/setup/objects/deal/layout", data={"role": "executive", "do": "reset"})
    assert "Amount" in keys(sign_in(ada).get(f"/deals/{deal.id}").text)


def test_a_layout_shows_nobody_a_field_that_is_not_theirs(database, make, acme, ada, sam, sign_in):
    deal = make.deal(partner=acme, notes="zqsecret", customer="Initech")
    client = sign_in(sam)
    assert "Notes" not in client.get("/setup/objects/deal/layout?role=executive").text
    lay_out(client, "deal", "executive", "customer", "notes")
    assert Layout.get().sections == [["", ["customer"]]]
    lay_out(client, "deal", "", "customer", "notes")
    Layout.delete().where(Layout.role == "executive").execute()
    shown = sign_in(ada).get(f"/deals/{deal.id}").text
    assert keys(shown) == ["Customer"] and "zqsecret" not in shown


def test_a_page_without_a_field_is_refused(database, make, sam, sign_in):
    refused = lay_out(sign_in(sam), "deal", "")
    assert refused.status_code == 422 and "Show at least one." in refused.text and not Layout.select().exists()


def test_a_field_is_moved_without_a_script(database, sam, sign_in):
    client = sign_in(sam)
    client.post("/setup/objects/contact/layout", data={"role": "", "order": ["name", "email", "phone"], "shown": ["name", "email", "phone"], "move": "phone:up"})
    assert Layout.get().sections == [["", ["name", "phone", "email"]]]


def test_a_field_made_later_is_on_pages_that_were_laid_out_by_nobody(database, make, acme, sam, sign_in):
    services.make_field(sam, catalogue(sam)["deal"], "text", {"label": "Motto", "audience": "staff", "section": "Talk"})
    deal = make.deal(partner=acme, custom={"motto": "Onwards"})
    assert '<h3 class="facts-h">Talk</h3>' in sign_in(sam).get(f"/deals/{deal.id}").text


def test_a_link_to_what_was_deleted_or_is_hidden_breaks_no_page(made, make, acme, sam, ada, sign_in):
    make.stages()
    make.custom_field("proof", "link", object="deal", audience="partner", link="certification", label="Proof")
    deal = make.deal("Acme deal", partner=acme)
    staff, partner = sign_in(sam), sign_in(ada)
    assert "Proof" in staff.get(f"/deals/{deal.id}/edit").text
    CustomObject.update(audience="staff").execute()
    assert "proof" not in catalogue(ada)["deal"].by_key and partner.get(f"/deals/{deal.id}").status_code == 200
    services.delete_object(sam, CustomObject.get())
    for path in (f"/deals/{deal.id}", f"/deals/{deal.id}/edit", "/deals/new", "/deals/"):
        assert staff.get(path).status_code == 200, path
