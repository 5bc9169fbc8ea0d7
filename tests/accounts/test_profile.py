"""One's own profile: name, password, theme, and where one is signed in."""
import pytest

from prm.models import Person, Session
from tests.accounts.doing import OTHER, PASSWORD, enter

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


@pytest.fixture
def inside(visit, uma):
    client = visit()
    client.post("/sign-in", data={"email": "uma@kestrel.example", "password": PASSWORD}, headers={"User-Agent": AGENT})
    return client


def change(client, current=PASSWORD, password=OTHER, again=None):
    data = {"current": current, "password": password, "again": password if again is None else again}
    return client.post("/profile/password", data=data)


def test_a_name_is_changed(inside, uma):
    assert inside.post("/profile", data={"name": "Uma K. Thorne"}).status_code == 303
    assert "Uma K. Thorne" in inside.get("/profile").text


def test_an_empty_name_is_refused(inside):
    assert inside.post("/profile", data={"name": ""}).status_code == 422


def test_a_role_cannot_be_slipped_in(inside, uma):
    inside.post("/profile", data={"name": "Uma", "role": "admin", "partner": "1", "sees_all": "1", "email": "x@y.example"})
    after = Person.get_by_id(uma.id)
    assert (after.role, after.email, after.sees_all) == ("analyst", "uma@kestrel.example", False)


def test_the_old_password_is_needed_for_a_new_one(inside, visit):
    answer = change(inside, current="wrong")
    assert answer.status_code == 422 and "That is not your current password." in answer.text
    assert enter(visit(), password=OTHER).status_code == 422


def test_guessing_the_old_password_has_to_wait(inside):
    codes = [change(inside, current="wrong").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_the_new_password_is_typed_twice_alike_and_is_not_weak(inside):
    assert "The two are not the same." in change(inside, again="another one here").text
    assert "first passwords" in change(inside, password="password123").text


def test_a_changed_password_keeps_this_browser_and_ends_the_others(inside, visit, uma):
    elsewhere = visit()
    enter(elsewhere)
    assert change(inside).location == "/profile"
    assert inside.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 303
    assert Session.select().where(Session.person == uma.id).count() == 1


def test_the_theme_is_remembered_and_one_stays_on_the_page(inside):
    answer = inside.post("/profile/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost/people/?q=x"})
    assert answer.location == "/people/?q=x"
    assert 'data-theme="dark"' in inside.get("/profile").text
    inside.post("/profile/theme", data={"theme": "<script>"})
    assert "data-theme" not in inside.get("/profile").text


@pytest.mark.parametrize("referer", ["https://evil.example/", "http://localhost//evil.example", "http://localhost/\\evil.example", ""])
def test_the_theme_leads_nowhere_else(inside, referer):
    answer = inside.post("/profile/theme", data={"theme": "dark"}, headers={"Referer": referer})
    assert answer.location in ("/profile", "/evil.example")


def test_where_one_is_signed_in_is_listed(inside, visit):
    enter(visit())
    page = inside.get("/profile").text
    assert "Firefox on Linux" in page and "This browser" in page and "Sign out everywhere else" in page


def test_one_session_is_ended(inside, visit, uma):
    elsewhere = visit()
    enter(elsewhere)
    newest = Session.select().order_by(Session.id.desc()).first()
    assert inside.post(f"/profile/sessions/{newest.id}/end").status_code == 303
    assert elsewhere.get("/profile").status_code == 303
    assert inside.get("/profile").status_code == 200


def test_the_session_of_somebody_else_is_not_found(inside, sign_in, sam):
    admin = sign_in(sam)
    theirs = Session.select().where(Session.person == sam.id).get()
    assert inside.post(f"/profile/sessions/{theirs.id}/end").status_code == 404
    assert inside.post("/profile/sessions/9999999999999999999/end").status_code == 404
    assert admin.get("/profile").status_code == 200


def test_all_other_sessions_are_ended(inside, visit, uma):
    others = [visit() for _ in range(3)]
    for other in others:
        enter(other)
    inside.post("/profile/sessions/end-others")
    assert [other.get("/profile").status_code for other in others] == [303] * 3
    assert inside.get("/profile").status_code == 200
