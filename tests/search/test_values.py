"""The values offered while a field is typed."""

import pytest


def offered(client, object, key, typed=""):
    page = client.get(f"/search/values/{object}/{key}", query_string={key: typed}, headers={"HX-Request": "true"})
    assert page.status_code == 200
    return [part.split('"')[0] for part in page.text.split('<option value="')[1:]]


def test_values_in_use_are_offered_of_rows_one_may_see(database, sign_in, make, sam, mia, acme, globex):
    acme.territory, globex.territory = "North", "Northwest"
    acme.save(), globex.save()
    assert offered(sign_in(sam), "partner", "territory", "north") == ["North", "Northwest"]
    assert offered(sign_in(mia), "partner", "territory", "north") == ["North"]
    assert offered(sign_in(sam), "partner", "territory", "west") == ["Northwest"]


def test_records_are_offered_by_number_name_or_address(database, sign_in, acme, globex, ada, grace, sam, mia):
    client = sign_in(sam)
    assert offered(client, "deal", "partner", "glob") == [globex.number]
    assert offered(client, "deal", "owner", "grace@globex") == [grace.contact.number]
    assert offered(sign_in(mia), "deal", "partner", "glob") == []


def test_a_contact_is_offered_with_their_company(sign_in, ada, sam):
    text = sign_in(sam).get("/search/values/deal/owner?owner=ada").text
    assert ">Ada Byron, Acme</option>" in text


@pytest.mark.parametrize(("object", "key"), [("partner", "notes"), ("partner", "ghost"), ("ghost", "name"), ("kpi", "name")])
def test_what_a_partner_may_not_know_is_not_offered(sign_in, ada, object, key):
    page = sign_in(ada).get(f"/search/values/{object}/{key}")
    assert page.status_code == 422 and "There is no" in page.text


@pytest.mark.parametrize("key", ["amount", "closed_on", "stage", "outcome", "created_at"])
def test_figures_days_and_choices_have_no_values_to_offer(database, sign_in, make, sam, key):
    make.deal()
    assert offered(sign_in(sam), "deal", key) == []
