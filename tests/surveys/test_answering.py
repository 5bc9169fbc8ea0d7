"""Answering by a link: nothing is spent by looking, each page is kept, and whatever is sent gets a clear answer."""
import io
import json
import re
import threading

import pytest
import time_machine

from prm.models import Activity, Answer, Contact, Hit, Invitation, Response, Stale, Survey
from prm.surveys import services, versions
from prm.surveys.content import Content
from tests.surveys.conftest import FIVE, carried, fill


@pytest.fixture
def key(database, make_survey, ask, contacts):
    return ask(make_survey(), contacts[0])[0]


def send(client, key, page, seen, **values):
    return client.post(f"/s/{key}", data={"page": page, "seen": seen, "do": "next", **values})


def stored() -> dict:
    return {f"{a.question.code}{a.question.row and '/' + a.question.row}": a.text for a in Answer.select().order_by(Answer.id)}


def test_looking_spends_nothing_however_often(client, key):
    for method in ("head", "get", "get", "head"):
        assert getattr(client, method)(f"/s/{key}?nps=9").status_code == 200
    invitation = Invitation.get()
    assert not invitation.answered and invitation.draft is None and invitation.started_at is None and Response.select().count() == 0
    assert invitation.opened_at is not None


def test_a_scanner_that_only_asks_for_the_head_has_opened_nothing(client, key):
    client.head(f"/s/{key}")
    assert Invitation.get().opened_at is None


def test_all_pages_are_answered_and_stored_under_the_name(client, key, acme, contacts):
    done = fill(client, key, nps="4", worst="Slow", why="So slow")
    assert done.status_code == 303 and "done=1" in done.location
    assert "Thank you, Ada" in client.get(done.location).text
    assert stored() == {"nps": "4", "worst": "Slow", "region": "North", "like/r1": "Good", "like/r2": "Good", "why": "So slow"}
    response = Response.get()
    assert (response.contact, response.partner, response.sealed) == (contacts[0], acme, False)
    assert Activity.get(Activity.verb == "survey.answered").partner == acme
    assert Stale.select().where((Stale.partner == acme) & (Stale.day == response.day)).exists()  # KPIs follow


def test_no_cookie_is_given_and_the_first_page_is_light(client, key):
    page = client.get(f"/s/{key}")
    assert "Set-Cookie" not in page.headers and not re.search(r'(src|href)="https?://', page.text)
    files = [page] + [client.get(address, headers={"Accept-Encoding": "br"}) for address in re.findall(r'(?:src|href)="(/(?:static|theme|logo)[^"]*)"', page.text)]
    assert sum(len(each.data) for each in files) < 60_000 and all(each.status_code == 200 for each in files)


def test_each_page_is_saved_and_the_link_resumes_there_on_any_device(app, client, key):
    assert send(client, key, "p1", "nps", **{"q.nps": "9"}).location.endswith("page=p2")
    phone = app.test_client().get(f"/s/{key}")
    assert "Welcome back" in phone.text and 'name="q.region"' in phone.text
    assert Invitation.get().draft["answers"] == {"nps": 9} and Response.select().count() == 0
    back = client.post(f"/s/{key}", data={"page": "p2", "seen": "region,like", "do": "back", "q.region": "s"})
    assert back.location.endswith("page=p1")
    assert re.search(r'value="9" checked', client.get(back.location).text) and Invitation.get().draft["answers"]["region"] == "s"


def test_a_choice_in_the_mail_stands_in_the_form_and_is_stored_only_when_sent(client, key):
    page = client.get(f"/s/{key}?nps=8").text
    assert re.search(r'value="8" checked', page) and Invitation.get().draft is None
    assert not re.search("checked", client.get(f"/s/{key}?nps=99&region=zz").text)


def test_an_error_stands_beside_its_question_with_the_focus_on_it_and_nothing_is_lost(client, key):
    page = send(client, key, "p1", "nps")
    assert page.status_code == 422 and "Please choose an answer." in page.text and page.text.count("autofocus") == 1
    assert 'href="#q-nps"' in page.text
    send(client, key, "p1", "nps", **{"q.nps": "9"})
    page = send(client, key, "p2", "region,like", **{"q.region": "-other-", "q.like.r1": "a"})
    assert page.status_code == 422 and "Please write what your other answer is." in page.text and page.text.count("checked") == 2


def test_a_question_that_depends_on_the_same_page_comes_up_before_one_goes_on(client, key):
    page = send(client, key, "p1", "nps", **{"q.nps": "3"})
    assert page.status_code == 200 and "one more question" in page.text and 'name="q.worst"' in page.text
    assert client.post(f"/s/{key}", data={"page": "p1", "seen": "nps", "do": "look", "q.nps": "3"}).json == {"shown": ["nps", "worst"]}
    assert client.post(f"/s/{key}", data={"page": "p1", "seen": "nps", "do": "look", "q.nps": "9"}).json == {"shown": ["nps"]}


def test_a_required_hidden_question_never_blocks(client, key):
    assert fill(client, key, nps="9").status_code == 303 and "worst" not in stored()


def test_what_was_answered_and_is_hidden_now_does_not_count(client, key):
    send(client, key, "p1", "nps", **{"q.nps": "3"})
    send(client, key, "p1", "nps,worst", **{"q.nps": "3", "q.worst": "All"})
    fill(client, key, nps="10")
    assert "worst" not in stored()


def test_a_page_that_was_passed_by_is_asked_for_at_the_end(client, key):
    page = send(client, key, "p3", "why", **{"q.why": "x"})
    assert page.status_code == 422 and 'name="q.nps"' in page.text and Response.select().count() == 0


def test_the_last_answer_wins_until_it_is_closed(client, key):
    fill(client, key, nps="9")
    assert "You have answered already" in client.get(f"/s/{key}").text
    assert re.search(r'value="9" checked', client.get(f"/s/{key}?again=1&page=p1").text)
    for page, seen, values in (("p1", "nps", {"q.nps": "10"}), ("p2", "region,like", {"q.region": "s"}), ("p3", "why", {"q.why": "Changed"})):
        done = send(client, key, page, seen, again="1", **values)
    assert done.status_code == 303 and stored()["nps"] == "10" and stored()["why"] == "Changed" and Response.select().count() == 1


def test_a_second_answer_is_refused_where_the_survey_says_so(client, make_survey, ask, contacts):
    key = ask(make_survey(again="refused"), contacts[0])[0]
    fill(client, key, why="First")
    again = send(client, key, "p3", "why", **{"q.why": "Second"})  # the back button, and once more
    assert again.status_code == 409 and "You have answered already" in again.text and "Change my answers" not in again.text
    assert stored()["why"] == "First"


def test_two_browsers_at_once_on_one_link_make_one_response(app, key):
    clients, ends = [app.test_client() for _ in range(4)], []
    for each in clients:
        send(each, key, "p1", "nps", **{"q.nps": "9"})
        send(each, key, "p2", "region,like", **{"q.region": "n"})

    def last(each, at):
        from prm.core.db import db

        with app.app_context():
            ends.append(send(each, key, "p3", "why", **{"q.why": f"browser {at}"}).status_code)
        if not db.is_closed() and threading.current_thread() is not threading.main_thread():
            db.close()

    threads = [threading.Thread(target=last, args=(each, at)) for at, each in enumerate(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(ends) <= {303, 409} and 303 in ends
    assert Response.select().count() == 1 and Answer.select().where(Answer.text.startswith("browser")).count() == 1


def test_closed_between_two_pages_says_so_and_keeps_what_was_saved(client, key, sam):
    send(client, key, "p1", "nps", **{"q.nps": "9"})
    services.close(sam, Survey.get())
    for answer in (client.get(f"/s/{key}"), send(client, key, "p2", "region,like", **{"q.region": "n"})):
        assert answer.status_code == 410 and "This survey is closed" in answer.text
    assert Invitation.get().draft["answers"] == {"nps": 9} and Response.select().count() == 0


def test_a_wave_that_is_over_takes_no_more(client, make_survey, ask, contacts):
    from datetime import timedelta

    from prm.core import clock

    key = ask(make_survey(), contacts[0], closes_at=clock.now() + timedelta(hours=1))[0]
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assert client.get(f"/s/{key}").status_code == 410


def test_a_wrong_link_is_not_found_and_a_thousand_of_them_are_slowed_down(client, key):
    wrong = client.get(f"/s/{key[:-1]}x")
    assert wrong.status_code == 404 and "leads nowhere" in wrong.text
    codes = [client.get(f"/s/guess{at}").status_code for at in range(60)]
    assert codes[0] == 404 and codes[-1] == 429 and Hit.get().blocked_until is not None


@pytest.mark.parametrize(("data", "status"), [
    ({"q.nps": "99"}, 422), ({"q.nps": "x" * 2**20}, 422), ({"q.nps": (b"x", "x.txt")}, 422), ({}, 422), ({"q.nps": "9", "page": "zz"}, 303),
    ({"q.nps": "9", "so_far": "[[[["}, 303), ({"q.nps": "9", "lang": "zz"}, 303), ({"q.nps": "9", "do": "eval"}, 303),
])  # fmt: skip
def test_whatever_is_sent_gets_a_clear_answer(client, key, data, status):
    sent = {"page": "p1", "seen": "nps", "do": "next"} | data
    files = {name: (io.BytesIO(each[0]), each[1]) for name, each in data.items() if isinstance(each, tuple)}
    sent |= files
    kind = "multipart/form-data" if files else None
    assert client.post(f"/s/{key}", data=sent, content_type=kind).status_code == status
    assert client.post(f"/s/{key}", data=json.dumps(data, default=str), content_type="application/json").status_code == 200  # the same page again
    assert Response.select().count() == 0


def test_a_megabyte_of_words_is_told_beside_its_question(client, key):
    send(client, key, "p1", "nps", **{"q.nps": "9"})
    send(client, key, "p2", "region,like", **{"q.region": "n"})
    page = send(client, key, "p3", "why", **{"q.why": "x" * 2**20})
    assert page.status_code == 422 and "1,048,576 characters; 10,000 fit" in page.text


def test_emoji_and_writing_from_right_to_left_come_back_as_they_were(client, key):
    fill(client, key, nps="2", worst="مرحبا 👩🏽‍🚀", why="<script>alert(1)</script> שלום")
    assert stored()["worst"] == "مرحبا 👩🏽‍🚀" and stored()["why"] == "<script>alert(1)</script> שלום"


def test_the_page_speaks_the_readers_language(client, make_survey, ask, contacts):
    words = {"en": "Recommend?", "de": "Empfehlen?", "ar": "هل توصي؟"}
    content = {"title": {"en": "Survey", "de": "Umfrage", "ar": "استطلاع"}, "languages": ["en", "de", "ar"],
               "pages": [{"key": "p1", "questions": [{"code": "nps", "kind": "nps", "text": words, "required": True}]}]}  # fmt: skip
    key = ask(make_survey(content), contacts[0])[0]
    page = client.get(f"/s/{key}", headers={"Accept-Language": "de-AT,en;q=0.5"}).text
    assert "Empfehlen?" in page and 'lang="de"' in page and "Antworten absenden" in page
    wrong = client.post(f"/s/{key}", data={"page": "p1", "seen": "nps"}, headers={"Accept-Language": "de"})
    assert "Bitte wählen Sie eine Antwort." in wrong.text
    assert 'dir="rtl"' in client.get(f"/s/{key}?lang=ar").text
    assert "Recommend?" in client.get(f"/s/{key}", headers={"Accept-Language": "fr"}).text


def test_an_open_link_is_answered_by_whoever_has_it_and_once_by_each_form(client, make_survey, sam):
    survey = make_survey()
    services.set_open_link(sam, survey, True)
    key = services.open_key(survey)
    for _ in range(2):
        done = fill(client, key)
        assert done.status_code == 303 and "Thank you" in client.get(done.location).text
    page = client.get(f"/s/{key}")
    last = {"page": "p3", "seen": "why", "q.why": "x", "seed": carried(page)["seed"], "so_far": '{"nps":9}'}
    assert [client.post(f"/s/{key}", data=last).status_code for _ in range(3)] == [303] * 3
    assert Response.select().count() == 3 and Response.select().where(Response.contact.is_null()).count() == 3
    services.set_open_link(sam, survey, False)
    assert client.get(f"/s/{key}").status_code == 404


def test_one_click_refuses_further_surveys_and_one_more_takes_it_back(client, key, contacts):
    assert "Do you not want surveys any more?" in client.get(f"/s/{key}/stop").text and Contact.get_by_id(contacts[0].id).no_surveys_at is None
    assert "We will not send you surveys any more" in client.post(f"/s/{key}/stop").text
    assert Contact.get_by_id(contacts[0].id).no_surveys_at is not None
    client.post(f"/s/{key}/ask-again")
    assert Contact.get_by_id(contacts[0].id).no_surveys_at is None


def test_old_answers_keep_the_wording_they_were_given_under(client, key, sam, sign_in):
    fill(client, key)
    survey = Survey.get()
    changed = json.loads(json.dumps(FIVE).replace('"North"', '"Up there"').replace("Would you recommend us?", "Recommend?"))
    Survey.update(content=Content.parse(changed).to_json()).where(Survey.id == survey.id).execute()
    survey = versions.publish(sam, Survey.get())
    assert survey.version == 2 and stored()["region"] == "North"
    page = sign_in(sam).get(f"/surveys/{survey.id}/responses/{Response.get().id}").text
    assert "Would you recommend us?" in page and "North" in page and "Up there" not in page


def test_a_trial_stores_nothing(sign_in, sam, make_survey):
    survey = make_survey()
    client = sign_in(sam)
    page = client.get(f"/surveys/{survey.id}/try")
    assert "This is a trial" in page.text
    for where, seen, values in (("p1", "nps", {"q.nps": "9"}), ("p2", "region,like", {}), ("p3", "why", {})):
        page = client.post(f"/surveys/{survey.id}/try", data={"page": where, "seen": seen, **carried(page), **values})
    assert "Thank you" in page.text and Response.select().count() == 0
