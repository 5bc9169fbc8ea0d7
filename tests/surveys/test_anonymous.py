"""An anonymous survey: nothing that is stored joins an answer to a person, and nothing is shown of fewer than five."""
import sqlite3
from pathlib import Path

import pytest

from prm.core import clock
from prm.core.db import db
from prm.core.jobs import Job
from prm.models import Activity, Answer, Ballot, Invitation, Response, Survey, Wave
from prm.models.survey import ENOUGH
from prm.surveys import counting, services
from prm.surveys.counting import Narrow
from tests.surveys.conftest import fill, work

WORDS = [f"secret-{at}" for at in range(7)]


@pytest.fixture
def answered(client, make_survey, ask, contacts):
    """`answered(n)`: the first n of seven have answered, each with words of their own."""
    survey = make_survey(anonymous=True)
    keys = ask(survey, *contacts)

    def take(count, start=0):
        for at in range(start, count):
            assert fill(client, keys[at], nps=str(at + 3) if at < 7 else "9", worst="w", why=WORDS[at], region="ns"[at % 2]).status_code == 303
            work()
        return Survey.get_by_id(survey.id)

    return take


def test_an_answer_waits_in_the_box_until_five_are_there(database, answered):
    answered(4)
    assert Ballot.select().count() == 4 and Response.select().count() == 0
    answered(5, 4)
    assert Job.get(Job.kind == "surveys.scrub").done_at is not None
    assert Ballot.select().count() == 0 and Response.select().count() == ENOUGH
    assert Invitation.select().where(Invitation.answered == True).count() == 5  # noqa: E712


def whole(cursor) -> list[dict]:
    return [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor.fetchall()]


def test_no_table_has_anything_that_joins_an_answer_to_a_person(answered, sam):
    """All that the database has, read without our code: rows of answers, and rows of whoever was asked, share nothing."""
    survey = answered(7)
    services.close(sam, survey)
    connection = db.connection()
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {table: whole(connection.execute(f'SELECT * FROM "{table}"')) for table in tables}  # noqa: S608
    told = {table for table in tables if any(word in str(row) for row in rows[table] for word in WORDS)}
    assert told == {"answer"}
    for row in rows["response"] + rows["answer"]:
        assert (row.get("contact_id"), row.get("partner_id"), row.get("invitation_id"), row.get("submitted_at")) == (None,) * 4 and row["sealed"] == 1
        assert row["day"] == str(Wave.get().sent_at.date())
    for row in rows["invitation"]:
        assert (row["opened_at"], row["started_at"], row["answered_at"], row["draft"]) == (None,) * 4
    assert not Activity.select().where(Activity.verb.contains("answered")).exists()


def test_the_order_of_the_answers_is_not_that_of_whoever_answered(client, make_survey, ask, make, acme):
    people = [make.contact(f"Person {at}", partner=acme, email=f"p{at}@example.com") for at in range(30)]
    for key, at in zip(ask(make_survey(anonymous=True), *people), range(30), strict=True):
        fill(client, key, why=f"{at:02d}")
    stored = [row.text for row in Answer.select().where(Answer.text != "").order_by(Answer.id) if row.text.isdigit() and len(row.text) == 2 and row.choice == ""]
    assert sorted(stored) == [f"{at:02d}" for at in range(30)] and stored != sorted(stored)


def test_the_files_do_not_tell_either_once_it_is_mixed(answered):
    """The words of a ballot stand once in the file and its log: as the answer, and in no row that was deleted."""
    answered(5)
    path = Path(db.database)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = path.read_bytes() + b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}-wal"))
    assert all(raw.count(word.encode()) == 1 for word in WORDS[:5])


def test_nothing_is_shown_of_fewer_than_five(answered, sign_in, sam):
    survey = answered(4)
    client = sign_in(sam)
    page = client.get(f"/surveys/{survey.id}/results").text
    assert "Not enough answers to show" in page and "secret" not in page and "NPS" not in page
    assert client.get(f"/surveys/{survey.id}/results/csv").status_code == 422
    services.close(sam, survey)
    assert Response.select().count() == 4 and "Not enough answers to show" in client.get(f"/surveys/{survey.id}/results").text
    assert "secret" not in client.get(f"/surveys/{survey.id}/comments").text


def test_nor_where_a_filter_leaves_fewer_than_five_in_or_out(database, answered, sam):
    survey = answered(7)
    services.close(sam, survey)
    assert not counting.results(sam, survey).hidden
    for choice in "ns":  # four and three of seven
        assert counting.results(sam, survey, Narrow(chosen=("region", choice))).hidden


def test_no_single_answer_can_be_opened_nor_loaded_down(answered, sign_in, sam):
    survey = answered(5)
    client, question = sign_in(sam), Answer.get().question_id
    assert client.get(f"/surveys/{survey.id}/answers?q={question}").status_code == 404
    assert client.get(f"/surveys/{survey.id}/responses/{Response.get().id}").status_code == 404
    assert client.get(f"/surveys/{survey.id}/results/answers_csv").status_code == 404
    assert client.get(f"/surveys/{survey.id}/results/csv").status_code == 200


def test_it_is_no_row_of_any_report(answered, sam):
    from prm.catalogue.answer import answer
    from prm.catalogue.question import Question

    answered(5)
    assert answer(Question.parse({"object": "survey_answer"}), sam).count == 0


def test_a_second_answer_by_the_same_link_is_refused(answered, client, contacts):
    from prm.surveys import sending

    answered(1)
    again = fill(client, sending.key_of(Wave.get(), contacts[0].id), nps="9", why="again")
    assert again.status_code == 409 and Ballot.select().count() == 1


def test_the_form_says_what_is_stored(client, make_survey, ask, contacts):
    key = ask(make_survey(anonymous=True), contacts[0])[0]
    page = client.get(f"/s/{key}").text
    assert "without your name, address or the time" in page and "Ada" not in page


def test_the_promise_cannot_be_taken_back(answered, sign_in, sam):
    survey = answered(1)
    page = sign_in(sam).post(f"/surveys/{survey.id}/settings", data={"again": "last", "rest_days": "30"})
    assert page.status_code == 422 and "was promised" in page.text and Survey.get().anonymous


def test_the_wave_says_who_has_answered_so_that_only_the_others_are_reminded(answered, sam):
    from datetime import timedelta

    from prm.surveys import sending

    answered(3)
    assert len(sending.waiting(Wave.get(), clock.now() + timedelta(days=9), times=1)) == 4
