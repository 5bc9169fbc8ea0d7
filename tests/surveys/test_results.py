"""What was found: figures worked out by hand, the answers behind each, side by side, comments with tags, files, and KPIs."""
import csv
import io

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from prm.catalogue.answer import answer
from prm.catalogue.question import Question
from prm.models import Answer, KpiResult, Role, Survey, SurveyQuestion
from prm.surveys import counting, reading, services
from prm.surveys.counting import Narrow
from tests.surveys.conftest import fill, work

SCORES = ("10", "9", "8", "6", "0")  # 2 promoters, 1 passive, 2 detractors: NPS 0
REGIONS = ("n", "n", "s", "n", "s")


@pytest.fixture
def survey(database, client, make_survey, ask, contacts, acme, globex, make):
    """Answered by two of Acme (Gold) and three of Globex (Silver)."""
    acme.tier, globex.tier = make.tier("Gold"), make.tier("Silver")
    acme.save(), globex.save()
    made = make_survey()
    keys = ask(made, *contacts[:6], label="Spring")
    for key, score, region, at in zip(keys, SCORES, REGIONS, range(5), strict=False):
        fill(client, key, nps=score, region=region, why=f"Reason {at}", worst="Slow", r1="ab"[at % 2])
    return Survey.get_by_id(made.id)


def figures(viewer, survey, narrow=Narrow()):  # noqa: B008
    return {each.key: each for each in counting.each_of(counting.results(viewer, survey, narrow).questions)}


def test_each_question_comes_to_what_was_answered(survey, sam):
    found = figures(sam, survey)
    nps = found["nps"]
    assert (nps.n, nps.promoters, nps.passives, nps.detractors, nps.nps, float(nps.mean)) == (5, 2, 1, 2, 0.0, 6.6)
    assert [(bar.label, bar.count) for bar in found["region"].bars] == [("North", 3), ("South", 2)]
    assert [(bar.label, bar.count, bar.share) for bar in found["like[r1]"].bars] == [("Bad", 3, 0.6), ("Good", 2, 0.4)]
    assert float(found["like[r1]"].mean) == 1.4 and found["like[r2]"].mean == 2 and found["worst"].n == 2


def test_a_manager_counts_the_answers_of_her_own_partners_only(survey, mia):
    assert figures(mia, survey)["nps"].n == 2 and counting.results(mia, survey).responses == 2


def test_it_can_be_narrowed_and_set_side_by_side(survey, sam, acme):
    assert figures(sam, survey, Narrow(tier=acme.tier_id))["nps"].nps == 100
    assert figures(sam, survey, Narrow(chosen=("region", "s")))["nps"].nps == -50
    groups, compared = counting.compare(sam, survey, "tier")
    scores = {each.figures.key: each.scores for each in compared}
    assert [label for _, label in groups] == ["Gold", "Silver"]
    assert [scores["nps"][key] for key, _ in groups] == [(100.0, 2), (pytest.approx(-66.667, abs=0.01), 3)]
    assert [label for _, label in counting.compare(sam, survey, "wave")[0]] == ["Spring"]


def test_response_rates_keep_partners_of_one_name_apart_and_say_what_is_cut(survey, ask, sam, make, sign_in):
    told = reading.rates(sam, survey)
    assert [(name, far.answered, far.asked) for name, far in told["tier"].rows] == [("Gold", 2, 2), ("Silver", 3, 4)]
    twins = [make.partner("Twin", number=f"T{at:02d}") for at in range(21)]
    ask(survey, *(make.contact(f"T{at}", partner=twin, email=f"t{at}@example.com") for at, twin in enumerate(twins)))
    told = reading.rates(sam, survey)["partner"]
    assert (len(told.rows), told.count) == (20, 23)
    assert [(name, far.asked) for name, far in told.rows[:3]] == [("Globex", 4), ("Acme", 2), ("Twin", 1)]
    assert "Showing 20 of 23" in sign_in(sam).get(f"/surveys/{survey.id}/results").text


def test_every_figure_on_the_page_opens_the_answers_behind_it(survey, sam, sign_in):
    client, question = sign_in(sam), SurveyQuestion.get(SurveyQuestion.code == "region")
    page = client.get(f"/surveys/{survey.id}/results").text
    assert f"q={question.id}&amp;choice=n" in page and "Promoters (9–10): 2" in page
    behind = client.get(f"/surveys/{survey.id}/answers?q={question.id}&choice=n").text
    assert "3 answers" in behind and "Ada Smith" in behind and "Grace Smith" not in behind
    nps = SurveyQuestion.get(SurveyQuestion.code == "nps")
    assert "1 answer<" in client.get(f"/surveys/{survey.id}/answers?q={nps.id}&points=10").text.replace("</p>", "<")
    assert client.get(f"/surveys/{survey.id}/answers?q=999999").status_code == 404


def test_comments_are_searched_and_tagged(survey, sam, ann, sign_in):
    client = sign_in(sam)
    page = client.get(f"/surveys/{survey.id}/comments?search=reason 3").text
    assert "Reason 3" in page and "Reason 2" not in page and "1 comment<" in page
    found = Answer.get(Answer.text == "Reason 3")
    client.post(f"/surveys/{survey.id}/comments/{found.id}/tags", data={"tags": "Price, price ,  Speed of quotes"})
    assert Answer.get_by_id(found.id).tags == ["price", "speed of quotes"]
    assert "1 comment<" in client.get(f"/surveys/{survey.id}/comments?tag=price").text
    assert client.post(f"/surveys/{survey.id}/comments/{found.id}/tags", data={"tags": ",".join("abcdefghijkl")}).status_code == 422
    assert sign_in(ann).post(f"/surveys/{survey.id}/comments/{found.id}/tags", data={"tags": "x"}).status_code == 403


def test_the_files_say_what_the_screen_says(survey, sam, sign_in):
    client = sign_in(sam)
    totals = list(csv.DictReader(io.StringIO(client.get(f"/surveys/{survey.id}/results/csv").get_data().decode("utf-8-sig"))))
    north = next(row for row in totals if row["Code"] == "region" and row["Answer"] == "North")
    assert (north["Count"], north["Share"], north["Answered by"]) == ("3", "0.6", "5")
    each = list(csv.DictReader(io.StringIO(client.get(f"/surveys/{survey.id}/results/answers_csv").get_data().decode("utf-8-sig"))))
    assert len(each) == 5 and sorted(row["nps. Would you recommend us?"] for row in each) == sorted(SCORES)
    assert {row["Contact"]: row["like[r1]. How do you like – prices"] for row in each}["Ada Smith"] == "Bad"
    with client.get(f"/surveys/{survey.id}/results/xlsx") as file:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.get_data()))
    assert ["region", "Where are you?", "North", 3.0, 0.6, 5.0] in [row[:6] for row in book.get_sheet_by_index(0).to_python()]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(client.get(f"/surveys/{survey.id}/results/pdf").data)).pages)
    assert "How are we doing?" in text and "Responses: 5" in text and "North" in text and "60 %" in text


def test_partners_read_the_totals_once_they_are_shared_and_from_five_answers_on(survey, sam, ada, sign_in):
    client = sign_in(ada)
    assert client.get(f"/surveys/{survey.id}/shared").status_code == 404 and client.get(f"/surveys/{survey.id}/results").status_code == 403
    services.share(sam, survey, True)
    page = client.get(f"/surveys/{survey.id}/shared").text
    assert "5 responses" in page and "Promoters (9–10): 2" in page and "Reason" not in page and "Globex" not in page
    assert "How are we doing?" in client.get("/surveys/").text


def test_a_portal_user_finds_the_surveys_that_wait_for_them(make, acme, make_survey, ask, sign_in):
    person = make.person("Ines Lake", role=Role.MEMBER, partner=acme, email="ines@acme.example")
    key = ask(make_survey(), person.contact)[0]
    page = sign_in(person).get("/surveys/").text
    assert f'href="/s/{key}"' in page and "Waiting for you" in page


def test_answers_are_rows_of_reports_with_the_rights_of_whoever_looks(survey, sam, mia):
    asked = {"object": "survey_answer", "filters": [{"field": "question.kind", "op": "is", "value": "nps"}], "rows": [{"field": "partner"}],
             "measures": [{"key": "nps", "fn": "mean", "field": "nps"}, {"key": "n", "fn": "count"}], "sort": [{"key": "n"}]}  # fmt: skip
    found = answer(Question.parse(asked), sam)
    assert [(row.values["partner"], float(row.values["nps"]), row.values["n"]) for row in found.rows] == [("Acme", 100, 2), ("Globex", pytest.approx(-66.67, abs=0.01), 3)]
    assert found.totals["nps"] == 0 and answer(Question.parse(asked), mia).totals["n"] == 2


def test_an_answer_moves_a_kpi(survey, make, acme, client, contacts):
    from prm.core import clock
    from prm.core.periods import period_of
    from prm.kpis import jobs  # noqa: F401

    question = {"object": "survey_answer", "filters": [{"field": "question.kind", "op": "is", "value": "nps"}], "measures": [{"key": "value", "fn": "mean", "field": "nps"}]}
    kpi = make.kpi("NPS", question=question, date_field="day", unit="number", target=50)
    from prm.catalogue.records import touch
    from prm.surveys import sending

    touch({(acme.id, clock.today("UTC"))})
    work()
    period = period_of(clock.today("UTC"), "quarter").key

    def value():
        return KpiResult.get((KpiResult.kpi == kpi) & (KpiResult.partner == acme) & (KpiResult.period == period)).value

    assert value() == 100
    from prm.models import Wave

    key = sending.key_of(Wave.get(), contacts[0].id)
    for page, seen, values in (("p1", "nps,worst", {"q.nps": "0", "q.worst": "All"}), ("p2", "region,like", {}), ("p3", "why", {})):
        client.post(f"/s/{key}", data={"page": page, "seen": seen, "again": "1", "do": "next", **values})
    work()
    assert value() == 0  # one promoter, one detractor


def test_an_empty_one_says_what_to_do(make_survey, sam, ann, sign_in):
    made = make_survey()
    assert "No answers yet" in sign_in(sam).get(f"/surveys/{made.id}/results").text
    assert "Nobody was asked yet" in sign_in(sam).get(f"/surveys/{made.id}").text
    assert "/send" not in sign_in(ann).get(f"/surveys/{made.id}").text
