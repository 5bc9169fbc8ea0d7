"""A forgotten password: the same answer to everybody, a link only to whom has an account."""
import time
from datetime import timedelta
from statistics import median

import pytest
import time_machine

from prm.core import clock
from prm.models import Hit, Link, Mail, Session
from tests.accounts.doing import OTHER, PASSWORD, enter


def ask(client, email="uma@kestrel.example", **more):
    return client.post("/forgot", data={"email": email}, **more)


def choose(client, path, password=OTHER):
    return client.post(path, data={"password": password})


def test_the_link_chooses_a_new_password(client, uma, work, newest_link):
    ask(client)
    work()
    assert client.get(newest_link()).status_code == 200
    assert choose(client, newest_link()).location == "/sign-in"
    assert enter(client, password=PASSWORD).status_code == 422
    assert enter(client, password=OTHER).status_code == 303


def test_the_answer_is_the_same_for_an_unknown_address(client, uma):
    known, unknown = ask(client, "uma@kestrel.example"), ask(client, "nobody@kestrel.example")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("uma@", "nobody@") == unknown.text


def test_the_answer_takes_as_long_for_an_unknown_address(visit, uma):
    def seconds(email):
        start = time.perf_counter()
        ask(visit(), email)
        return time.perf_counter() - start

    seconds("warm@kestrel.example")
    known = median(seconds("uma@kestrel.example") for _ in range(5))
    unknown = median(seconds("nobody@kestrel.example") for _ in range(5))
    assert 0.4 < known / unknown < 2.5


@pytest.mark.parametrize("who", ["nobody@kestrel.example", "dora@kestrel.example", "nell@kestrel.example"])
def test_nobody_without_a_living_account_gets_a_link(client, sam, make, work, who):
    make.person("Dora", role="analyst", email="dora@kestrel.example", password=PASSWORD, disabled_at=clock.now())
    make.person("Nell", role="analyst", email="nell@kestrel.example")
    ask(client, who)
    work()
    assert not Mail.select().exists() and not Link.select().exists()


def test_asking_too_often_has_to_wait_known_or_not(visit, uma):
    for email in ("uma@kestrel.example", "nobody@kestrel.example"):
        codes = [ask(visit(), email).status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]


def test_a_new_password_ends_every_session_and_every_wait(visit, uma, work, newest_link):
    inside = visit()
    enter(inside)
    for _ in range(10):
        enter(visit(), password="wrong")
    ask(visit())
    work()
    choose(visit(), newest_link())
    assert inside.get("/profile").status_code == 303
    assert not Session.select().exists()
    assert not Hit.select().where(Hit.key.startswith("sign-in:")).exists()
    assert enter(visit(), password=OTHER).status_code == 303


def test_a_reset_link_is_good_for_one_hour_and_once(visit, uma, work, newest_link):
    ask(visit())
    work()
    path = newest_link()
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        late = choose(visit(), path)
        assert late.status_code == 410 and "too old" in late.text and 'href="/forgot"' in late.text
    assert choose(visit(), path).status_code == 303
    assert choose(visit(), path).status_code == 410


def test_a_second_link_replaces_the_first(visit, uma, work, newest_link):
    ask(visit())
    work()
    first = newest_link()
    ask(visit())
    work()
    assert "There is a newer link" in visit().get(first).text
    assert choose(visit(), first).status_code == 410


def test_of_twenty_posts_at_once_exactly_one_chooses(database, app, visit, uma, work, newest_link, at_once):
    ask(visit())
    work()
    path = newest_link()
    codes = at_once(20, lambda number: choose(app.test_client(), path, f"{OTHER} {number}").status_code)
    assert sorted(codes) == [303] + [410] * 19


def test_the_change_is_told_to_the_owner(visit, uma, work, newest_link):
    ask(visit())
    work()
    choose(visit(), newest_link())
    assert Mail.select().order_by(Mail.id.desc()).first().subject == "Your password for Kestrel was changed"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost@evil.example"])
def test_a_forged_host_reaches_neither_the_page_nor_a_mail(client, uma, work, host):
    answer = ask(client, headers={"Host": host})
    assert answer.status_code == 400
    work()
    assert not Mail.select().exists()


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Forwarded-Server", "Origin", "Referer"])
def test_links_in_mails_follow_the_settings_and_no_header(client, uma, work, header):
    ask(client, headers={header: "https://evil.example"})
    work()
    mail = Mail.get()
    assert mail.link.startswith("http://127.0.0.1:8000/r/")
    assert "evil" not in mail.text + mail.link + mail.subject


@pytest.mark.parametrize("email", ["", "no address", "a@b, c@d", "a@kestrel.example\r\nBcc: x@evil.example", "a\0@kestrel.example"])
def test_what_is_no_address_is_refused(client, sam, email):
    assert ask(client, email).status_code == 422
