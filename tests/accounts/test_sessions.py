"""A copied cookie is worth nothing once its session has ended; no session outlives its time."""
import pytest
import time_machine

from prm.access import invites, sessions
from prm.models import Role, Session
from tests.accounts.doing import OTHER, PASSWORD, enter


@pytest.fixture
def signed_in(visit, uma):
    client = visit()
    enter(client)
    return client


def copy_of(client, app):
    """Another browser with the same cookie, as a thief has it."""
    thief = app.test_client()
    name = app.config["SESSION_COOKIE_NAME"]
    thief.set_cookie(name, client.get_cookie(name).value)
    return thief


def lets_in(client) -> bool:
    return client.get("/profile").status_code == 200


def test_a_copied_cookie_is_dead_after_signing_out(signed_in, app):
    thief = copy_of(signed_in, app)
    assert lets_in(thief)
    assert signed_in.post("/sign-out").location == "/sign-in"
    assert not lets_in(thief) and not lets_in(signed_in)


def test_a_copied_cookie_is_dead_after_a_change_of_password(signed_in, app):
    thief = copy_of(signed_in, app)
    change = {"current": PASSWORD, "password": OTHER, "again": OTHER}
    assert signed_in.post("/profile/password", data=change).status_code == 303
    assert lets_in(signed_in)
    assert not lets_in(thief)


def test_a_copied_cookie_is_dead_after_disabling(signed_in, app, sam, uma):
    thief = copy_of(signed_in, app)
    invites.disable_person(sam, uma)
    assert not lets_in(thief) and not lets_in(signed_in)
    invites.enable_person(sam, uma)
    assert not lets_in(thief)


def test_a_change_of_role_ends_what_was_begun_with_the_old_one(signed_in, sam, uma):
    invites.change_role(sam, uma, Role.MANAGER)
    assert not lets_in(signed_in)


def test_a_key_from_before_signing_in_is_not_the_key_after_it(client, uma):
    with client.session_transaction() as cookie:
        cookie["key"], cookie["more"] = "chosen by somebody else", "planted"
    enter(client)
    with client.session_transaction() as cookie:
        assert cookie["key"] != "chosen by somebody else"
        assert "more" not in cookie


def test_signing_in_again_ends_the_session_this_browser_had(signed_in, app, uma, make):
    thief = copy_of(signed_in, app)
    signed_in.post("/sign-out")
    enter(signed_in)
    assert not lets_in(thief)
    assert Session.select().where(Session.person == uma.id).count() == 1


def test_a_session_ends_after_eight_idle_hours(signed_in):
    with time_machine.travel(sessions.clock.now() + sessions.IDLE, tick=False):
        assert not lets_in(signed_in)


def test_a_session_in_use_ends_after_seven_days(signed_in):
    start = sessions.clock.now()
    for hours in range(7, 7 * 24, 7):
        with time_machine.travel(start + sessions.timedelta(hours=hours), tick=False):
            assert lets_in(signed_in)
    with time_machine.travel(start + sessions.ABSOLUTE, tick=False):
        assert not lets_in(signed_in)


def test_a_cookie_signed_with_another_key_opens_nothing(app, uma):
    from flask.sessions import SecureCookieSessionInterface

    forged = app.test_client()
    secret, app.secret_key = app.secret_key, "a key that was guessed, not stolen"
    value = SecureCookieSessionInterface().get_signing_serializer(app).dumps({"key": sessions.begin(uma)})
    app.secret_key = secret
    forged.set_cookie(app.config["SESSION_COOKIE_NAME"], value)
    assert not lets_in(forged)


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(client, uma):
    cookie = enter(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


