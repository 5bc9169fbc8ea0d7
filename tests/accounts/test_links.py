"""Links from mails: looking never spends, one post does, and every dead link says what happened and what next."""
import logging
import re
import string
from datetime import timedelta

import pytest
import time_machine

from prm.access import invites
from prm.core import clock, links
from prm.models import Link, Mail, Person, Session
from tests.accounts.doing import OTHER, PASSWORD, enter

LETTERS = string.ascii_letters + string.digits + "-_"


def accept(client, path, password=PASSWORD, name="Ivo Brandt"):
    return client.post(path, data={"name": name, "password": password})


def spent(person) -> bool:
    return bool(Person.get_by_id(person.id).password_hash)


def test_the_invite_says_who_invited_whom_to_what(client, invited, newest_link):
    page = client.get(newest_link())
    assert page.status_code == 200
    for words in ("Welcome to Kestrel", "Sam Ortega has invited you", "Acme", "ivo@acme.example", "Ivo Brandt"):
        assert words in page.text


def test_the_link_sets_a_password_and_then_one_signs_in(client, invited, newest_link):
    answer = accept(client, newest_link(), name="Ivo B. Brandt")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not Session.select().exists()
    assert client.get("/profile").status_code == 303
    assert enter(client, "ivo@acme.example").status_code == 303
    assert Person.get_by_id(invited.id).name == "Ivo B. Brandt"


def test_looking_any_number_of_times_spends_nothing(client, invited, newest_link):
    path = newest_link()
    for method in ("GET", "HEAD", "OPTIONS", "GET", "HEAD"):
        assert client.open(path, method=method).status_code == 200
    assert Link.select().where(Link.used_at.is_null(False)).count() == 0
    assert accept(client, path).status_code == 303


def test_none_of_sixty_alterations_of_the_key_is_accepted(client, invited, newest_link):
    path = newest_link()
    for at in range(60):
        place = 3 + at % 32
        other = LETTERS[(LETTERS.index(path[place]) + 1 + at) % 64]
        altered = path[:place] + other + path[place + 1 :] if other != path[place] else path + other
        assert accept(client, altered).status_code == 404, altered
    assert not spent(invited)


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "%00", "../../etc", "é" * 32, "' OR 1=1 --"])
def test_rubbish_is_no_link(client, sam, token):
    assert accept(client, f"/i/{token}").status_code == 404
    assert client.get(f"/r/{token}").status_code == 404


def test_an_invite_opens_no_password_reset_and_a_reset_no_invite(client, invited, newest_link):
    token = newest_link().removeprefix("/i/")
    assert client.post(f"/r/{token}", data={"password": PASSWORD}).status_code == 404
    assert not spent(invited)


def test_a_used_invite_says_so_and_leads_to_signing_in(visit, invited, newest_link):
    path = newest_link()
    accept(visit(), path)
    for answer in (visit().get(path), accept(visit(), path, OTHER)):
        assert answer.status_code == 410
        assert "This invite was used already" in answer.text and 'href="/sign-in"' in answer.text
    assert enter(visit(), "ivo@acme.example", OTHER).status_code == 422


def test_an_expired_invite_offers_to_ask_for_a_new_one(client, invited, newest_link):
    path = newest_link()
    with time_machine.travel(clock.now() + timedelta(days=14, seconds=1), tick=False):
        assert accept(client, path).status_code == 410
        page = client.get(path)
        assert "This invite is too old" in page.text and f'action="{path}/again"' in page.text
    assert not spent(invited)


def test_asking_for_a_new_invite_mails_the_sender_once_a_day(client, invited, newest_link):
    path = newest_link()
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        for _ in range(3):
            assert client.post(f"{path}/again").status_code == 200
    asked = Mail.select().where(Mail.to == "sam@kestrel.example")
    assert [mail.subject for mail in asked] == ["Ivo Brandt asks for a new invite"]
    assert asked[0].link == f"http://127.0.0.1:8000/people/{invited.id}"


def test_asking_goes_to_an_admin_when_the_sender_has_left(client, make, sam, acme, newest_link):
    mia = make.person("Mia", email="mia.left@kestrel.example", sees_all=True)
    ivo = make.person("Ivo", role="member", partner=acme, email="ivo@acme.example")
    invites.invite(mia, person=ivo)
    path = newest_link()
    invites.disable_person(sam, mia)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        client.post(f"{path}/again")
    assert Mail.select().order_by(Mail.id.desc()).first().to == "sam@kestrel.example"


def test_a_link_that_is_still_good_asks_nobody(client, invited, newest_link):
    assert client.post(f"{newest_link()}/again").status_code == 404
    assert client.post("/i/unknown/again").status_code == 404


def test_inviting_again_makes_the_earlier_link_say_so(client, sam, invited, newest_link):
    earlier = newest_link()
    invites.reinvite(sam, invited)
    later = newest_link()
    assert later != earlier
    assert "There is a newer invite" in client.get(earlier).text
    assert accept(client, earlier).status_code == 410
    assert accept(client, later).status_code == 303


def test_the_invite_of_somebody_disabled_opens_nothing(client, sam, invited, newest_link):
    invites.disable_person(sam, invited)
    answer = accept(client, newest_link())
    assert answer.status_code == 410
    assert "Your access was ended" in answer.text
    assert not spent(invited)


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 10"), ("password123", "first passwords"), ("ivo brandt was here", "your name"), ("x" * 201, "at most 200")],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(client, invited, newest_link, password, why):
    path = newest_link()
    answer = accept(client, path, password)
    assert answer.status_code == 422
    assert why in answer.text and password not in answer.text
    assert accept(client, path).status_code == 303


def test_of_twenty_posts_at_once_exactly_one_chooses_the_password(database, app, invited, newest_link, at_once):
    path = newest_link()
    answers = at_once(20, lambda number: accept(app.test_client(), path, f"{PASSWORD} {number}"))
    won = [number for number, answer in enumerate(answers) if answer.status_code == 303]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {303, 410}
    assert enter(app.test_client(), "ivo@acme.example", f"{PASSWORD} {won[0]}").status_code == 303


def test_the_same_form_sent_twice_is_answered_alike(client, invited, newest_link):
    path = newest_link()
    key = re.search(r'name="once_key"[^>]*value="([^"]+)"', client.get(path).text)[1]
    form = {"name": "Ivo", "password": PASSWORD, "once_key": key}
    assert [client.post(path, data=form).status_code for _ in range(2)] == [303, 303]


def test_only_the_hash_of_a_key_is_stored(invited, newest_link):
    token = newest_link().removeprefix("/i/")
    assert Link.get().hash == links.digest(token) != token
    assert len(token) == 32  # 24 random bytes


def test_an_address_with_a_key_is_short(invited):
    path = Mail.get().link.removeprefix("http://127.0.0.1:8000")
    assert len("https://partners.of-a-long-company-name.example.com" + path) <= 90


def test_accepting_an_invite_ends_the_session_of_whoever_used_this_browser(client, uma, invited, newest_link):
    enter(client)
    accept(client, newest_link())
    assert client.get("/profile").status_code == 303


def test_keys_of_links_never_reach_the_log(app, client, invited, newest_link, caplog, monkeypatch):
    token = newest_link().removeprefix("/i/")
    for name in ("prm", "prm.ui.refusals", "waitress"):
        logging.getLogger(name).warning("a constraint refused POST /i/%s: it broke", token)
    assert token not in caplog.text
    assert "/i/…" in caplog.text
