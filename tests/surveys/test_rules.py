"""Who is asked what: rules over earlier answers, skips that only lead forwards, and the check before anybody is asked."""
import pytest

from prm.core.errors import Invalid
from prm.surveys import lime, rules
from prm.surveys.checking import problems
from prm.surveys.content import Content, Rule, Comparison
from prm.surveys.ready import ready


def content(*pages, **more):
    return Content.parse({"title": "T", "pages": [{"key": f"p{at}", **page} for at, page in enumerate(pages, 1)]} | more)


def yes(code, **more):
    return {"code": code, "kind": "yes_no", "text": f"{code}?"} | more


def when(code, op="is", *values):
    return {"tests": [{"question": code, "op": op, "values": list(values)}]}


@pytest.mark.parametrize(("op", "values", "answer", "holds"), [
    ("is", ["a"], "a", True), ("is", ["a", "b"], "b", True), ("is", ["a"], None, False), ("is not", ["a"], "b", True), ("is not", ["a"], "a", False),
    ("is not", ["a"], None, False), ("above", ["6"], 7, True), ("above", ["7"], 7, False), ("below", ["7"], 6, True), ("below", ["x"], 6, False),
    ("answered", [], 0, True), ("answered", [], None, False), ("empty", [], None, True), ("empty", [], "a", False), ("is", ["a"], ["b", "a"], True),
    ("is", ["a"], {"@choice": "a", "@text": "w"}, True), ("is", ["w"], {"@choice": "a", "@text": "w"}, False),
])  # fmt: skip
def test_each_comparison(op, values, answer, holds):
    assert rules.holds(Rule((Comparison("q", op, tuple(values)),)), {"q": answer}) is holds


def test_a_row_of_a_matrix_can_be_asked_about():
    rule = Rule((Comparison("m", "is", ("a",), "r2"),))
    assert rules.holds(rule, {"m": {"r1": "b", "r2": "a"}}) and not rules.holds(rule, {"m": {"r1": "a"}}) and not rules.holds(rule, {"m": "a"})


def test_all_of_them_or_any_of_them():
    both = (Comparison("a", "is", ("yes",)), Comparison("b", "is", ("yes",)))
    answers = {"a": "yes", "b": "no"}
    assert not rules.holds(Rule(both), answers) and rules.holds(Rule(both, any=True), answers) and rules.holds(Rule(), answers)


def test_what_depends_on_a_hidden_answer_is_hidden_too():
    asked = content({"questions": [yes("a"), yes("b", show_if=when("a", "is", "yes")), yes("c", show_if=when("b", "is", "yes"))]})
    assert [q.code for q in rules.shown(asked.pages[0], {"a": "no", "b": "yes", "c": "yes"})] == ["a"]
    assert rules.counted(asked, {"a": "no", "b": "yes", "c": "yes"}) == {"a": "no"}


def test_skips_lead_over_pages_and_what_is_skipped_does_not_count():
    asked = content({"questions": [yes("a")], "skips": [{"when": when("a", "is", "no"), "to": "p3"}]}, {"questions": [yes("b")]}, {"questions": [yes("c")]})
    assert [p.key for p in rules.way(asked, {"a": "no"})] == ["p1", "p3"] and [p.key for p in rules.way(asked, {"a": "yes"})] == ["p1", "p2", "p3"]
    assert rules.counted(asked, {"a": "no", "b": "yes", "c": "yes"}) == {"a": "no", "c": "yes"}


def test_a_rule_that_loops_ends_all_the_same_and_the_check_says_so():
    """A skip back, and two questions that wait for each other."""
    asked = content({"questions": [yes("a")]}, {"questions": [yes("b")], "skips": [{"when": {}, "to": "p1"}]}, {"questions": [yes("c")]})
    assert [p.key for p in rules.way(asked, {"a": "yes"})] == ["p1", "p2", "p3"]
    assert any("leads back" in each.text and each.stops for each in problems(asked))
    asked = content({"questions": [yes("a", show_if=when("b", "is", "yes")), yes("b", show_if=when("a", "is", "yes"))]})
    assert rules.way(asked, {"a": "yes", "b": "yes"}) == [] and any("comes later" in each.text for each in problems(asked))


def test_a_skip_to_the_end_ends_it():
    asked = content({"questions": [yes("a")], "skips": [{"when": when("a", "is", "no"), "to": "end"}]}, {"questions": [yes("b")]})
    assert [p.key for p in rules.way(asked, {"a": "no"})] == ["p1"]


@pytest.mark.parametrize(("pages", "said"), [
    ([], "no question yet"), ([{"questions": [{"code": "a", "kind": "choice", "text": "A?"}]}], "nothing to choose from"),
    ([{"questions": [{"code": "a", "kind": "choice", "text": "A?", "choices": [{"code": "x", "text": "X"}]}]}], "only one answer"),
    ([{"questions": [{"code": "a", "kind": "choice", "text": "A?", "choices": [{"code": "x", "text": "X"}, {"code": "y"}]}]}], "choice has no words"),
    ([{"questions": [{"code": "a", "kind": "matrix", "text": "A?", "choices": [{"code": "x", "text": "X"}, {"code": "y", "text": "Y"}]}]}], "no lines"),
    ([{"questions": [yes("a", text="")]}], "no words"), ([{"questions": [yes("a", show_if=when("gone", "is", "yes"))]}], "is gone"),
    ([{"questions": [yes("a")], "skips": [{"when": {}, "to": "p3"}]}, {"questions": [yes("b")]}, {"questions": [yes("c")]}], "Nobody can reach"),
    ([{"questions": [yes("a")]}, {"questions": [yes("b", show_if=when("a", "is"))]}], "lacks the value"),
])  # fmt: skip
def test_the_check_finds_what_would_stop_readers(pages, said):
    assert any(said in each.text and each.stops for each in problems(content(*pages))), problems(content(*pages))


def test_a_translation_that_is_missing_is_told_and_stops_nobody():
    found = problems(content({"questions": [yes("a", text={"en": "A?"})]}, languages=["en", "de"]))
    assert [(each.stops, "“de”" in each.text) for each in found] == [(False, True)]


def test_the_ready_ones_are_ready():
    assert len(ready()) == 6
    for each in ready():
        assert problems(each.content) == [], each.key


def test_a_rule_says_itself():
    asked = content({"questions": [{"code": "r", "kind": "choice", "text": "Region", "choices": [{"code": "n", "text": "North"}, {"code": "s", "text": "South"}]}, yes("a")]})
    rule = Rule((Comparison("r", "is", ("n", "s")), Comparison("a", "is not", ("yes",))))
    assert rules.sentence(rule, asked) == "“Region” is North or South and “a?” is not Yes"


@pytest.mark.parametrize("data", [
    None, [], {"title": "T", "pages": 5}, {"title": "T", "pages": [{"key": "p", "questions": [{"code": "1", "kind": "nps"}]}]}, {"title": 5},
    {"title": "T", "pages": [{"key": "p", "questions": [{"code": "a", "kind": "zz"}]}]}, {"title": "T", "evil": 1},
    {"title": "T", "pages": [{"key": "p", "questions": [yes("a"), yes("A")]}]}, {"title": "T", "languages": []}, {"title": "T", "languages": ["<b>"]},
    {"title": "T", "pages": [{"key": "p", "questions": [{"code": "a", "kind": "scale", "least": 5, "most": 1}]}]},
    {"title": "T", "pages": [{"key": "p", "questions": [yes("a", show_if={"tests": [{"question": "b", "op": "eval"}]})]}]},
])  # fmt: skip
def test_what_is_no_survey_is_refused_in_words(data):
    with pytest.raises(Invalid) as refusal:
        Content.parse(data)
    assert len(refusal.value.message) > 15


def test_a_survey_is_the_same_out_of_its_own_json():
    for each in ready():
        assert Content.parse(each.content.to_json()) == each.content


def test_markup_of_others_becomes_words():
    assert lime.plain('<div id="x">\n\t<p>\n\t\tIn which&nbsp;country <b>do</b> you work?</p>\n</div>\n<p>\n\t\xa0</p>') == "In which country do you work?"
