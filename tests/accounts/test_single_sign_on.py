"""Signing in with an OpenID Connect provider: a real one, over HTTP, on this machine."""
import warnings
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from prm.core import clock
from prm.core.links import address
from prm.models import Person, Portal, Session
from prm.settings import SettingsError, SingleSignOn, load

pytestmark = pytest.mark.filterwarnings("ignore")  # of the provider's own libraries


@pytest.fixture(scope="module")
def provider():
    """It lets in whoever is named in its form, with their verified address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread

        people = [
            User(sub=name, claims={"email": email, "email_verified": verified})
            for name, email, verified in (("uma", "Uma@kestrel.example", True), ("eve", "uma@kestrel.example", False), ("stranger", "x@nowhere.example", True))
        ]
        with run_server_in_thread(user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def portal(database, app, monkeypatch, provider, make, sam):
    """Set to that provider. Uma has been invited, and never chose a password."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], sso=SingleSignOn(provider, "prm", "secret", "Kestrel ID")))
    monkeypatch.delitem(app.extensions, "sso", raising=False)
    yield make.person("Uma Reed", role="manager", email="uma@kestrel.example")
    app.extensions.pop("sso", None)


def through(client, who, *, change=lambda url: url):
    """The whole way, as a browser goes it: to the provider, its form, and back."""
    import requests

    begun = client.get("/sign-in/sso?next=/deals/")
    assert begun.status_code == 302
    asked = parse_qs(urlsplit(begun.location).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == [address("/sign-in/sso/back")] and asked["state"] and asked["nonce"]
    answered = requests.post(begun.location, data={"sub": who}, allow_redirects=False, timeout=10)
    parts = urlsplit(change(answered.headers["Location"]))
    return client.get(f"{parts.path}?{parts.query}")


def test_whoever_the_provider_knows_and_we_know_is_let_in(portal, client):
    assert "Sign in with Kestrel ID" in client.get("/sign-in").text
    answer = through(client, "uma")
    assert answer.status_code == 303 and answer.location == "/deals/"
    assert Session.get().person_id == portal.id and client.get("/deals/").status_code == 200


def test_from_the_host_name_of_a_portal_it_begins_at_the_address_to_which_the_provider_comes_back(portal, client, app, monkeypatch):
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["localhost", "partners.kestrel.example"])
    Portal.create(slug="one", template="minimal", host="partners.kestrel.example", state="live", draft={"name": "One"}, published={"name": "One"})
    answer = client.get("/sign-in/sso?next=/deals/", base_url="http://partners.kestrel.example")
    assert answer.status_code == 302 and answer.location == address("/sign-in/sso?next=/deals/")


@pytest.mark.parametrize("who", ["eve", "stranger"])
def test_an_address_that_is_not_verified_or_not_known_is_refused(portal, client, who):
    answer = through(client, who)
    assert answer.status_code == 403 and "Nobody here signs in with Kestrel ID" in answer.text
    assert not Session.select().exists() and Person.select().count() == 2


def test_who_was_disabled_stays_out(portal, client):
    Person.update(disabled_at=clock.now()).where(Person.id == portal.id).execute()
    assert through(client, "uma").status_code == 403 and not Session.select().exists()


def test_another_state_or_a_code_used_twice_is_refused(portal, client, app):
    spoiled = through(client, "uma", change=lambda url: url.replace("state=", "state=x"))
    assert spoiled.status_code == 403 and "did not work" in spoiled.text
    seen = []
    assert through(client, "uma", change=lambda url: seen.append(url) or url).status_code == 303
    parts = urlsplit(seen[0])
    assert app.test_client().get(f"{parts.path}?{parts.query}").status_code == 403
    assert Session.select().count() == 1


def test_the_second_step_is_asked_here_too(portal, client):
    Person.update(totp="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").where(Person.id == portal.id).execute()
    assert through(client, "uma").location.startswith("/sign-in/code") and not Session.select().exists()


def test_a_provider_that_is_away_is_said_so(portal, client, app, monkeypatch):
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], sso=SingleSignOn("http://localhost:9", "prm", "secret", "Kestrel ID")))
    answer = client.get("/sign-in/sso")
    assert answer.status_code == 403 and "did not work" in answer.text and 'name="password"' in answer.text


def test_without_a_provider_there_is_no_door(client, sam):
    assert client.get("/sign-in/sso").status_code == 404 and "/sign-in/sso" not in client.get("/sign-in").text


@pytest.mark.parametrize("given", [
    {"PRM_OIDC_ISSUER": "login.example.com"}, {"PRM_OIDC_ISSUER": "http://login.example.com", "PRM_OIDC_CLIENT_ID": "a", "PRM_OIDC_CLIENT_SECRET": "b"},
    {"PRM_OIDC_ISSUER": "https://login.example.com"},
])  # fmt: skip
def test_settings_that_cannot_be_stop_the_start_with_a_sentence(tmp_path, given):
    with pytest.raises(SettingsError, match="PRM_OIDC"):
        load({"PRM_VAR": str(tmp_path)} | given)
