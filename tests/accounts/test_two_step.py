"""Signing in in two steps: a code from an app, recovery codes, roles of which it is asked."""
import re
from datetime import timedelta

import pyotp
import pytest

from prm.access import two_step
from prm.core import clock
from prm.models import Activity, Organisation, Person, Session
from tests.accounts.doing import PASSWORD, enter

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret=SECRET, steps=0):
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


@pytest.fixture
def uma(database, make, sam):
    """She can sign in with her password, and has the second step on."""
    person = make.person("Uma Reed", role="manager", password=PASSWORD, email="uma@kestrel.example")
    person.totp, person.recovery = SECRET, [two_step.links.digest("abcde-fghjk")]
    person.save()
    return person


@pytest.fixture
def half(client, uma):
    """A browser in which her password was right."""
    answer = enter(client)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in/code") and not Session.select().exists()
    return client


def test_the_password_alone_lets_nobody_in(half):
    assert half.get("/").status_code == 303 and half.get("/").location.startswith("/sign-in")


def test_the_code_of_now_lets_in_and_leads_on(half):
    answer = half.post("/sign-in/code", data={"code": code_of(), "next": "/deals/"})
    assert answer.location == "/deals/" and half.get("/deals/").status_code == 200


@pytest.mark.parametrize("steps", [-1, 1])
def test_clocks_may_differ_by_half_a_minute(half, steps):
    assert half.post("/sign-in/code", data={"code": code_of(steps=steps)}).status_code == 303


@pytest.mark.parametrize("code", ["000000", "", "12345", "abcdef", "１２３４５６", "abcde-fghjx", "0" * 5000])
def test_another_code_does_not(half, code):
    answer = half.post("/sign-in/code", data={"code": code})
    assert answer.status_code == 422 and half.get("/").status_code == 303


def test_a_code_of_two_minutes_ago_does_not(half):
    assert half.post("/sign-in/code", data={"code": code_of(steps=-4)}).status_code == 422


def test_a_code_is_good_once(half, app, uma):
    code = code_of()
    assert half.post("/sign-in/code", data={"code": code}).status_code == 303
    other = app.test_client()
    enter(other)
    assert other.post("/sign-in/code", data={"code": code}).status_code == 422


def test_guessing_is_slowed_down(half):
    answers = [half.post("/sign-in/code", data={"code": "000000"}).status_code for _ in range(8)]
    assert answers[0] == 422 and answers[-1] == 429
    assert half.post("/sign-in/code", data={"code": code_of()}).status_code == 429


def test_many_tries_at_once_do_not_slip_past_the_limit(half, uma, monkeypatch):
    """Each is counted before it is looked at: none of the later ones is looked at."""
    looked = []
    monkeypatch.setattr(two_step, "_app_code", lambda person, text: looked.append(text))
    for _ in range(8):
        half.post("/sign-in/code", data={"code": "000000"})
    assert len(looked) <= two_step.TRIES


def test_a_recovery_code_is_good_once_and_noted(half, app, uma):
    assert half.post("/sign-in/code", data={"code": "ABCDE fghjk"}).status_code == 303
    other = app.test_client()
    enter(other)
    assert other.post("/sign-in/code", data={"code": "abcde-fghjk"}).status_code == 422
    assert Activity.get(Activity.verb == "person.recovery_code_used").facts["left"] == 0


def test_half_way_lasts_five_minutes_and_ends_with_the_password(half, uma):
    import time_machine

    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert half.post("/sign-in/code", data={"code": code_of()}).location.startswith("/sign-in")
    Person.update(password_hash="another").where(Person.id == uma.id).execute()
    assert half.get("/sign-in/code").location.startswith("/sign-in")


def test_nobody_gets_to_the_code_without_the_password(client, uma):
    assert client.get("/sign-in/code").location.startswith("/sign-in")


# ── turning it on and off ──


@pytest.fixture
def ina(database, make, sign_in):
    person = make.person("Ina Lang", role="manager", password=PASSWORD, email="ina@kestrel.example")
    return sign_in(person), person


def test_it_is_turned_on_by_a_picture_and_one_code(ina):
    client, person = ina
    shown = client.get("/profile/two-step").text
    secret = re.search(r'value="([A-Z2-7]{32})"', shown)[1]
    assert "<svg" in shown and "otpauth" not in client.get("/profile").text
    wrong = client.post("/profile/two-step", data={"code": "000000"})
    assert wrong.status_code == 422 and secret in wrong.text and not Person.get_by_id(person.id).totp
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", client.post("/profile/two-step", data={"code": code_of(secret)}).text)
    now = Person.get_by_id(person.id)
    assert len(set(codes)) == 10 and now.totp == secret and len(now.recovery) == 10 and not set(codes) & set(now.recovery)
    assert not re.search(r"<code>[a-z0-9]{5}-", client.get("/profile/two-step").text), "they are told once"


def test_it_is_turned_off_with_the_password(ina):
    client, person = ina
    Person.update(totp=SECRET).where(Person.id == person.id).execute()
    assert client.post("/profile/two-step/off", data={"password": "wrong"}).status_code == 422
    assert Person.get_by_id(person.id).totp
    client.post("/profile/two-step/off", data={"password": PASSWORD})
    assert not Person.get_by_id(person.id).totp


def test_a_role_of_which_it_is_asked_sets_it_up_first_and_keeps_it(ina, sam, sign_in):
    client, person = ina
    fields = {"organisation": "Kestrel", "zone": "UTC", "currency": "USD", "fiscal_month": "1", "locale": "en", "period_length": "quarter", "brand": "#4f46e5", "grades": "A 110, B 0"}
    assert sign_in(sam).post("/setup/organisation", data=fields | {"two_step_roles": ["manager"]}).status_code == 303
    assert Organisation.get_by_id(1).two_step_roles == ["manager"]
    for path in ("/", "/deals/", "/profile"):
        assert client.get(path).location == "/profile/two-step"
    assert client.post("/deals/new", data={}).location == "/profile/two-step"
    assert "Your role signs in in two steps" in client.get("/profile/two-step").text and client.post("/sign-out").status_code == 303
    Person.update(totp=SECRET).where(Person.id == person.id).execute()
    again = sign_in(Person.get_by_id(person.id))
    assert again.get("/").status_code == 200
    assert again.post("/profile/two-step/off", data={"password": PASSWORD}).status_code == 422 and Person.get_by_id(person.id).totp


def test_an_admin_resets_it_for_who_lost_the_phone(uma, sam, mia, sign_in):
    assert sign_in(mia).post(f"/people/{uma.id}/reset-two-step").status_code == 403
    other = sign_in(uma)
    assert sign_in(sam).post(f"/people/{uma.id}/reset-two-step").status_code == 303
    assert not Person.get_by_id(uma.id).totp and other.get("/").status_code == 303, "their sessions end"
    assert Activity.get(Activity.verb == "person.two_step_off").actor_id == sam.id
