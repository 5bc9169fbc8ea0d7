"""The whole loop as people do it: built and sent in the browser, through a real mail server, opened by a scanner, answered on a
phone without a script, seen in the results and the KPI, and only who has not answered is reminded."""
import re
import urllib.request
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from prm.core import clock, links
from prm.core.periods import period_of
from prm.kpis import jobs as kpi_jobs  # noqa: F401
from prm.models import Answer, Invitation, KpiResult, Response, Survey, Wave
from prm.surveys import sending
from tests.surveys.conftest import work


@pytest.fixture
def at_home(enter, sam, live_server, monkeypatch):
    """Sam's browser; links in mails lead to the server that runs."""
    monkeypatch.setattr(links, "_base", live_server)
    return enter(sam)


def link_in(mail) -> str:
    return re.search(r"https?://\S+/s/[\w-]+", mail.get_body(("plain",)).get_content())[0]


def test_the_whole_loop(at_home, chromium, live_server, make, acme, contacts, postbox):
    page = at_home
    question = {"object": "survey_answer", "filters": [{"field": "question.kind", "op": "is", "value": "nps"}], "measures": [{"key": "value", "fn": "mean", "field": "nps"}]}
    kpi = make.kpi("NPS", question=question, date_field="day", unit="number", target=50)
    # build
    page.goto(f"{live_server}/surveys/new?from=pulse")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/build")
    page.get_by_label("Question", exact=True).fill("Would you tell a friend about us?")
    page.get_by_label("Help under it").click()
    page.locator("#preview").get_by_text("Would you tell a friend about us?").wait_for()
    # send to two by hand
    page.get_by_role("link", name="Send", exact=True).first.click()
    for name in ("Ada Smith", "Alan Smith"):
        page.get_by_role("link", name=f"Choose {name}").click()
        page.get_by_role("link", name=f"Take {name} out again").wait_for()
    page.get_by_text("2 contacts will be asked.").wait_for()
    page.get_by_role("button", name="Send to 2").click()
    page.wait_for_url("**/waves/1")
    work()
    link = link_in(postbox["ada@example.com"][0])
    # a scanner looks
    for method in ("GET", "HEAD", "GET"):
        assert urllib.request.urlopen(urllib.request.Request(f"{link}?nps=9", method=method)).status == 200
    assert not Invitation.select().where(Invitation.answered == True).exists() and Response.select().count() == 0  # noqa: E712
    # Ada answers on a phone without a script, from the mail
    phone = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, has_touch=True)
    small = phone.new_page()
    small.goto(f"{link}?nps=9")
    assert small.locator("input[name='q.nps'][value='9']").is_checked()
    small.get_by_role("button", name="Send my answers").click()
    small.get_by_role("alert").wait_for()  # the outlook is required: told beside it
    small.get_by_text("Please choose an answer.").wait_for()
    small.locator("label", has_text="Better").last.click()
    small.get_by_label("What is the one thing").fill("Faster quotes, please 🚲")
    small.get_by_role("button", name="Send my answers").click()
    small.get_by_role("heading", name="Thank you, Ada").wait_for()
    phone.close()
    work()
    # it is in the results, the comments and the KPI
    page.goto(f"{live_server}/surveys/{Survey.get().id}/results")
    page.get_by_text("Promoters (9–10): 1").wait_for()
    page.get_by_role("link", name="Comments").first.click()
    page.get_by_text("Faster quotes, please 🚲").wait_for()
    period = period_of(clock.today("UTC"), "quarter").key
    assert KpiResult.get((KpiResult.kpi == kpi) & (KpiResult.partner == acme) & (KpiResult.period == period)).value == 100
    # only Alan is reminded
    sending.remind(Wave.get(), clock.now() + timedelta(days=8))
    work()
    assert len(postbox["ada@example.com"]) == 1 and len(postbox["alan@example.com"]) == 2
    assert link_in(postbox["alan@example.com"][0]) == link_in(postbox["alan@example.com"][1])
    assert Answer.select().count() == 3


def test_building_by_keyboard_and_by_drag_keeps_what_was_typed(at_home, live_server, make_survey):
    page = at_home
    survey = make_survey()
    page.goto(f"{live_server}/surveys/{survey.id}/build?at=region")
    page.get_by_label("New answer").fill("West")
    page.keyboard.press("Enter")
    page.locator("#preview").get_by_text("West", exact=True).wait_for()
    assert page.get_by_label("New answer").input_value() == ""
    page.get_by_role("button", name="Move answer 3 up").press("Enter")
    expect(page.locator("[name='choice.text']").nth(1)).to_have_value("West")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[name='choice.text']").nth(2)).to_have_value("West")
    first, last = page.locator(".sb-list .grip").first.bounding_box(), page.locator(".sb-list").nth(1).locator(".grip").last.bounding_box()
    page.mouse.move(first["x"] + 4, first["y"] + 4)
    page.mouse.down()
    page.mouse.move(last["x"] + 4, last["y"] - 6, steps=40)
    page.mouse.move(last["x"] + 4, last["y"] + 14, steps=20)
    with page.expect_response(lambda answer: answer.request.method == "POST"):  # the list moves before the server has heard of it
        page.mouse.up()
    page.locator(".sb-list").nth(1).get_by_text("Would you recommend us?").wait_for()
    stored = Survey.get_by_id(survey.id).content["pages"]
    assert "nps" in [q["code"] for q in stored[1]["questions"]]


def test_an_answer_on_the_same_page_brings_its_question_up_at_once(page, live_server, make_survey, ask, contacts):
    key = ask(make_survey(), contacts[0])[0]
    page.goto(f"{live_server}/s/{key}")
    assert page.locator("[data-code=worst]").is_hidden()
    page.locator("label:has(input[name='q.nps'][value='3'])").click()
    page.locator("[data-code=worst]").wait_for()
    page.locator("label:has(input[name='q.nps'][value='9'])").click()
    page.locator("[data-code=worst]").wait_for(state="hidden")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
