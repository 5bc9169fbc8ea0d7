"""Building: each change is one step, stored at once, undone at once; what people answer changes only when it is published."""
import pytest

from prm.models import Activity, Survey
from prm.surveys.content import Content
from prm.surveys.ready import ready
from tests.surveys.conftest import fill

HTMX = {"HX-Request": "true"}


@pytest.fixture
def build(sign_in, sam, make_survey):
    """`build(do=…, at=…, …)` takes one step as the screen does; `.survey()` is what is stored."""
    survey, client = make_survey(), sign_in(sam)

    def step(at="nps", **values):
        return client.post(f"/surveys/{survey.id}/build", data={"at": at, "lang": "en", **values}, headers=HTMX)

    step.client, step.id = client, survey.id
    step.content = lambda: Content.parse(Survey.get_by_id(survey.id).content)
    return step


def question(**changes):
    return {"code": "nps", "kind": "nps", "text": "Would you recommend us?", "help": "", "required": "y", "low": "", "high": "", "least": "", "most": ""} | changes


def codes(build):
    return [[q.code for q in page.questions] for page in build.content().pages]


def test_a_question_is_changed_where_it_stands_and_the_preview_follows(build):
    page = build(**question(text="Tell your friends?", help="0 to 10", low="No", high="Yes"))
    asked = build.content().question("nps")
    assert (asked.text["en"], asked.help["en"], asked.low["en"], asked.required) == ("Tell your friends?", "0 to 10", "No", True)
    assert page.status_code == 200 and page.text.count("Tell your friends?") >= 3 and '<hx-partial hx-target="#preview"' in page.text


def test_every_kind_can_be_added_and_is_whole(build):
    from prm.models.survey import QUESTION_KINDS
    from prm.surveys.checking import problems

    for kind in QUESTION_KINDS:
        assert build(do=f"add:{kind}").status_code == 200
    assert {q.kind for q in build.content().questions} == set(QUESTION_KINDS) and problems(build.content()) == []
    assert build.client.get(f"/surveys/{build.id}/try").status_code == 200


def test_questions_are_moved_copied_and_taken_away_and_each_step_is_undone(build):
    build(do="down:nps")
    assert codes(build)[0] == ["worst", "nps"]
    build(do="down:nps")
    assert codes(build)[:2] == [["worst"], ["nps", "region", "like"]]
    build(do="copy:region")
    assert codes(build)[1] == ["nps", "region", "region2", "like"]
    build(do="drop:like")
    assert "like" not in codes(build)[1]
    build(do="undo")
    assert "like" in codes(build)[1]
    order = [f"{page.key}/{q.code}" for page in build.content().pages for q in reversed(page.questions)]
    build(default="arrange", order=order)
    assert codes(build)[1] == ["like", "region2", "region", "nps"]
    assert build(default="arrange", order=order[1:]).status_code == 409
    assert Activity.select().where(Activity.verb == "survey.edited").count() == 6


def test_choices_are_words_in_their_order_and_keep_their_codes(build):
    facts = question(code="region", kind="choice", text="Where?") | {"choice.code": ["s", "n", ""], "choice.text": ["South", "North", "West"], "choice.more": "East\n\nOverseas"}
    build(at="region", **facts)
    assert [(c.code, c.text["en"]) for c in build.content().question("region").choices] == [("s", "South"), ("n", "North"), ("c1", "West"), ("c2", "East"), ("c3", "Overseas")]
    build(at="region", **facts | {"choice.more": "", "clear": "choice.0", "lift": ""})
    assert [c.code for c in build.content().question("region").choices] == ["n", "c4"]
    build(at="region", **question(code="region", kind="choice", text="Where?") | {"choice.code": ["n", "c4"], "choice.text": ["North", "West"], "lift": "choice.1"})
    assert [c.code for c in build.content().question("region").choices] == ["c4", "n"]


def test_a_rule_is_built_line_by_line_and_says_itself(build):
    build(at="why", **question(code="why", kind="long_text", text="Why?") | {"show_if.0.question": "region", "show_if.0.op": "is", "show_if.0.value": ["n"], "show_if.1.question": "like/r1", "show_if.1.op": "answered", "show_if.any": "any"})
    rule = build.content().question("why").show_if
    assert rule.any and [(t.question, t.row, t.op, t.values) for t in rule.tests] == [("region", "", "is", ("n",)), ("like", "r1", "answered", ())]
    page = build.client.get(f"/surveys/{build.id}/build?at=why").text
    assert "Shown only if “Where are you?” is North or “How do you like – prices” was answered." in page
    build(at="why", **question(code="why", kind="long_text", text="Why?") | {"show_if.0.question": "region", "show_if.0.op": "is", "show_if.0.value": "n", "drop-test": "show_if.0"})
    assert not build.content().question("why").show_if


def test_a_page_has_words_a_rule_and_skips_that_only_lead_forwards(build):
    facts = {"title": "First", "text": "Words", "skip.0.to": "p3", "skip.0.when.0.question": "nps", "skip.0.when.0.op": "above", "skip.0.when.0.value": "8"}
    build(at="page:p1", **facts)
    page = build.content().page("p1")
    assert (page.title["en"], page.skips[0].to, page.skips[0].when.tests[0].op) == ("First", "p3", "above")
    assert build(at="page:p3", **{"skip.0.to": "p1"}).status_code == 422
    build(do="add-page")
    assert [p.key for p in build.content().pages] == ["p1", "p2", "p3", "p4"]
    build(do="page-up:p4")
    build(do="drop-page:p2")
    assert [p.key for p in build.content().pages] == ["p1", "p4", "p3"]


def test_it_is_written_in_several_languages(build):
    build(at="survey", do="add-language", language="de")
    build.client.post(f"/surveys/{build.id}/build", data={"at": "nps", **question(text="Empfehlen Sie uns?"), "lang": "de"}, headers=HTMX)
    assert build.content().question("nps").text == {"en": "Would you recommend us?", "de": "Empfehlen Sie uns?"}
    assert build(at="survey", do="add-language", language="<b>").status_code == 422
    build(at="survey", do="drop-language:de")
    assert build.content().languages == ("en",)


@pytest.mark.parametrize(("changes", "said"), [
    ({"code": "1x"}, "A code is a letter"), ({"code": "why"}, "Another question has this code"), ({"kind": "zz"}, "no kind of question"),
    ({"kind": "scale", "least": "9", "most": "1"}, "highest must be above"), ({"kind": "slider", "least": "x"}, "whole number"),
    ({"kind": "scale", "least": "0", "most": "90"}, "more than 20 steps"),
])  # fmt: skip
def test_what_cannot_be_is_said_and_changes_nothing(build, changes, said):
    if changes.get("kind") in ("scale", "slider"):
        build(**question(kind=changes["kind"]))
    before = build.content()
    page = build(**question(**changes))
    assert page.status_code == 422 and said in page.text and build.content() == before


def test_a_new_code_goes_into_the_rules_as_well(build):
    build(**question(code="recommend"))
    assert build.content().question("worst").show_if.tests[0].question == "recommend"


def test_without_a_script_each_step_leads_back_to_the_page(build):
    answer = build.client.post(f"/surveys/{build.id}/build", data={"at": "nps", "lang": "en", "do": "add:stars"})
    assert answer.status_code == 303 and "at=q1" in answer.location
    assert "Name of the lowest" in build.client.get(answer.location).text


def test_what_people_answer_changes_when_it_is_published(build, client, ask, contacts, sam):
    key = ask(Survey.get_by_id(build.id), contacts[0])[0]
    build(**question(text="New words?"))
    assert "New words?" not in client.get(f"/s/{key}").text
    assert "is not in it yet" in build.client.get(f"/surveys/{build.id}").text
    build.client.post(f"/surveys/{build.id}/publish")
    assert "New words?" in client.get(f"/s/{key}").text and Survey.get_by_id(build.id).version == 2
    assert fill(client, key).status_code == 303


def test_a_survey_begins_ready_made_or_empty_and_can_be_copied_and_deleted_with_undo(sign_in, sam, mia, make_survey):
    client = sign_in(mia)
    assert client.get("/surveys/new").text.count('class="card') >= len(ready())
    made = client.post("/surveys/new", data={"from": "pulse", "title": ""})
    survey = Survey.get()
    assert made.location.endswith(f"/surveys/{survey.id}/build") and survey.title == "Quarterly pulse" and survey.owner == mia
    assert client.post("/surveys/new", data={"title": " "}).status_code == 422
    client.post(f"/surveys/{survey.id}/copy")
    assert Survey.get(Survey.id != survey.id).title == "Copy of Quarterly pulse"
    client.post(f"/surveys/{survey.id}/delete")
    assert client.get(f"/surveys/{survey.id}").status_code == 404
    client.post(f"/surveys/{survey.id}/restore")
    assert client.get(f"/surveys/{survey.id}").status_code == 200
    other = make_survey()
    assert client.post(f"/surveys/{other.id}/delete").status_code == 403


def test_who_may_not_build_sees_no_door_to_it(sign_in, ann, ada, make_survey):
    survey = make_survey()
    for person in (ann, ada):
        client = sign_in(person)
        for path in ("build", "send", "settings", "try", "load"):
            assert client.get(f"/surveys/{survey.id}/{path}").status_code == 403, path
    assert "/build" not in sign_in(ann).get(f"/surveys/{survey.id}").text
    assert sign_in(ada).get(f"/surveys/{survey.id}").status_code == 403
