"""Every kind of question: what is a valid answer and how it is stored, what is refused and in which words, what is empty, and
that a hidden one never counts and never blocks."""
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from prm.core.errors import Invalid
from prm.models.survey import QUESTION_KINDS
from prm.surveys import kinds, rules
from prm.surveys.content import OTHER, Content, question_from

AB = [{"code": "a", "text": "Apple"}, {"code": "b", "text": "Bread"}, {"code": "c", "text": "Cake"}]
ROWS = [{"code": "x", "text": "left"}, {"code": "y", "text": "right"}]
# kind, what makes it, form, answer, facts as (row, choice, number, text)
VALID = [
    ("nps", {}, {"q.k": "10"}, 10, [("", "", 10, "10")]),
    ("nps", {}, {"q.k": "0"}, 0, [("", "", 0, "0")]),
    ("stars", {}, {"q.k": "5"}, 5, [("", "", 5, "5")]),
    ("scale", {"least": 1, "most": 7}, {"q.k": "7"}, 7, [("", "", 7, "7")]),
    ("slider", {"least": -10, "most": 10}, {"q.k": "-10"}, -10, [("", "", -10, "-10")]),
    ("yes_no", {}, {"q.k": "no"}, "no", [("", "no", 0, "No")]),
    ("choice", {"choices": AB}, {"q.k": "b"}, "b", [("", "b", 2, "Bread")]),
    ("choice", {"choices": AB, "other": True}, {"q.k": OTHER, "q.k.other": "Eggs 🥚"}, {"@choice": OTHER, "@text": "Eggs 🥚"}, [("", OTHER, None, "Eggs 🥚")]),
    ("choices", {"choices": AB}, MultiDict([("q.k", "c"), ("q.k", "a"), ("q.k", "c")]), ["c", "a"], [("", "c", 3, "Cake"), ("", "a", 1, "Apple")]),
    ("choices", {"choices": AB, "most": 2}, MultiDict([("q.k", "c"), ("q.k", "a")]), ["c", "a"], [("", "c", 3, "Cake"), ("", "a", 1, "Apple")]),
    ("ranking", {"choices": AB}, {"q.k.a": "2", "q.k.b": "1"}, ["b", "a"], [("1", "b", 1, "Bread"), ("2", "a", 2, "Apple")]),
    ("matrix", {"choices": AB, "rows": ROWS}, {"q.k.x": "a", "q.k.y": "c"}, {"x": "a", "y": "c"}, [("x", "a", 1, "Apple"), ("y", "c", 3, "Cake")]),
    ("matrix", {"choices": AB, "rows": ROWS}, {"q.k.y": "c"}, {"y": "c"}, [("y", "c", 3, "Cake")]),
    ("short_text", {}, {"q.k": "  שלום 👋 "}, "שלום 👋", [("", "", None, "שלום 👋")]),
    ("long_text", {}, {"q.k": "one\r\ntwo"}, "one\ntwo", [("", "", None, "one\ntwo")]),
    ("number", {}, {"q.k": "1 234,5"}, "1234.5", [("", "", Decimal("1234.5"), "1234.5")]),
    ("number", {"least": 0}, {"q.k": "0"}, "0", [("", "", Decimal(0), "0")]),
    ("date", {}, {"q.k": "2026-11-25"}, "2026-11-25", [("", "", None, "2026-11-25")]),
]  # fmt: skip
INVALID = [
    ("nps", {}, {"q.k": "11"}, "from 0 to 10"),
    ("nps", {}, {"q.k": "٣"}, "from 0 to 10"),
    ("stars", {}, {"q.k": "0"}, "from 1 to 5"),
    ("scale", {"least": 1, "most": 7}, {"q.k": "7.5"}, "from 1 to 7"),
    ("slider", {}, {"q.k": "1e9"}, "from 0 to 100"),
    ("yes_no", {}, {"q.k": "maybe"}, "Choose one"),
    ("choice", {"choices": AB}, {"q.k": "zz"}, "Choose one"),
    ("choice", {"choices": AB}, {"q.k": OTHER, "q.k.other": "Eggs"}, "Choose one"),
    ("choice", {"choices": AB, "other": True}, {"q.k": OTHER, "q.k.other": " "}, "other answer"),
    ("choices", {"choices": AB}, {"q.k": "zz"}, "among the answers"),
    ("choices", {"choices": AB, "most": 1}, MultiDict([("q.k", "a"), ("q.k", "b")]), "1 at most"),
    ("choices", {"choices": AB, "least": 2}, {"q.k": "a"}, "at least 2"),
    ("ranking", {"choices": AB}, {"q.k.a": "1", "q.k.b": "1"}, "each place once"),
    ("ranking", {"choices": AB}, {"q.k.a": "2"}, "beginning with 1"),
    ("ranking", {"choices": AB, "required": True}, {"q.k.a": "1"}, "every answer a place"),
    ("matrix", {"choices": AB, "rows": ROWS}, {"q.k.x": "zz"}, "in each line"),
    ("matrix", {"choices": AB, "rows": ROWS, "required": True}, {"q.k.x": "a"}, "every line"),
    ("short_text", {}, {"q.k": "x" * 501}, "501 characters; 500 fit"),
    ("long_text", {}, {"q.k": "x" * 2**20}, "1,048,576 characters; 10,000 fit"),
    ("number", {}, {"q.k": "NaN"}, "write a number"),
    ("number", {}, {"q.k": "1e2000000"}, "write a number"),
    ("number", {"least": 1, "most": 3}, {"q.k": "4"}, "from 1 to 3"),
    ("date", {}, {"q.k": "25.11.2026"}, "year-month-day"),
    ("date", {}, {"q.k": "2026-02-30"}, "year-month-day"),
]  # fmt: skip


def question(kind, facts):
    return question_from({"code": "k", "kind": kind, "text": "Q?"} | facts)


def test_the_tables_name_every_kind():
    asked = set(QUESTION_KINDS) - {"text"}
    assert {kind for kind, *_ in VALID} == {kind for kind, *_ in INVALID} == asked == set(kinds.KINDS) - {"text"}


@pytest.mark.parametrize(("kind", "facts", "form", "answer", "stored"), VALID)
def test_a_valid_answer_is_read_and_stored(kind, facts, form, answer, stored):
    asked = question(kind, facts)
    content = Content.parse({"title": "T", "pages": [{"key": "p", "questions": [{"code": "k", "kind": kind, "text": "Q?"} | facts]}]})
    assert kinds.answered(asked, MultiDict(form)) == answer
    assert [tuple(fact) for fact in kinds.facts(asked, answer, content)] == stored
    assert kinds.checked(asked, answer) == answer  # as it comes back out of a draft


@pytest.mark.parametrize(("kind", "facts", "form", "said"), INVALID)
def test_an_invalid_answer_is_refused_in_words(kind, facts, form, said):
    with pytest.raises(Invalid, match=said):
        kinds.answered(question(kind, facts), MultiDict(form))


@pytest.mark.parametrize("kind", sorted(set(QUESTION_KINDS) - {"text"}))
def test_an_empty_one_is_no_answer_and_only_a_required_one_asks_for_it(kind):
    facts = {"choices": AB, "rows": ROWS} if kind in ("choice", "choices", "ranking", "matrix") else {}
    assert kinds.answered(question(kind, facts), MultiDict()) is None
    assert kinds.answered(question(kind, facts), MultiDict({"q.k": " "})) is None
    with pytest.raises(Invalid, match="Please"):
        kinds.answered(question(kind, facts | {"required": True}), MultiDict())


@pytest.mark.parametrize("kind", sorted(QUESTION_KINDS))
def test_a_hidden_one_neither_blocks_nor_counts(kind):
    facts = {"choices": AB, "rows": ROWS} if kind in ("choice", "choices", "ranking", "matrix") else {}
    valid = next((answer for name, more, _, answer, _ in VALID if name == kind and not more.keys() - {"choices", "rows"}), None)
    hidden = {"code": "k", "kind": kind, "text": "Q?", "required": True, "show_if": {"tests": [{"question": "first", "op": "is", "values": ["yes"]}]}} | facts
    content = Content.parse({"title": "T", "pages": [{"key": "p", "questions": [{"code": "first", "kind": "yes_no", "text": "?"}, hidden]}]})
    assert [q.code for q in rules.shown(content.pages[0], {"first": "no"})] == ["first"]
    assert rules.counted(content, {"first": "no", "k": valid}) == {"first": "no"}
    assert "k" in [q.code for q in rules.shown(content.pages[0], {"first": "yes"})]


@pytest.mark.parametrize("value", [{"@choice": OTHER}, {"a": 1}, [], [1], 5, "zz", {"@choice": ["zz"]}, True, ["a", "a"], None, {"x": ["a"]}, "x" * 20_000])
def test_whatever_travels_in_a_form_is_checked_again(value):
    for kind in set(QUESTION_KINDS) - {"text"}:
        facts = {"choices": AB, "rows": ROWS} if kind in ("choice", "choices", "ranking", "matrix") else {}
        try:
            kinds.checked(question(kind, facts), value)
        except Invalid:
            continue
