"""What another site can make a browser send changes nothing; and what every answer says to the browser."""
import re

import pytest

from prm.models import Person
from tests.accounts.doing import PASSWORD, enter

POSTS = (
    "/sign-in", "/sign-out", "/forgot", "/i/x", "/i/x/again", "/r/x", "/profile", "/profile/password", "/profile/theme", "/profile/tokens", "/profile/tokens/1/revoke", "/profile/two-step", "/profile/two-step/off", "/sign-in/code",
    "/profile/sessions/1/end", "/profile/sessions/end-others", "/people/new", "/people/1/role", "/people/1/reinvite",
    "/people/1/disable", "/people/1/enable", "/people/1/sign-out", "/people/1/view-as", "/people/1/reset-two-step", "/people/stop-viewing", "/welcome", "/setup/organisation", "/setup/rates",
    "/setup/rates/1/remove", "/setup/rates/put-back", "/setup/outbox/1/again", "/setup/tiers/new", "/setup/tiers/1", "/setup/tiers/1/move",
    "/setup/tiers/1/remove", "/reports/new", "/reports/1/edit", "/reports/1/favourite", "/reports/1/copy", "/reports/1/delete",
    "/reports/1/undelete", "/reports/1/versions/1", "/reports/library/revenue-by-tier/copy", "/reports/folders/1", "/reports/folders/1/restore", "/papers/", "/papers/1/cancel", "/subscriptions/new?what=report:1", "/subscriptions/1/edit", "/subscriptions/1/stop", "/subscriptions/1/start",
    "/subscriptions/1/now", "/subscriptions/1/leave", "/subscriptions/1/rejoin",
)  # fmt: skip


@pytest.fixture
def guarded(app, monkeypatch):
    """The check that tests otherwise go without."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return app


def test_every_form_of_these_screens_is_in_the_list(app):
    mine = ("accounts.", "people.", "setup.", "reports.", "papers.", "subscriptions.")
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(mine) and "POST" in rule.methods}
    listed = {post.partition("?")[0] for post in POSTS} | {"/leave/x", "/leave/x/again"}  # a mail program has no token: tests/subscriptions
    shapes = [re.compile(re.sub(r"<int:\w+>", r"\\d+", re.sub(r"<(?!int)\w+>", r"[^/]+", rule)) + "$") for rule in rules]
    assert [rule for rule, shape in zip(rules, shapes, strict=True) if not any(shape.match(post) for post in listed)] == []


@pytest.mark.parametrize("path", POSTS)
def test_a_post_without_a_token_is_refused(guarded, sign_in, sam, path):
    answer = sign_in(sam).post(path, data={"name": "Mallory", "theme": "dark"})
    assert answer.status_code == 400
    after = Person.get_by_id(sam.id)
    assert (after.name, after.theme) == ("Sam Ortega", "")


@pytest.mark.parametrize("token", ["", "x", "IjEi.aaaa.bbbb"])
def test_a_wrong_token_is_refused(guarded, sign_in, sam, token):
    client = sign_in(sam)
    assert client.post("/profile", data={"name": "Mallory", "csrf_token": token}).status_code == 400
    assert client.post("/profile", data={"name": "Mallory"}, headers={"X-CSRFToken": token}).status_code == 400


def test_the_token_of_somebody_else_is_refused(guarded, sign_in, sam, ann):
    theirs = re.search(r'"X-CSRFToken":"([^"]+)"', sign_in(ann).get("/profile").text)[1]
    assert sign_in(sam).post("/profile", data={"name": "Mallory", "csrf_token": theirs}).status_code == 400


def test_the_own_token_is_accepted_from_the_form_and_from_htmx(guarded, sign_in, sam):
    client = sign_in(sam)
    token = re.search(r'"X-CSRFToken":"([^"]+)"', client.get("/profile").text)[1]
    assert client.post("/profile", data={"name": "Sam O.", "csrf_token": token}).status_code == 303
    assert client.post("/profile", data={"name": "Sam"}, headers={"X-CSRFToken": token}).status_code == 303


def test_signing_in_with_the_token_of_the_form_works(guarded, visit, uma):
    client = visit()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    assert enter(client, csrf_token=token).status_code == 303
    assert enter(visit(), password=PASSWORD).status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/i/x", "/r/x"])
def test_pages_with_secrets_are_kept_nowhere_and_tell_nobody(client, sam, path):
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_no_page_of_the_door_loads_anything_from_elsewhere(client, sam):
    for path in ("/sign-in", "/forgot", "/i/x"):
        page = client.get(path).text
        assert not re.search(r'(src|href|action)="(https?:)?//', page)
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=\"|\son\w+=\"", page)
