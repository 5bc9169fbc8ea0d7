"""Sending: chosen by question or by hand, seen before, spared and refused, in mails of one's own, reminded and repeated."""
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from prm.core import clock
from prm.core.errors import Conflict, Invalid
from prm.core.mail import Mail
from prm.models import Contact, Invitation, Survey, Wave
from prm.surveys import acting, jobs, recipients, sending, services
from prm.surveys.sending import Order
from tests.surveys.conftest import fill, work

@pytest.fixture(autouse=True)
def on_both(database):
    """Waves and reminders are questions to the database."""


TEXT = "Hello {first_name} of {partner},\n\n{link}\n\nBye"


def order(*contacts, **more):
    return Order(**{"recipients": {"contacts": [each.id for each in contacts]}, "subject": "For {name}", "text": TEXT} | more)


def test_the_mail_has_the_fields_of_the_contact_the_first_question_and_a_way_out(make_survey, sam, contacts, postbox):
    sending.send(sam, make_survey(), order(contacts[0], ask="nps"))
    work()
    mail = postbox["ada@example.com"][0]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    link = re.search(r"https?://\S+/s/\S+", text)[0]
    assert mail["Subject"] == "For Ada Smith" and "Hello Ada of Acme," in text and len(link) <= 90
    assert [f"{link}?nps={at}" in html for at in range(11)] == [True] * 11 and "Would you recommend us?" in html
    assert mail["List-Unsubscribe"] == f"<{link}/stop>" and mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("changes", "field"), [
    ({"text": "no link"}, "text"), ({"text": "{link} {salary}"}, "text"), ({"subject": " "}, "subject"), ({"subject": "{link}"}, "subject"), ({"ask": "why"}, "ask"),
    ({"send_at": datetime(2020, 1, 1, tzinfo=UTC)}, "send_at"), ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "closes_at"), ({"remind_times": 99}, "remind_days"),
    ({"every": "month"}, "every"), ({"every": "daily"}, "every"),
])  # fmt: skip
def test_what_cannot_be_sent_is_said_beside_its_input_and_nothing_is_sent(make_survey, sam, contacts, changes, field):
    with pytest.raises(Invalid) as refusal:
        sending.send(sam, make_survey(), order(contacts[0], **changes))
    assert refusal.value.field == field and Mail.select().count() == Wave.select().count() == 0


def test_a_survey_that_the_check_stops_is_not_sent(make_survey, sam, contacts):
    with pytest.raises(Invalid, match="cannot be sent yet"):
        sending.send(sam, make_survey({"title": "T", "pages": [{"key": "p1", "questions": [{"code": "a", "kind": "choice", "text": "A?"}]}]}), order(contacts[0]))
    assert Survey.get().version == 0


def test_recipients_are_chosen_by_a_question_over_contacts(make_survey, sam, mia, contacts, globex, acme):
    survey = make_survey()
    plan = recipients.plan(sam, survey, {"query": "f.partner.name=Globex"}, clock.now())
    assert {each.contact.partner for each in plan} == {globex} and len(plan) == 5
    assert {each.contact.partner for each in recipients.plan(mia, survey, {"query": ""}, clock.now())} == {acme}  # a manager asks her own
    with pytest.raises(Invalid):
        recipients.plan(sam, survey, {"query": "f.nothing=1"}, clock.now())


def test_who_is_held_back_is_told_before_sending(make_survey, make, sam, contacts, ask):
    survey, other = make_survey(), make_survey()
    ask(other, contacts[0])
    Contact.update(no_surveys_at=clock.now()).where(Contact.id == contacts[1].id).execute()
    nobody = make.contact("No Mail", partner=contacts[0].partner)
    plan = {each.contact.name: each.held for each in recipients.plan(sam, survey, {"contacts": [c.id for c in (*contacts[:3], nobody)]}, clock.now())}
    assert plan == {"Ada Smith": "was asked today", "Alan Smith": "does not want surveys", "Grace Smith": "", "No Mail": "has no e-mail address"}
    later = clock.now() + timedelta(days=31)
    assert not recipients.plan(sam, survey, {"contacts": [contacts[0].id]}, later)[0].held
    Survey.update(rest_days=0).execute()
    assert not recipients.plan(sam, Survey.get_by_id(survey.id), {"contacts": [contacts[0].id]}, clock.now())[0].held


def test_held_back_they_are_in_the_wave_with_the_reason_and_get_no_mail(make_survey, sam, contacts, postbox):
    Contact.update(no_surveys_at=clock.now()).where(Contact.id == contacts[1].id).execute()
    sending.send(sam, make_survey(), order(*contacts[:2]))
    work()
    assert set(postbox) == {"ada@example.com"} and Invitation.get(Invitation.contact == contacts[1]).held == "does not want surveys"
    with pytest.raises(Invalid, match="Nobody would be asked"):
        sending.send(sam, make_survey(), order(contacts[1]))


def test_a_refused_mail_is_seen_in_the_wave_and_not_reminded(make_survey, make, acme, sam, sign_in, postbox):
    gone = make.contact("Gone", partner=acme, email="bounce@example.com")
    wave = sending.send(sam, make_survey(), order(gone, remind_days=1, remind_times=2))
    work()
    page = sign_in(sam).get(f"/surveys/{wave.survey_id}/waves/1").text
    assert "Mail refused" in page and "no such mailbox" in page
    assert sending.remind(Wave.get(), clock.now() + timedelta(days=2)) == 0


def test_reminders_go_only_to_those_who_have_not_answered_and_not_more_often_than_said(make_survey, sam, contacts, client, postbox):
    start = datetime(2026, 11, 2, 9, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as traveller:
        wave = sending.send(sam, make_survey(), order(*contacts[:3], remind_days=3, remind_times=2))
        work()
        fill(client, sending.key_of(wave, contacts[0].id))
        client.post(f"/s/{sending.key_of(wave, contacts[1].id)}/stop")
        counts = []
        for days in range(1, 12):
            traveller.move_to(start + timedelta(days=days, hours=1))
            jobs._look()
            work()
            counts.append(len(postbox["grace@example.com"]))
    assert counts == [1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3]
    assert len(postbox["ada@example.com"]) == len(postbox["alan@example.com"]) == 1
    first, reminder = postbox["grace@example.com"][:2]
    link = re.compile(r"/s/[\w-]+")
    assert reminder["Subject"] == "Reminder: For Grace Smith"
    assert link.search(first.get_body(("plain",)).get_content())[0] == link.search(reminder.get_body(("plain",)).get_content())[0]


def test_a_wave_waits_for_its_time_and_can_be_called_off(make_survey, sam, contacts, postbox):
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=False) as traveller:
        wave = sending.send(sam, make_survey(), order(contacts[0], send_at=datetime(2026, 11, 3, 9, tzinfo=UTC)))
        other = sending.send(sam, make_survey(), order(contacts[1], send_at=datetime(2026, 11, 3, 9, tzinfo=UTC)))
        work()
        assert not postbox
        sending.call_off(sam, other)
        traveller.move_to(datetime(2026, 11, 3, 9, 1, tzinfo=UTC))
        work()
        assert set(postbox) == {"ada@example.com"}
        with pytest.raises(Conflict):
            sending.call_off(sam, Wave.get_by_id(wave.id))


def test_a_recurring_survey_makes_a_new_wave_once_with_whoever_fits_then(make_survey, make, sam, contacts, globex, postbox):
    with time_machine.travel(datetime(2026, 1, 31, 9, tzinfo=UTC), tick=False) as traveller:
        sending.send(sam, make_survey(rest_days=0), Order({"query": "f.partner.name=Globex"}, "Pulse", TEXT, every="month"))
        work()
        make.contact("New Person", partner=globex, email="new@example.com")
        traveller.move_to(datetime(2026, 2, 28, 9, 1, tzinfo=UTC))
        for _ in range(2):
            jobs._look()
            work()
    assert [(w.number, Invitation.select().where(Invitation.wave == w.id).count()) for w in Wave.select().order_by(Wave.number)] == [(1, 5), (2, 6)]
    assert Wave.get(Wave.number == 2).next_at == datetime(2026, 3, 28, 9, tzinfo=UTC) and len(postbox["new@example.com"]) == 1


def test_a_manager_who_lost_the_right_sends_nothing_later(make_survey, mia, contacts, postbox):
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=False) as traveller:
        sending.send(mia, make_survey(), order(contacts[0], send_at=datetime(2026, 11, 3, 9, tzinfo=UTC)))
        mia.disabled_at = clock.now()
        mia.save()
        traveller.move_to(datetime(2026, 11, 3, 10, tzinfo=UTC))
        work()
    assert not postbox and "may not send surveys any more" in Wave.get().trouble


def test_the_screen_shows_who_and_asks_twice_over_fifty(sign_in, sam, make, make_survey, acme):
    for at in range(60):
        make.contact(f"Person {at:02d}", partner=acme, email=f"p{at}@example.com")
    survey, client = make_survey(), sign_in(sam)
    page = client.get(f"/surveys/{survey.id}/send?f.partner.name=Acme").text
    assert "<b>60 contacts will be asked.</b>" in page and "Send to 60" in page
    form = {"subject": "S", "text": TEXT, "ask": "nps", "every": "", "do": "send"}
    refused = client.post(f"/surveys/{survey.id}/send?f.partner.name=Acme", data=form)
    assert refused.status_code == 422 and "Tick the box" in refused.text and Mail.select().count() == 0
    sent = client.post(f"/surveys/{survey.id}/send?f.partner.name=Acme", data=form | {"sure": "y"})
    assert sent.location.endswith("/waves/1") and Mail.select().count() == 60
    assert "<b>0 contacts will be asked.</b>" in client.get(f"/surveys/{survey.id}/send").text  # all of them rest now


def test_by_hand_the_choice_stands_in_the_address(sign_in, sam, make_survey, contacts):
    survey, client = make_survey(), sign_in(sam)
    page = client.get(f"/surveys/{survey.id}/send?pick={contacts[0].id},{contacts[2].id}").text
    assert "<b>2 contacts will be asked.</b> 2 contacts chosen by hand" in page
    client.post(f"/surveys/{survey.id}/send?pick={contacts[0].id},{contacts[2].id}", data={"subject": "S", "text": TEXT, "ask": "", "every": "", "do": "send"})
    assert set(Mail.select(Mail.to).scalars()) == {"ada@example.com", "grace@example.com"}


def test_a_test_mail_goes_to_oneself_and_leads_to_a_trial(sign_in, sam, make_survey, contacts):
    survey = make_survey()
    sign_in(sam).post(f"/surveys/{survey.id}/send", data={"subject": "S", "text": TEXT, "ask": "nps", "every": "", "do": "test"})
    mail = Mail.get()
    assert mail.to == sam.email and mail.subject == "Test: S" and f"/surveys/{survey.id}/try" in mail.text and Wave.select().count() == 0


def test_what_was_done_is_told_to_all_who_were_asked_whether_they_answered_or_not(make_survey, sam, contacts, client, postbox):
    survey = make_survey(anonymous=True)
    wave = sending.send(sam, survey, order(*contacts[:3]))
    fill(client, sending.key_of(wave, contacts[0].id))
    client.post(f"/s/{sending.key_of(wave, contacts[2].id)}/stop")
    action = acting.save(sam, survey, said="Quotes take too long.", did="They are made in a day now.", owner=sam.id, due_on=None)
    acting.finish(sam, action)
    work()
    for name in ("ada", "alan"):
        told = postbox[f"{name}@example.com"][1]
        assert told["Subject"].startswith("You said, we did") and "Quotes take too long." in told.get_content() and "made in a day" in told.get_content()
    assert len(postbox["grace@example.com"]) == 1
    with pytest.raises(Conflict):
        acting.finish(sam, action)
    with pytest.raises(Conflict):
        acting.drop(sam, acting.SurveyAction.get_by_id(action.id))


def test_a_closed_survey_is_neither_sent_nor_reminded(make_survey, sam, contacts):
    survey = make_survey()
    wave = sending.send(sam, survey, order(contacts[0], remind_days=1, remind_times=1))
    services.close(sam, survey)
    assert sending.remind(wave, clock.now() + timedelta(days=5)) == 0
    with pytest.raises(Conflict):
        sending.send(sam, Survey.get_by_id(survey.id), order(contacts[1]))
