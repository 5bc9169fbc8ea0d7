"""Every route of the portal: it has a door, nobody gets in without signing in, and each role as far as policy.py says."""
from itertools import product
from urllib.parse import unquote

import pytest

from prm.access.gate import PUBLIC, Nobody, door_of
from prm.access.policy import Do, may
from prm.models import Person
from tests.contracts import world
from tests.contracts.portal import HTMX
from tests.contracts.routes import routes, worded

ROLES = ("sam", "mia", "ann", "ada", "pat", "max")  # one of each


@pytest.fixture(scope="module")
def doors(portal):
    """Every route with an address of Acme's for each way it can be worded."""
    return [(route, route.address((world.OWN,) * len(route.numbers), words)) for route, words in worded(portal)]


def test_every_view_has_a_door(app):
    doors = {endpoint: door_of(app, endpoint) for endpoint in app.view_functions}
    assert [endpoint for endpoint, door in doors.items() if door != PUBLIC and not isinstance(door, Do)] == []


def test_every_verb_of_the_policy_opens_a_door_or_is_asked_by_a_template(app):
    """A verb that nothing asks for is a promise nobody keeps."""
    from prm.settings import ROOT

    asked = {door_of(app, endpoint) for endpoint in app.view_functions}
    text = "\n".join(path.read_text() for folder in ("prm", "templates") for path in (ROOT / folder).rglob("*.[ph][yt]*"))
    text = text.replace((ROOT / "prm/access/policy.py").read_text(), "")
    assert [do.name for do in Do if do not in asked and f"Do.{do.name}" not in text] == []


def test_a_view_without_a_mark_lets_nobody_in(app, client, sign_in, sam, monkeypatch):
    monkeypatch.delattr(app.view_functions["partners.index"], "door")
    assert sign_in(sam).get("/partners/").status_code == client.get("/partners/").status_code == 404


def test_who_has_not_signed_in_is_led_to_the_sign_in_page_and_back(portal, doors):
    wrong = []
    for route, address in doors:
        for method in () if route.is_public else route.verbs:
            answer = portal.ask("nobody", address, method)
            back = f"?next={address}" if method == "GET" else ""
            if (answer.status_code, unquote(answer.headers.get("Location", ""))) != (303, f"/sign-in{back}"):
                wrong.append((method, address, answer.status))
    assert not wrong, wrong
    assert not portal.changed()


def test_htmx_of_who_has_not_signed_in_is_led_to_the_sign_in_page(portal, doors):
    headers, wrong = HTMX | {"HX-Current-URL": "http://localhost/partners/?q=a"}, []
    for route, address in doors:
        for method in () if route.is_public else route.verbs:
            answer = portal.ask("nobody", address, method, headers=headers)
            to = unquote(answer.headers.get("HX-Redirect", ""))
            if (answer.status_code, to, answer.data) != (401, "/sign-in?next=/partners/?q=a", b""):
                wrong.append((method, address, answer.status, to))
    assert not wrong, wrong
    assert not portal.changed()


def test_public_pages_open_for_everybody(portal, doors):
    for route, address in doors:
        if route.is_public and route.gets:
            for name in ("nobody", "sam", "ada"):
                assert portal.ask(name, address).status_code in (200, 303, 404), (name, address)


@pytest.mark.parametrize("name", ROLES)
def test_each_role_enters_where_the_policy_lets_it_and_nowhere_else(portal, doors, name):
    """Refused by role is 403, and changes nothing. Let in, one may still be refused what is not one's own, but never
    a look at it."""
    viewer, wrong = Person.get(Person.email.startswith(f"{name}@")), []
    for route, address in doors:
        for method, headers in product(route.verbs, ({}, HTMX)):
            code = portal.ask(name, address, method, headers=headers).status_code
            if route.allows(viewer):
                right = code < 500 and (code != 403 or method == "POST")
            else:
                right = code == 403 and not portal.changed()
            portal.back()
            if not right:
                wrong.append((code, method, address, bool(headers)))
    assert not wrong, wrong


def test_nobody_and_the_disabled_may_do_nothing(make, mia):
    mia.disabled_at = world.NOW
    assert not [do for do in Do if may(Nobody(), do) or may(mia, do)]


@pytest.mark.parametrize("name", ["sam", "ada", "nobody"])
def test_no_other_method_gets_around_a_door(portal, doors, name):
    """PUT, DELETE and made-up words are a plain no, and so is a POST to a page that only shows; a method given
    in a header or in the address is not listened to."""
    override, wrong = {"X-HTTP-Method-Override": "DELETE"}, []
    for route, address in doors:
        for method in {"POST", "PUT", "DELETE", "BREW"} - route.methods:
            answer = portal.ask(name, f"{address}?_method=GET", method, headers=override)
            if answer.status_code not in (303, 403, 404, 405):
                wrong.append((answer.status, method, address))
    assert not wrong, wrong
    assert not portal.changed()


@pytest.mark.parametrize("id", ["0", "999999", "10000000000", "1" + 19 * "0", "-1", "1.0", "٣", "x", "1%00", "%ED%A0%80"])
def test_no_id_breaks_a_page(portal, id):
    wrong = []
    for route in routes(portal.app):
        for method in route.verbs if route.numbers else ():
            address = route.address(("{id}",) * len(route.numbers), ("tiers",) * len(route.words))
            code = portal.ask("sam", address.replace("%7Bid%7D", id), method).status_code
            if code not in (303, 404, 405, 422):
                wrong.append((code, method, address))
            portal.back()
    assert not wrong, wrong
