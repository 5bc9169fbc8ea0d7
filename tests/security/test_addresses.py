"""Names of hosts and addresses that others choose: a foreign Host is refused, mails never follow it, and no sign-in leads
elsewhere."""
import re
from urllib.parse import urlsplit

import pytest

from prm.core import mail
from prm.core.jobs import run_once
from prm.models import Mail, Person
from tests.contracts.routes import worded
from tests.contracts.world import OWN
from tests.security.corpus import ELSEWHERE

HOSTS = ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "[::1]", "", "evil.example\\@localhost", "LOCALHOST.evil.example:8000")


def test_a_foreign_host_is_refused_on_every_route(portal):
    wrong = []
    for route, words in worded(portal):
        address = route.address((OWN,) * len(route.numbers), words)
        for host in HOSTS:
            answer = portal.ask("sam", address, sorted(route.methods)[0], headers={"Host": host})
            if answer.status_code != 400 or "evil" in answer.headers.get("Location", ""):
                wrong.append((answer.status_code, address, host))
    assert not wrong, wrong
    assert not portal.changed()


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Origin", "Referer"])
def test_no_header_turns_an_invite_towards_another_host(portal, name, monkeypatch):
    """Neither the link in the mail nor where the browser is sent."""
    value = {"Forwarded": "host=evil.example"}.get(name, "http://evil.example/partners/")
    value = "evil.example" if name.endswith("Host") else value
    monkeypatch.setattr(mail, "_server", None)
    answer = portal.ask("sam", "/people/new", "POST", data={"name": "Ivo", "email": "ivo@kestrel.example", "role": "analyst"}, headers={name: value})
    assert answer.status_code == 303 and urlsplit(answer.location).netloc == ""
    assert Person.get(Person.email == "ivo@kestrel.example")
    while run_once():
        pass
    written = Mail.select().order_by(Mail.id.desc()).first()
    assert written.to == "ivo@kestrel.example" and written.link.startswith("http://127.0.0.1:8000/i/")
    assert "evil" not in written.text


@pytest.mark.parametrize("way", ["signing in", "signed in", "the form", "htmx"])
def test_no_way_in_leads_elsewhere(portal, way):
    wrong = []
    for address in ELSEWHERE:
        for location in _led_to(portal, way, address):
            target = urlsplit(re.sub(r"[\t\r\n]", "", location).replace("\\", "/"))
            if target.scheme or target.netloc or not location.startswith("/") or location.startswith("//"):
                wrong.append((address, location))
    assert not wrong, wrong


def _led_to(portal, way: str, address: str) -> list[str]:
    """Where a browser would go, by the header, by htmx, or by the form that carries the address on."""
    if way == "signed in":
        return [portal.ask("sam", "/sign-in", query_string={"next": address}).location]
    if way == "signing in":
        page = portal.ask("nobody", "/sign-in", query_string={"next": address}).text
        return re.findall(r'name="next"[^>]*value="([^"]*)"', page)
    if way == "the form":
        from prm.core.passwords import hash_password

        Person.update(password_hash=hash_password("three quiet green boats")).where(Person.email == "sam@kestrel.example").execute()
        data = {"email": "sam@kestrel.example", "password": "three quiet green boats", "next": address}
        answer = portal.ask("nobody", "/sign-in", "POST", data=data)
        assert answer.status_code == 303
        return [answer.location]
    safe = address.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "").replace("\0", "")
    answer = portal.ask("nobody", "/partners/", headers={"HX-Request": "true", "HX-Current-URL": safe})
    page = portal.ask("nobody", answer.headers["HX-Redirect"]).text
    theme = portal.ask("sam", "/profile/theme", "POST", data={"theme": "dark"}, headers={"Referer": safe})
    return [answer.headers["HX-Redirect"], *re.findall(r'name="next"[^>]*value="([^"]*)"', page), theme.location or "/"]
