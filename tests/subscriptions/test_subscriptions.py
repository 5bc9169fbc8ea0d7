"""Reports by mail: each at their time, with their own figures, once, and ended with one click. Through a real mail server."""
import io
import re
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
import time_machine
from PIL import Image
from python_calamine import CalamineWorkbook

from prm.core import clock
from prm.core.errors import Missing
from prm.core.jobs import Job, run_once
from prm.core.mail import Mail
from prm.models import Activity, Delivery, Report, Subscriber, Subscription, Tile
from prm.subscriptions import jobs, services
from tests.reports.conftest import BY_PARTNER, book  # noqa: F401 - a fixture

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
WEEKLY = {"every": "week", "weekday": "0", "day": "1", "hour": "8", "zone": "UTC", "key": "", "op": "below", "value": "", "form": "inline"}


@pytest.fixture
def report(make, book, sam):  # noqa: F811
    return make.report("Won by partner", BY_PARTNER | {"chart": {"kind": "bar", "y": ["won"]}}, sharing="partners", owner=sam)


def work() -> None:
    while run_once():
        pass


def subscribed(client, report, people, **form) -> Subscription:
    data = WEEKLY | {"people": [str(person.id) for person in people]} | form
    answer = client.post(f"/subscriptions/new?what=report:{report.id}", data=data)
    assert answer.status_code == 303, re.findall(r'class="err"[^>]*>.*?</p>', answer.text)
    return Subscription.select().order_by(Subscription.id.desc()).get()


def parts(message) -> dict[str, bytes]:
    """What is attached or shown, by file name or content id."""
    return {each.get_filename() or each["Content-ID"]: each.get_content() for each in message.walk() if each.get_filename() or each["Content-ID"]}


def text_of(message) -> str:
    return " ".join(message.get_body(("plain",)).get_content().split())


def html_of(message) -> str:
    return message.get_body(("html",)).get_content()


def test_everybody_gets_the_figures_that_they_may_see(database, sign_in, report, sam, mia, ada, grace, postbox):
    with time_machine.travel(datetime(2026, 11, 25, 10, tzinfo=UTC), tick=False) as travel:
        made = subscribed(sign_in(sam), report, [sam, mia, ada, grace])
        assert made.next_at == MONDAY
        work()
        assert not postbox
        travel.move_to(MONDAY)
        work()
        assert {who: len(mails) for who, mails in postbox.items()} == {person.email: 1 for person in (sam, mia, ada, grace)}
        assert Subscription.get_by_id(made.id).next_at == MONDAY + timedelta(days=7)
    texts = {who: html_of(mails[0]) for who, mails in postbox.items()}
    assert "$180.00" in texts[sam.email] and "Globex" in texts[sam.email] and "outcome is Won" in texts[sam.email]
    assert "$150.00" in texts[mia.email] and "Globex" not in texts[mia.email]
    assert "$150.00" in texts[ada.email] and "Globex" not in texts[ada.email] and "outcome is" not in texts[ada.email]
    assert "$30.00" in texts[grace.email] and "Acme" not in texts[grace.email]
    assert "2026-Q1 $100.00, 2026-Q2 $50.00, Total $150.00" in text_of(postbox[ada.email][0])


def test_the_mail_has_the_chart_as_a_picture_and_leads_to_the_report(sign_in, report, sam, postbox):
    client = sign_in(sam)
    made = subscribed(client, report, [sam])
    client.post(f"/subscriptions/{made.id}/now")
    work()
    [message] = postbox[sam.email]
    assert message["Subject"] == "Won by partner: Kestrel" and f"/reports/{report.id}" in html_of(message)
    with Image.open(io.BytesIO(parts(message)["<chart-1>"])) as picture:
        assert picture.format == "PNG" and picture.width == 1200 and 200 < picture.height < 900
    assert 'src="cid:chart-1"' in html_of(message) and 'alt="Won by partner, as a chart"' in html_of(message)
    assert not re.search(r"(src|href)=\"(?!cid:|http://127\.0\.0\.1:8000/)", html_of(message))  # nothing is fetched from anywhere


def test_as_files_it_is_a_pdf_and_a_workbook_of_ones_own_rows(sign_in, report, sam, ada, postbox):
    client = sign_in(sam)
    subscribed(client, report, [ada], form="files")
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    files = parts(postbox[ada.email][0])
    [pdf] = [content for name, content in files.items() if name.endswith(".pdf")]
    [xlsx] = [content for name, content in files.items() if name.endswith(".xlsx")]
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx)).get_sheet_by_index(0).to_python()
    assert "$150.00" in text and "Globex" not in text
    assert rows[-1][-1] == 150 and "Globex" not in str(rows)


@pytest.mark.parametrize(("op", "value", "sent"), [("below", "100", ["grace"]), ("at least", "150", ["sam", "ada"]), ("below", "30", []), ("at least", "30", ["sam", "ada", "grace"])])
def test_a_condition_is_looked_at_for_each_by_their_own_figures(sign_in, report, sam, ada, grace, postbox, op, value, sent):
    made = subscribed(sign_in(sam), report, [sam, ada, grace], key="won", op=op, value=value)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    people = {"sam": sam, "ada": ada, "grace": grace}
    assert sorted(postbox) == sorted(people[name].email for name in sent)
    outcomes = {each.person.id: each.outcome for each in Delivery.select().where(Delivery.subscription == made.id)}
    assert outcomes == {person.id: "sent" if name in sent else "skipped" for name, person in people.items()}


def test_the_log_says_why_one_was_not_sent(sign_in, report, sam, ada, postbox):
    client = sign_in(sam)
    made = subscribed(client, report, [sam, ada], key="won", op="at least", value="160")
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    page = client.get(f"/subscriptions/{made.id}").text
    assert "Only if Won is at least 160; it is 150." in page and "Not sent" in page and "only if Won is at least 160" in page


def test_a_condition_may_be_about_the_number_of_rows(sign_in, make, sam, acme, postbox):
    overdue = make.report("Overdue", {"fields": ["title"], "filters": [{"field": "title", "op": "is", "value": "Late"}]}, owner=sam)
    subscribed(sign_in(sam), overdue, [sam], key="#rows", op="at least", value="1", every="day")
    with time_machine.travel(clock.now() + timedelta(days=1)):
        work()
    assert not postbox
    make.stages()
    make.deal("Late", partner=acme)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        work()
    assert list(postbox) == [sam.email]


def test_it_is_sent_once_whatever_happens(database, sign_in, report, sam, postbox):
    made = subscribed(sign_in(sam), report, [sam])
    with time_machine.travel(clock.now() + timedelta(days=40)):
        work()  # five Mondays were missed: one mail
        assert services.fall_due(Subscription.get_by_id(made.id), clock.now()) == 1
        job = Job.select().where(Job.kind == "subscriptions.deliver", Job.done_at.is_null(False)).get()
        assert jobs.deliver(job) == {}  # a worker that died is followed by another
    assert len(postbox[sam.email]) == 1 and Mail.select().count() == 1


def test_what_was_lost_is_woken_again(sign_in, report, sam, postbox):
    made = subscribed(sign_in(sam), report, [sam])
    Job.delete().execute()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        jobs.look(Job())
        work()
    assert len(postbox[sam.email]) == 1
    assert Job.select().where(Job.kind == "subscriptions.due", Job.key == f"subscription-{made.id}", Job.done_at.is_null()).count() == 1


def leave_key(message) -> str:
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = dict(message.raw_items())["List-Unsubscribe"]  # as it travels: not folded, not encoded
    return re.fullmatch(r"<http://127\.0\.0\.1:8000(/leave/[\w-]+)>", raw)[1]


def test_one_click_ends_it_and_opening_the_link_does_not(app, client, sign_in, report, sam, ada, postbox, monkeypatch):
    made = subscribed(sign_in(sam), report, [sam, ada])
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    place = leave_key(postbox[ada.email][0])
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)  # a mail program has no token
    stranger = app.test_client()
    assert "Do you not want" in stranger.get(place).text
    assert Subscriber.get(Subscriber.person == ada.id).ended_at is None
    assert "You do not get it any more" in stranger.post(place, data={"List-Unsubscribe": "One-Click"}).text
    assert stranger.post(place).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=16)):
        work()
    assert (len(postbox[ada.email]), len(postbox[sam.email])) == (1, 2)
    assert Activity.select().where(Activity.verb == "subscription.left", Activity.actor == ada.id).count() == 1
    assert "You get it again" in stranger.post(f"{place}/again").text
    assert Subscriber.get(Subscriber.person == ada.id).ended_at is None and made.id


def test_a_key_that_nobody_has_is_missing_and_many_are_slowed_down(client, make, sam):
    answers = {client.post(f"/leave/{number}").status_code for number in range(70)}
    assert answers == {404, 429}


def test_only_those_who_see_the_report_can_be_chosen(sign_in, make, report, sam, mia, ada, grace):
    own = make.report("For staff", BY_PARTNER, sharing="staff", owner=sam)
    page = sign_in(sam).get(f"/subscriptions/new?what=report:{own.id}").text
    assert "Mia Keller" in page and "Ada Byron" not in page
    answer = sign_in(sam).post(f"/subscriptions/new?what=report:{own.id}", data=WEEKLY | {"people": [str(ada.id)]})
    assert answer.status_code == 422 and not Subscription.select().exists()
    page = sign_in(mia).get(f"/subscriptions/new?what=report:{report.id}").text
    assert "Ada Byron" in page and "Grace" not in page  # Mia does not know Globex


def test_a_partner_subscribes_themselves_and_nobody_else(sign_in, report, sam, ada, pat, postbox):
    client = sign_in(ada)
    assert "Pat Moss" not in client.get(f"/subscriptions/new?what=report:{report.id}").text
    made = subscribed(client, report, [ada])
    assert client.post(f"/subscriptions/{made.id}/stop").status_code == 303
    assert Subscription.get_by_id(made.id).stopped_at
    assert sign_in(pat).get(f"/subscriptions/{made.id}").status_code == 404
    answer = client.post(f"/subscriptions/new?what=report:{report.id}", data=WEEKLY | {"people": [str(pat.id)]})
    assert answer.status_code == 422


def test_what_is_not_shared_with_one_any_more_is_not_sent(sign_in, report, sam, ada, postbox):
    made = subscribed(sign_in(sam), report, [sam, ada])
    Report.update(sharing="private").where(Report.id == report.id).execute()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    assert list(postbox) == [sam.email]
    assert Delivery.get(Delivery.person == ada.id).reason == "They do not see it any more." and made.id


def test_a_disabled_person_gets_nothing(sign_in, report, sam, ada, postbox):
    subscribed(sign_in(sam), report, [sam, ada])
    ada.disabled_at = clock.now()
    ada.save()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    assert list(postbox) == [sam.email]


def test_a_report_that_cannot_be_answered_is_in_the_log_and_stops_nothing(sign_in, make, report, sam, postbox):
    made = subscribed(sign_in(sam), report, [sam])
    Report.update(content={"parts": [{"question": {"object": "deal", "fields": ["gone"]}}]}).where(Report.id == report.id).execute()
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    assert not postbox and "gone" in Delivery.get(Delivery.subscription == made.id).reason
    assert Subscription.get_by_id(made.id).stopped_at is None


def test_a_dashboard_is_sent_too(sign_in, make, report, sam, ada, postbox):
    board = make.dashboard("Monday", sharing="partners", owner=sam)
    Tile.create(dashboard=board, kind="report", report=report, look={"show": "chart"}, width=6)
    Tile.create(dashboard=board, kind="report", report=report, look={"show": "table"}, width=6, title="As a table")
    Tile.create(dashboard=board, kind="text", text="*Well done*", width=12)
    client = sign_in(sam)
    for form in ("inline", "files"):
        answer = client.post(f"/subscriptions/new?what=dashboard:{board.id}", data=WEEKLY | {"people": [str(ada.id)], "form": form})
        assert answer.status_code == 303
    with time_machine.travel(clock.now() + timedelta(days=8)):
        work()
    inline, files = sorted(postbox[ada.email], key=lambda each: "PDF" in html_of(each))
    assert "As a table" in html_of(inline) and "$150.00" in html_of(inline) and "Globex" not in html_of(inline) and "<em>Well done</em>" in html_of(inline)
    assert "<chart-1>" in parts(inline) and [name for name in parts(files) if name.endswith(".pdf")]


def test_changing_it_changes_who_and_when(sign_in, report, sam, mia, ada, postbox):
    client = sign_in(sam)
    made = subscribed(client, report, [sam, ada])
    with time_machine.travel(datetime(2026, 11, 25, 10, tzinfo=UTC), tick=False) as travel:
        answer = client.post(f"/subscriptions/{made.id}/edit", data=WEEKLY | {"every": "month", "day": "28", "hour": "17", "people": [str(sam.id), str(mia.id)]})
        assert answer.status_code == 303
        travel.move_to(datetime(2026, 11, 28, 17, tzinfo=UTC))
        work()
    assert sorted(postbox) == sorted([sam.email, mia.email])
    assert sign_in(mia).get(f"/subscriptions/{made.id}/edit").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "Mars/Olympus"}, "no time zone"), ({"people": []}, "at least one person"), ({"every": "month", "day": "31"}, "from 1 to 28"),
        ({"key": "won", "value": "many"}, "needs a number"), ({"key": "won", "value": "NaN"}, "needs a number"), ({"key": "won", "value": "1e400"}, "needs a number"),
        ({"key": "stage", "value": "1"}, "Not a valid choice"), ({"every": "hour"}, "Not a valid choice"), ({"hour": "24"}, "Not a valid choice"), ({"people": ["99"]}, "not a valid choice"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_reason_and_changes_nothing(sign_in, report, sam, wrong, said):
    answer = sign_in(sam).post(f"/subscriptions/new?what=report:{report.id}", data=WEEKLY | {"people": [str(sam.id)]} | wrong)
    assert answer.status_code == 422 and said.lower() in answer.text.lower()
    assert not Subscription.select().exists() and not Job.select().exists()


def test_whoever_gets_it_may_leave_in_the_portal_and_come_back(sign_in, report, sam, mia):
    made = subscribed(sign_in(sam), report, [sam, mia])
    client = sign_in(mia)
    assert "Unsubscribe" in client.get(f"/subscriptions/{made.id}").text
    assert client.post(f"/subscriptions/{made.id}/leave").status_code == 303
    assert "Send it to me again" in client.get(f"/subscriptions/{made.id}").text and not services.gets(mia, made)
    assert client.post(f"/subscriptions/{made.id}/rejoin").status_code == 303 and services.gets(mia, made)


def test_whoever_never_got_it_cannot_let_themselves_in(sign_in, report, sam, mia, ada):
    made = subscribed(sign_in(sam), report, [sam])
    for person in (mia, ada):
        client = sign_in(person)
        assert [client.post(f"/subscriptions/{made.id}/{verb}").status_code for verb in ("rejoin", "leave", "stop", "start", "now")] == [404] * 5
    with pytest.raises(Missing):
        services.by_key("")
