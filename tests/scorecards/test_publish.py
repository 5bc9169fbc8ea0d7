"""Publishing: once, for good, seen by the partner at once."""
import threading

import pytest

from prm.cards.showing import card_of
from prm.core import clock, files
from prm.core.db import db
from prm.core.alone import alone
from prm.core.errors import Busy, Conflict
from prm.core.jobs import Job, run_once
from prm.models.kpi import COMPUTING
from prm.models import Activity, Deal, Kpi, KpiResult, Organisation, Scorecard, Stale
from prm.scorecards import services
from tests.scorecards.conftest import text_of

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


def _everything_changes(acme):
    Kpi.update(name=Kpi.name.concat(" renamed"), description="Other").execute()
    KpiResult.update(value=1, attainment=0, status="bad").execute()
    Deal.update(title="Renamed deal", amount=1).execute()
    Organisation.update(name="Other Ltd", brand="#00aa00", locale="de", currency="EUR").execute()
    acme.name = "Acme renamed"
    acme.save()


def test_frozen_means_frozen(database, published, acme, sam, ada):
    before = card_of(ada, published)
    _everything_changes(acme)
    again = Scorecard.get_by_id(published.id)
    assert card_of(ada, again) == card_of(sam, again) == before
    assert (before["partner"]["name"], before["org"]["name"], before["kpis"][0]["name"]) == ("Acme", "Kestrel", "Revenue")


def test_page_and_pdf_of_a_published_one_never_change(sign_in, published, acme, ada):
    client, page = sign_in(ada), f"/scorecards/{published.id}"
    before = client.get(page).text.partition("<main")[2]
    pdf = client.get(f"{page}/scorecard.pdf").data
    assert "draft" not in text_of(pdf)
    letter = text_of(client.get(f"{page}/scorecard.pdf?paper=letter").data)
    _everything_changes(acme)
    assert client.get(page).text.partition("<main")[2] == before
    assert client.get(f"{page}/scorecard.pdf").data == pdf
    assert text_of(client.get(f"{page}/scorecard.pdf?paper=letter").data) == letter


def test_a_deal_that_goes_stays_on_it_for_the_executive(published, ada, max_of_acme):
    Deal.delete().execute()
    assert [d["title"] for d in card_of(ada, published)["deals"]] == ["Forty bikes", "Ten bikes"]
    assert card_of(max_of_acme, published)["deals"] == []


def test_it_says_who_and_when_and_the_partner_finds_it_in_the_activity(sign_in, published, sam, ada):
    assert (published.publisher, published.state) == (sam, "published")
    row = Activity.get(Activity.verb == "scorecard.published")
    assert row.shared and row.partner_id == published.partner_id and row.facts["title"] == "Q3 2026"
    assert "Sam Ortega" in sign_in(sam).get(f"/scorecards/{published.id}").text
    assert "published scorecard" in sign_in(ada).get(f"/partners/{published.partner_id}?tab=activity").text


def test_a_second_publisher_is_told_that_it_is_done(published, quarter, sam):
    with pytest.raises(Conflict, match="published in the meantime"):
        services.publish(sam, quarter)
    with pytest.raises(Conflict, match="published in the meantime"):
        services.write_note(sam, quarter, "late")
    assert Activity.select().where(Activity.verb == "scorecard.published").count() == 1


def test_what_changed_since_it_was_seen_is_looked_at_first(sign_in, quarter, sam):
    services.write_note(sam, quarter, "New words")
    answer = sign_in(sam).post(f"/scorecards/{quarter.id}/publish", data={"version": "1"})
    assert answer.status_code == 409 and "look at it first" in answer.text
    assert Scorecard.get_by_id(quarter.id).state == "draft"
    assert not Activity.select().where(Activity.verb == "scorecard.published").exists()


def test_of_two_who_publish_at_once_one_does(database, quarter, sam):
    outcomes = []

    def attempt():
        with db.connection_context():
            try:
                services.publish(sam, quarter)
                outcomes.append("done")
            except Conflict:
                outcomes.append("told")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told", "told", "told"]
    assert Activity.select().where(Activity.verb == "scorecard.published").count() == 1


def test_the_logo_is_kept_once_and_printed_although_it_was_taken_away(quarter, sam):
    Organisation.update(logo=PIXEL).execute()
    published = services.publish(sam, quarter)
    logo = published.frozen["org"]["logo"]
    assert logo.startswith("file:") and files.place(logo.removeprefix("file:")).is_file()
    Organisation.update(logo="").execute()
    assert b"/Image" in services.document(sam, published).content


def test_all_drafts_of_a_period_are_published_by_a_job(sign_in, make, globex, quarter, mia, sam):
    foreign = make.scorecard(globex)
    answer = sign_in(mia).post("/scorecards/publish", data={"period": "2026-Q3"})
    assert answer.status_code == 303
    assert "Publishing of Q3 2026" in sign_in(mia).get(answer.location).text
    while run_once():
        pass
    states = {s.id: s.state for s in Scorecard.select()}
    assert states[quarter.id] == "published" and states[foreign.id] == "draft"  # Mia manages Acme alone
    assert Scorecard.get(Scorecard.period == "2026-Q2").state == "draft"
    assert sign_in(mia).get(answer.location).status_code == 303  # back to the list
    assert Scorecard.get_by_id(quarter.id).pdf, "the PDF was made by the job after it"
    empty = sign_in(mia).post("/scorecards/publish", data={"period": "2026-Q3"})
    assert "no draft left" in empty.text


def test_publishing_a_period_twice_publishes_nothing_twice(quarter, sam):
    assert services.publish_all(sam, "2026-Q3") == 1
    assert services.publish_all(sam, "2026-Q3") == 0
    assert Job.select().where(Job.kind == "scorecards.print").count() == 1


def test_figures_that_are_being_worked_out_are_not_frozen(sign_in, quarter, sam):
    scorecard = Scorecard.select().order_by(Scorecard.id).get()
    mark = Stale.create(partner=scorecard.partner_id)
    answer = sign_in(sam).post(f"/scorecards/{scorecard.id}/publish", data={"version": scorecard.version})
    assert answer.status_code == 503 and "being worked out" in answer.text
    mark.delete_instance()
    running = Job.create(kind="kpis.compute", started_at=clock.now(), attempts=1)
    with pytest.raises(Busy):
        services.publish(sam, scorecard)
    running.delete_instance()
    with alone(COMPUTING), pytest.raises(Busy):  # the command computes
        services.publish(sam, scorecard)
    services.publish(sam, scorecard)
    assert Scorecard.get_by_id(scorecard.id).state == "published"
