"""One person's page, and inviting staff."""
import pytest

from prm.models import Mail, Person
from tests.accounts.doing import PASSWORD, enter


def test_an_admin_invites_staff_who_then_signs_in(sign_in, client, sam):
    data = {"name": "Nora Voss", "email": "Nora@Kestrel.example", "role": "manager", "sees_all": "y"}
    answer = sign_in(sam).post("/people/new", data=data)
    nora = Person.get(Person.email == "nora@kestrel.example")
    assert answer.location == f"/people/{nora.id}" and nora.sees_all
    path = Mail.get().link.removeprefix("http://127.0.0.1:8000")
    client.post(path, data={"name": "Nora Voss", "password": PASSWORD})
    assert enter(client, "nora@kestrel.example").status_code == 303


@pytest.mark.parametrize("data", [
    {"name": "", "email": "n@k.example", "role": "manager"}, {"name": "N", "email": "", "role": "manager"},
    {"name": "N", "email": "nope", "role": "manager"}, {"name": "N", "email": "n@k.example", "role": "executive"},
    {"name": "N", "email": "n@k.example", "role": "god"}, {"name": "N", "email": "n@k.example, m@k.example", "role": "manager"},
    {"name": "N", "email": "sam@kestrel.example", "role": "manager"},
])  # fmt: skip
def test_an_invite_that_cannot_be_is_refused(sign_in, sam, data):
    assert sign_in(sam).post("/people/new", data=data).status_code == 422
    assert Person.select().count() == 1 and not Mail.select().exists()


def test_somebody_known_by_name_gets_a_login(sign_in, sam, make):
    nell = make.person("Nell Ott", role="manager", email=None)
    client = sign_in(sam)
    assert f'href="/people/new?person={nell.id}"' in client.get(f"/people/{nell.id}").text
    client.post(f"/people/new?person={nell.id}", data={"name": "Nell Ott", "email": "nell@kestrel.example", "role": "manager"})
    assert Person.get_by_id(nell.id).email == "nell@kestrel.example"
    assert Person.select().where(Person.name == "Nell Ott").count() == 1


def test_only_admins_invite_staff(sign_in, mia, ada):
    for person in (mia, ada):
        assert sign_in(person).post("/people/new", data={"name": "N", "email": "n@k.example", "role": "admin"}).status_code == 403


def test_disabling_offers_to_undo(sign_in, sam, ada):
    client = sign_in(sam)
    client.post(f"/people/{ada.id}/disable")
    assert f'action="/people/{ada.id}/enable"' in client.get(f"/people/{ada.id}").text
    client.post(f"/people/{ada.id}/enable")
    assert Person.get_by_id(ada.id).disabled_at is None


def test_a_role_is_changed(sign_in, sam, ada):
    assert sign_in(sam).post(f"/people/{ada.id}/role", data={"role": "member"}).status_code == 303
    assert Person.get_by_id(ada.id).role == "member"


def test_a_role_that_may_not_be_given_is_refused(sign_in, ada, pat, mia):
    assert sign_in(ada).post(f"/people/{pat.id}/role", data={"role": "admin"}).status_code == 422
    assert sign_in(ada).post(f"/people/{mia.id}/role", data={"role": "analyst"}).status_code == 403


def test_people_of_other_partners_are_not_there(sign_in, ada, grace):
    client = sign_in(ada)
    assert client.get(f"/people/{grace.id}").status_code == 404
    for verb in ("role", "reinvite", "disable", "enable", "sign-out"):
        assert client.post(f"/people/{grace.id}/{verb}", data={"role": "member"}).status_code == 404
    assert Person.get_by_id(grace.id).disabled_at is None


@pytest.mark.parametrize("id", ["0", "999999", "9999999999999999999"])
def test_a_person_who_does_not_exist_is_not_found(sign_in, sam, id):
    assert sign_in(sam).get(f"/people/{id}").status_code == 404
    assert sign_in(sam).get(f"/people/new?person={id}").status_code == 404


def test_ones_own_page_offers_no_change(sign_in, sam):
    page = sign_in(sam).get(f"/people/{sam.id}").text
    assert "This is you" in page and "Disable" not in page


def test_those_who_may_not_change_see_no_buttons(sign_in, ann, ada):
    page = sign_in(ann).get(f"/people/{ada.id}")
    assert page.status_code == 200 and "Disable" not in page.text and "Change access" not in page.text
