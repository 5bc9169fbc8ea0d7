"""Surveys in and out of files: our JSON, the structure of a real LimeSurvey and its 253 answers, and the command."""
import io
import json
from pathlib import Path

import pytest

from prm.core.errors import Invalid
from prm.models import Response, Survey, SurveyVersion
from prm.surveys import counting, lime, loading, portable
from prm.surveys.ready import ready
from prm.surveys.content import OTHER
from tests.surveys.conftest import FIVE

DATA = Path(__file__).parents[3] / "shared" / "data" / "surveys"
REAL = pytest.mark.skipif(not DATA.exists(), reason="the real survey lies beside the checkout")


def structure(questions, *, answers="", subquestions="", conditions="", groups="<row><gid>1</gid><group_name>One</group_name><group_order>0</group_order><language>en</language></row>"):
    parts = {"questions": questions, "answers": answers, "subquestions": subquestions, "conditions": conditions, "groups": groups}
    tables = "".join(f"<{name}><rows>{rows}</rows></{name}>" for name, rows in parts.items())
    title = "<surveys_languagesettings><rows><row><surveyls_language>en</surveyls_language><surveyls_title>Small</surveyls_title></row></rows></surveys_languagesettings>"
    return f"<document><LimeSurveyDocType>Survey</LimeSurveyDocType><languages><language>en</language></languages>{tables}{title}</document>".encode()


def row(qid, type, title, *, mandatory="N", order=0):
    return f"<row><qid>{qid}</qid><gid>1</gid><type>{type}</type><title>{title}</title><question>{title}?</question><mandatory>{mandatory}</mandatory><other>N</other><question_order>{order}</question_order><language>en</language></row>"


@REAL
def test_a_real_survey_is_taken_over_and_its_answers_come_to_the_truth(sam, make):
    content, anonymous, notes = portable.read("uk.lss", (DATA / "uk_core_survey.lss").read_bytes())
    assert (len(content.pages), anonymous, notes) == (6, True, []) and content.say(content.title) == "UK-RSE Survey"
    asked = {question.code: question for question in content.questions}
    assert len({code.split("[")[0] for code in asked}) == 59
    assert [test.values for test in asked["edu2"].show_if.tests] == [("3", "4", "5", "7")] and asked["ukrs3"].show_if.tests[0].values == (OTHER,)
    from prm.surveys.services import make as make_survey

    survey = make_survey(sam, content, anonymous=anonymous)
    loaded = loading.load(sam, survey, "responses.csv", (DATA / "responses_2017_uk.csv").read_bytes())
    assert loaded.responses == Response.select().count() == 253
    added_later = {"paper5", "train1", "train2", "train3", "fund1", "fund2", "fund3", "fund4", "satisGen1"}
    assert added_later <= {heading.split(".")[0].split("[")[0] for heading in loaded.left}
    truth = json.loads((DATA / "truth.json").read_text())["2017_uk"]
    found = counting.machine(counting.results(sam, Survey.get_by_id(survey.id)))
    assert found["responses"] == truth["responses"]
    compared = 0
    for key, expected in truth["satisfaction"].items():
        if key.split("[")[0] not in added_later:
            figures = found["questions"][key]
            assert (figures["n"], figures["counts"], f"{figures['mean']:.4f}") == (expected["n"], expected["counts"], expected["mean_1_to_5"]), key
            compared += 1
    assert compared == 7
    assert any(meant == "Neitheir agree or disagree" for _, _, meant in loaded.meant)


def test_every_kind_of_a_lime_survey_has_its_kind_here_or_is_named(sam):
    types = "L!OMPFHABCEYGSTUNDRX5KQ"
    parts = "".join(f"<row><qid>9{at}</qid><parent_qid>{at}</parent_qid><title>SQ1</title><question>part</question><question_order>1</question_order><language>en</language></row>" for at in range(1, 40))
    rows = "".join(row(at, type, f"q{at}", order=at) for at, type in enumerate(types, 1)) + "".join(row(30 + at, type, f"lost{at}", order=90) for at, type in enumerate("1;:I*|Ω", 1))
    content, _, notes = lime.read(structure(rows, subquestions=parts))
    assert [q.kind for q in content.questions] == [lime.DIRECT[type] for type in types]
    assert [q.code for q in content.questions][-2:] == ["q22[SQ1]", "q23[SQ1]"]
    assert len([note for note in notes if "no such kind" in note]) == 7 and any("comment" in note for note in notes)


def test_conditions_become_rules_and_what_cannot_be_one_is_told():
    condition = "<row><qid>2</qid><cqid>{}</cqid><cfieldname>1X1X1</cfieldname><method>{}</method><value>{}</value></row>"
    rows = row(1, "Y", "first") + row(2, "S", "second", order=1) + row(3, "S", "third", order=2)
    content, _, notes = lime.read(structure(rows, conditions=condition.format(1, "==", "Y") + condition.format(3, "==", "x") + condition.format(1, "RX", "x")))
    assert [(t.question, t.op, t.values) for t in content.question("second").show_if.tests] == [("first", "is", ("yes",))]
    assert len(notes) == 2


@pytest.mark.parametrize("data", [
    b"", b"<", b"<document/>", b"\xff\xfe", b"[1]", b'{"format": "other"}', b'{"format": "alongside-survey-1", "survey": {"title": 5}}',
    b'<!DOCTYPE x [<!ENTITY a "b">]><document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>', b"[" * 100_000, b"PK\x03\x04",
])  # fmt: skip
def test_a_file_that_is_none_is_refused_in_words(data, sam, sign_in):
    with pytest.raises(Invalid) as refusal:
        portable.read("x", data)
    assert refusal.value.field == "file" and len(refusal.value.message) > 15
    page = sign_in(sam).post("/surveys/import", data={"file": (io.BytesIO(data), "x.json")}, content_type="multipart/form-data")
    assert page.status_code == 422 and Survey.select().count() == 0


def test_a_survey_comes_back_out_of_its_own_file(make_survey, sam, sign_in):
    survey, client = make_survey(ready()[0].content.to_json(), anonymous=True), sign_in(sam)
    saved = client.get(f"/surveys/{survey.id}/survey.json").data
    client.post("/surveys/import", data={"file": (io.BytesIO(saved), "s.json")}, content_type="multipart/form-data")
    copy = Survey.get(Survey.id != survey.id)
    assert copy.content == survey.content and copy.anonymous


def test_what_an_imported_survey_says_is_text_and_nothing_more(sam, sign_in):
    data = structure(row(1, "1", "x&lt;img src=x onerror=alert(1)&gt;") + row(2, "S", "ok"))
    page = sign_in(sam).post("/surveys/import", data={"file": (io.BytesIO(data), "s.lss")}, content_type="multipart/form-data")
    assert page.status_code == 200 and "<img" not in page.text and "left out" in page.text


@pytest.mark.parametrize(("text", "said"), [
    ("", "no answers"), ("a,b\n", "no answers"), ("zz. What?\n1\n", "No column"), ("\x00\n\x00", "no answers"),
])  # fmt: skip
def test_answers_that_cannot_be_loaded_change_nothing(text, said, make_survey, sam):
    survey = make_survey()
    with pytest.raises(Invalid, match=said):
        loading.load(sam, survey, "x.csv", text.encode())
    assert Response.select().count() == 0


def test_cells_are_read_by_words_code_or_almost_the_words_and_the_rest_is_kept_and_told(make_survey, sam):
    survey = make_survey(FIVE)
    text = 'no,nps. How?,"region. Where?",like[r1]. x,like[zz]. y,why. Why?\n1,9,North,Good,Good,fine\n2,7.0,s,Goood!,,\n3,eleven,North-ish,Bad,,"a, b"\n4,,,,,\n'
    loaded = loading.load(sam, survey, "x.csv", text.encode())
    found = counting.machine(counting.results(sam, Survey.get_by_id(survey.id)))["questions"]
    assert (loaded.responses, loaded.left) == (4, ["no", "like[zz]. y"])
    assert found["nps"]["n"] == 3 and found["nps"]["mean"] == 8 and loaded.kept["nps", "eleven"] == 1
    assert {label: n for label, n in found["region"]["counts"].items() if n} == {"North": 1, "s": 1, "Another answer": 1} and found["region"]["n"] == 3
    assert SurveyVersion.select().count() == 1


@REAL
def test_the_command_takes_in_loads_and_prints(tmp_path):
    import os
    import subprocess
    import sys

    def prm(*args):
        env = os.environ | {"PRM_VAR": str(tmp_path)}
        return subprocess.run([sys.executable, "-m", "prm", "survey", *args], env=env, capture_output=True, text=True, check=False)

    made = prm("import", str(DATA / "uk_core_survey.lss"))
    assert (made.returncode, made.stdout) == (0, "1\n"), made.stderr
    assert prm("load-answers", "1", str(DATA / "responses_2017_uk.csv")).stdout.startswith("253 responses")
    found = json.loads(prm("results", "1", "--format", "json").stdout)
    assert found["responses"] == 253 and found["questions"]["likertagree2[affRec3]"]["counts"]["Agree"] == 90
    lost = prm("results", "Nothing")
    assert lost.returncode != 0 and "There is no survey" in lost.stderr and len(lost.stderr.strip().splitlines()) == 1
