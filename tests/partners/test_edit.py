"""Adding and changing a partner."""

import pytest

from prm.models import Activity, Partner


def post(client, path, **values):
    return client.post(path, data={"status": "active"} | values)


@pytest.mark.parametrize("who", ["ann", "ada", "pat", "max_of_acme"])
def test_whoever_may_not_edit_is_refused(sign_in, request, acme, who):
    client = sign_in(request.getfixturevalue(who))
    for path in ("/partners/new", f"/partners/{acme.id}/edit"):
        assert client.get(path).status_code == 403 and post(client, path, name="Mine").status_code == 403
    assert Partner.select().where(Partner.name == "Mine").count() == 0


def test_a_manager_cannot_edit_a_partner_of_somebody_else(sign_in, mia, globex):
    client = sign_in(mia)
    assert client.get(f"/partners/{globex.id}/edit").status_code == 404
    assert post(client, f"/partners/{globex.id}/edit", name="Mine").status_code == 404


def test_a_partner_is_added_with_a_number_of_its_own(database, sign_in, make, sam):
    answer = post(sign_in(sam), "/partners/new", name="Nova", territory="North")
    made = Partner.get(Partner.name == "Nova")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/partners/{made.id}"
    assert made.number == f"P{made.id:05d}" and made.territory == "North"


def test_a_manager_keeps_sight_of_the_partner_they_add(sign_in, mia):
    client = sign_in(mia)
    there = post(client, "/partners/new", name="Nova").headers["Location"]
    assert client.get(there).status_code == 200 and Partner.get(Partner.name == "Nova").manager == mia


def test_the_same_form_sent_twice_makes_one_partner(sign_in, sam):
    client = sign_in(sam)
    first, second = (post(client, "/partners/new", name="Nova", once_key="a-key-made-once") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Partner.select().where(Partner.name == "Nova").count() == 1


def test_what_is_missing_is_named_beside_its_field_and_nothing_is_saved(sign_in, acme, sam):
    page = post(sign_in(sam), "/partners/new", name="  ", website="not a site", since="2026-13-01")
    assert page.status_code == 422 and "Name is needed." in page.text and "is no web address" in page.text
    assert 'value="not a site"' in page.text and 'aria-invalid="true"' in page.text
    assert "3 fields need a change" in page.text and Partner.select().count() == 1


def test_a_number_that_is_taken_is_refused(sign_in, acme, sam):
    page = post(sign_in(sam), "/partners/new", name="Acme again", number=acme.number)
    assert page.status_code == 422 and f"The number {acme.number} is taken" in page.text


def test_an_edit_is_saved_and_told_in_the_history(sign_in, make, acme, sam):
    client = sign_in(sam)
    answer = post(client, f"/partners/{acme.id}/edit", name="Acme & Sons", tier=str(make.tier("Gold").id))
    assert answer.status_code == 303 and "Saved" in client.get(answer.headers["Location"]).text
    assert Partner.get_by_id(acme.id).name == "Acme & Sons"
    assert Activity.get().facts["fields"]["name"] == ["Acme", "Acme & Sons"]


def test_a_form_saved_unchanged_changes_nothing(database, sign_in, make, sam, mia):
    from datetime import date

    make.custom_field("employees", "number")
    make.custom_field("listed", "bool")
    make.custom_field("turnover", "money")
    parent = make.partner("Parent")
    partner = make.partner(
        "Nova", tier="Gold", manager=mia, parent=parent, since=date(2020, 2, 29), website="https://nova.example",
        notes="Two\nlines", custom={"employees": 1_979_500_000, "turnover": 123_456_789},
    )  # fmt: skip
    client = sign_in(sam)
    form = inputs(client.get(f"/partners/{partner.id}/edit").text)
    assert form["employees"] == "1979.5" and form["turnover"] == "1234567.89" and form["parent"] == parent.number
    assert client.post(f"/partners/{partner.id}/edit", data=form).status_code == 303
    assert Activity.select().count() == 0 and Partner.get_by_id(partner.id).version == 1


def test_inputs_that_are_not_sent_stay_as_they_are_and_unknown_ones_do_nothing(sign_in, acme, sam):
    acme.territory, acme.custom = "North", {"secret": "kept"}
    acme.save()
    data = {"name": ["Nova", "Second"], "is_admin": "1", "id": "7", "custom": "{}", "version": "9"}
    assert sign_in(sam).post(f"/partners/{acme.id}/edit", data=data).status_code == 303
    now = Partner.get_by_id(acme.id)
    assert (now.name, now.territory, now.custom, now.version) == ("Nova", "North", {"secret": "kept"}, 2)


def test_two_editors_the_second_sees_both_values_and_nothing_is_overwritten(database, sign_in, make, acme, sam, mia):
    first, second = sign_in(sam), sign_in(mia)
    form = inputs(second.get(f"/partners/{acme.id}/edit").text)
    assert post(first, f"/partners/{acme.id}/edit", name="By Sam", tier=str(make.tier("Gold").id)).status_code == 303
    page = second.post(f"/partners/{acme.id}/edit", data=form | {"name": "By Mia"})
    assert page.status_code == 409 and Partner.get_by_id(acme.id).name == "By Sam"
    said = page.text.split("data-errors>")[1].split("</div>\n\n")[0]
    assert "Somebody else changed this" in said
    assert ">Name</th><td>By Sam</td><td>By Mia</td>" in said and ">Tier</th><td>Gold</td><td>–</td>" in said
    again = inputs(page.text)
    assert second.post(f"/partners/{acme.id}/edit", data=again).status_code == 303, "whoever has seen both may decide"
    assert Partner.get_by_id(acme.id).name == "By Mia"


def test_a_parent_that_a_manager_may_not_see_is_neither_shown_nor_lost(sign_in, mia, acme, globex):
    acme.parent = globex
    acme.save()
    client = sign_in(mia)
    page = client.get(f"/partners/{acme.id}/edit").text
    assert "GLOBEX" not in page and 'name="parent"' not in page
    assert client.post(f"/partners/{acme.id}/edit", data=inputs(page) | {"name": "Nova"}).status_code == 303
    assert Partner.get_by_id(acme.id).parent_id == globex.id


@pytest.mark.parametrize("key", ["status", "errors", "data", "values", "version", "result", "fields", "row", "csrf_token2"])
def test_a_custom_field_may_be_called_like_anything(sign_in, make, acme, sam, key):
    if key != "status":
        make.custom_field(key, "text")
    client = sign_in(sam)
    page = client.get(f"/partners/{acme.id}/edit")
    assert page.status_code == 200 and f'name="{key}"' in page.text
    assert client.post(f"/partners/{acme.id}/edit", data={"name": "Nova", key: "paused"}).status_code == 303
    now = Partner.get_by_id(acme.id)
    assert (now.status if key == "status" else now.custom[key]) == "paused"


def test_htmx_gets_the_form_alone_with_the_refusal(sign_in, acme, sam):
    page = sign_in(sam).post("/partners/new", data={"name": ""}, headers={"HX-Request": "true"})
    assert page.status_code == 422 and "<html" not in page.text and "Name is needed." in page.text


def inputs(text):
    """What a browser would send of the form with the version in it."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        found, inside, area, chosen = {}, False, None, None

        def handle_starttag(self, tag, attrs):
            a = dict(attrs)
            if tag == "form":
                self.inside = "record" in (a.get("class") or "")
            if not self.inside:
                return
            if tag == "input" and (a.get("type") not in ("checkbox", "radio") or "checked" in a):
                self.found[a["name"]] = a.get("value") or ""
            if tag == "textarea":
                self.area = a["name"]
                self.found[self.area] = ""
            if tag == "select":
                self.chosen = a["name"]
            if tag == "option" and self.chosen and ("selected" in a or self.chosen not in self.found):
                self.found[self.chosen] = a.get("value") or ""

        def handle_data(self, data):
            if self.area:
                self.found[self.area] += data

        def handle_endtag(self, tag):
            self.area = None if tag == "textarea" else self.area
            self.chosen = None if tag == "select" else self.chosen
            self.inside = self.inside and tag != "form"

    reader = Reader()
    reader.found = {}
    reader.feed(text)
    return {name: value.lstrip("\r\n") for name, value in reader.found.items()}
