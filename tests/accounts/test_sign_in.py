"""At the door: who gets in, who learns nothing, and who has to wait."""
import time
from statistics import median

import pytest

from prm.core import clock, passwords
from prm.models import Hit, Session
from tests.accounts.doing import PASSWORD, enter

ELSEWHERE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example",
    "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n//evil.example", " //evil.example", "evil.example",
    "?next=//evil.example", "./evil", "/%0d/\r\nLocation: https://evil.example", "https:///evil.example", "/" + "a" * 3000,
    "//evil.example/%2e%2e", "/\\/evil.example",
)  # fmt: skip


def test_the_right_password_opens_the_portal(client, uma):
    answer = enter(client, next="/profile")
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize("email", ["UMA@kestrel.example", "  uma@kestrel.example "])
def test_an_address_is_recognised_however_it_is_typed(client, uma, email):
    assert enter(client, email).status_code == 303


def test_a_page_that_needs_signing_in_is_come_back_to(client, uma):
    answer = client.get("/people/?q=uma")
    assert answer.location == "/sign-in?next=/people/?q%3Duma"
    page = client.get(answer.location).text
    assert 'value="/people/?q=uma"' in page


@pytest.mark.parametrize("next", ELSEWHERE)
def test_a_sign_in_never_leads_elsewhere(client, uma, next):
    assert enter(client, next=next).location == "/"
    assert client.get("/sign-in", query_string={"next": next}).location == "/"


def test_unknown_wrong_disabled_and_uninvited_get_the_same_words(visit, uma, make):
    make.person("Dora", role="analyst", email="dora@kestrel.example", password=PASSWORD, disabled_at=clock.now())
    make.person("Nell", role="analyst", email="nell@kestrel.example")
    tries = [("uma@kestrel.example", "wrong"), ("dora@kestrel.example", PASSWORD), ("nell@kestrel.example", PASSWORD),
             ("nobody@kestrel.example", PASSWORD), ("not an address", PASSWORD), ("a\0b@kestrel.example", "x")]  # fmt: skip
    answers = [enter(visit(), email, password) for email, password in tries]
    pages = {answer.text.replace(email.replace("\0", "\0"), "").split("<main")[1] for answer, (email, _) in zip(answers, tries, strict=True)}
    errors = {page.split('class="err"')[1].split("</p>")[0] for page in pages}
    assert {answer.status_code for answer in answers} == {422}
    assert len(errors) == 1


def test_an_unknown_address_takes_as_long_as_a_wrong_password(visit, uma, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1))
    passwords._dummy.cache_clear()
    uma.password_hash = passwords.hash_password(PASSWORD)
    uma.save()
    enter(visit(), "warm@kestrel.example", "up")

    def seconds(email):
        start = time.perf_counter()
        enter(visit(), email, "wrong")
        return time.perf_counter() - start

    known, unknown = zip(*((seconds("uma@kestrel.example"), seconds(f"no{at}@kestrel.example")) for at in range(5)), strict=True)
    passwords._dummy.cache_clear()
    assert 0.5 < median(known) / median(unknown) < 2


def test_the_eleventh_try_for_an_account_waits_even_with_the_right_password(visit, uma):
    for _ in range(10):
        assert enter(visit(), password="wrong").status_code == 422
    refused = enter(visit())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_an_account_nobody_has_waits_alike(visit, uma):
    codes = [enter(visit(), "nobody@kestrel.example").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_each_further_try_after_the_wait_makes_the_next_wait_longer(visit, uma):
    import time_machine

    waits = []
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock_hand:
        for _ in range(10):
            enter(visit(), password="wrong")
        for _ in range(3):
            waits.append(int(enter(visit()).headers["Retry-After"]))
            clock_hand.shift(waits[-1] + 1)
            enter(visit(), password="wrong")
    assert waits[0] < waits[1] < waits[2]


def test_twenty_tries_at_once_do_not_slip_past_the_limit(database, app, uma, at_once):
    codes = at_once(20, lambda _: enter(app.test_client(), password="wrong").status_code)
    assert codes.count(422) <= 10
    assert set(codes) <= {422, 429}


def test_many_accounts_tried_from_one_place_make_it_wait(visit, uma):
    codes = [enter(visit(), f"nobody{at}@kestrel.example").status_code for at in range(61)]
    assert codes == [422] * 60 + [429]


def test_signing_in_forgets_the_wrong_tries(visit, uma):
    for _ in range(9):
        enter(visit(), password="wrong")
    assert enter(visit()).status_code == 303
    assert not Hit.select().where(Hit.key.startswith("sign-in:")).exists()


def test_an_empty_form_says_what_is_missing(client, uma):
    answer = client.post("/sign-in", data={})
    assert answer.status_code == 422
    assert "Your address is needed." in answer.text and "Your password is needed." in answer.text


def test_a_password_is_never_sent_back(client, uma):
    assert "a wrong secret" not in enter(client, password="a wrong secret").text


def test_htmx_of_somebody_signed_out_is_told_to_go_to_the_sign_in_page(client, uma):
    answer = client.get("/profile", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/profile"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/profile")


def test_signing_in_opens_one_session_and_stores_only_its_hash(client, uma):
    enter(client)
    with client.session_transaction() as cookie:
        key = cookie["key"]
    row = Session.get(Session.person == uma.id)
    assert len(row.hash) == 64 and key not in (row.hash, row.agent)
