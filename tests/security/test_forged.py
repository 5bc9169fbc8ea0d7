"""What another site makes a browser send changes nothing: for every route that takes a POST, found in the url map."""
import re

import pytest

from prm.models import Person
from tests.contracts.portal import HTMX
from tests.contracts.routes import worded
from tests.contracts.world import OWN

BODY = {"name": "Mallory", "theme": "dark", "role": "admin", "email": "mallory@evil.example", "period": "2026-Q2", "note": "x", "once_key": "k"}


@pytest.fixture
def guarded(portal, monkeypatch):
    """The check that tests otherwise go without."""
    monkeypatch.setitem(portal.app.config, "WTF_CSRF_ENABLED", True)
    return portal


@pytest.fixture(scope="module")
def changing(portal):
    """Every address to which one may post; but for those whose key, out of a mail, is the proof: tests/subscriptions."""
    found = [(route, route.address((OWN,) * len(route.numbers), words)) for route, words in worded(portal) if "POST" in route.methods]
    assert len(found) > 40
    return [address for route, address in found if not route.rule.startswith(("/leave/", "/s/"))]


def token_of(portal, name: str) -> str:
    return re.search(r'"X-CSRFToken":"([^"]+)"', portal.ask(name, "/profile").text)[1]


def ways(theirs: str) -> list[dict]:
    """How a forged request may look."""
    return [
        {"data": BODY},
        {"data": BODY | {"csrf_token": ""}},
        {"data": BODY | {"csrf_token": "IjEi.aaaa.bbbb"}},
        {"data": BODY | {"csrf_token": theirs}},
        {"data": BODY, "headers": {"X-CSRFToken": theirs, **HTMX}},
        {"data": BODY, "headers": {"Origin": "http://evil.example", "Referer": "http://evil.example/"}},
        {"data": '{"theme": "dark"}', "content_type": "text/plain"},
        {"json": BODY},
        {"data": BODY, "query_string": {"csrf_token": theirs}},
    ]


@pytest.mark.parametrize("name", ["sam", "ada", "nobody"])
def test_no_forged_request_changes_anything(guarded, changing, name):
    theirs, wrong = token_of(guarded, "ann"), []
    for address in changing:
        for at, way in enumerate(ways(theirs)):
            answer = guarded.ask(name, address, "POST", **way)
            # the door may say no before: by its role, or by sending to the sign-in page
            if answer.status_code not in ({400} if name == "sam" else {303, 400, 401, 403}) or guarded.changed():
                wrong.append((answer.status_code, address, at, guarded.changed()))
                guarded.back()
    assert not wrong, wrong


def test_a_get_changes_nothing(guarded, changing):
    """A link or a picture on another site can only send a GET, and may carry any query."""
    wrong = []
    for address in changing:
        for query in (BODY, BODY | {"_method": "POST"}):
            code = guarded.ask("sam", address, query_string=query).status_code
            if code >= 500 or guarded.changed():
                wrong.append((code, address))
                guarded.back()
    assert not wrong, wrong


def test_over_https_a_post_must_come_from_our_own_pages(guarded):
    client = guarded.client("sam")
    own = re.search(r'"X-CSRFToken":"([^"]+)"', client.get("/profile", base_url="https://localhost").text)[1]
    for referer, code in (("https://evil.example/", 400), ("https://localhost.evil.example/", 400), (None, 400), ("https://localhost/profile", 303)):
        headers = {"Referer": referer} if referer else {}
        answer = client.post("/profile", data={"name": "Sam", "csrf_token": own}, headers=headers, base_url="https://localhost")
        assert answer.status_code == code, referer
    assert Person.get(Person.email == "sam@kestrel.example").name == "Sam"
