"""Every operator of every kind, and each relative date on the edges of its period, against sets worked out by hand."""
from datetime import UTC, date, datetime

import pytest

from prm.access.system import SYSTEM
from prm.catalogue.answer import answer
from prm.catalogue.kinds import KINDS
from prm.catalogue.operators import OPERATORS, find
from prm.catalogue.question import Question
from tests import make

# title, text of one's own, amount, number of one's own, outcome's stage, closed on, moment, yes or no, choices, partner
DEALS = {
    "A": ("Alpha", "red", 100, 10, "Won", "2026-03-31", "2026-03-31T23:30", True, ["x"], "Acme"),
    "B": ("Beta", "Red", 250, 20, "Lost", "2026-04-01", "2026-04-01T00:00", False, ["x", "y"], "Acme"),
    "C": ("alphabet", "", 0, 0, "Proposal", "2026-06-30", "2026-06-30T12:00", None, ["y"], "Globex"),
    "D": ("Gamma", "blue", None, None, "Proposal", None, None, None, [], "Initech"),
}
KIND_OF = {
    "title": "text", "colour": "text", "amount": "money", "seats": "number", "outcome": "choice", "closed_on": "date", "seen": "datetime", "fair": "bool",
    "tags": "choices", "partner": "link",
}  # fmt: skip
CASES = [
    ("colour", "is", "RED", "AB"), ("colour", "is not", "red", "CD"), ("colour", "is exactly", "red", "A"), ("colour", "is any of", ["red", "blue"], "ABD"),
    ("colour", "is none of", ["red", "green"], "CD"), ("title", "contains", "ALPHA", "AC"), ("title", "does not contain", "alpha", "BD"),
    ("title", "starts with", "al", "AC"), ("colour", "is empty", None, "C"), ("colour", "is not empty", None, "ABD"), ("colour", "does not contain", "e", "C"),
    ("amount", "is", "250", "B"), ("amount", "is not", "250", "ACD"), ("amount", "is any of", ["0", "100"], "AC"), ("amount", "is none of", ["0", "100"], "BD"),
    ("amount", "above", "100", "B"), ("amount", "at least", "100", "AB"), ("amount", "below", "100", "C"), ("amount", "at most", "100", "AC"),
    ("amount", "between", ["0", "100"], "AC"), ("amount", "is empty", None, "D"), ("amount", "is not empty", None, "ABC"),
    ("seats", "is", "0", "C"), ("seats", "above", "10", "B"), ("seats", "at least", "10", "AB"), ("seats", "below", "10", "C"), ("seats", "at most", "10", "AC"),
    ("seats", "between", ["10", "20"], "AB"), ("seats", "is empty", None, "D"),
    ("outcome", "is", "won", "A"), ("outcome", "is not", "won", "BCD"), ("outcome", "is any of", ["won", "lost"], "AB"), ("outcome", "is none of", ["won", "lost"], "CD"),
    ("partner", "is", "Acme", "AB"), ("partner", "is not", "Acme", "CD"), ("partner", "is any of", ["Acme", "Globex"], "ABC"), ("partner", "is none of", ["Acme"], "CD"),
    ("tags", "is", ["x"], "AB"), ("tags", "is not", ["x"], "CD"), ("tags", "is exactly", ["x", "y"], "B"), ("tags", "is empty", None, "D"), ("tags", "is not empty", None, "ABC"),
    ("fair", "is", "yes", "A"), ("fair", "is not", "yes", "BCD"), ("fair", "is yes", None, "A"), ("fair", "is no", None, "B"), ("fair", "is any of", ["yes", "no"], "AB"),
    ("fair", "is none of", ["no"], "ACD"), ("fair", "is empty", None, "CD"), ("fair", "is not empty", None, "AB"),
    ("closed_on", "is", "2026-04-01", "B"), ("closed_on", "is not", "2026-04-01", "ACD"), ("closed_on", "is any of", ["2026-04-01", "2026-06-30"], "BC"),
    ("closed_on", "is none of", ["2026-04-01"], "ACD"), ("closed_on", "between", ["2026-03-31", "2026-04-01"], "AB"), ("closed_on", "in", "2027-Q1", "BC"),
    ("closed_on", "before", "2026-04-01", "A"), ("closed_on", "after", "2026-04-01", "C"), ("closed_on", "on or before", "2026-04-01", "AB"),
    ("closed_on", "on or after", "2026-04-01", "BC"), ("closed_on", "is empty", None, "D"), ("closed_on", "is not empty", None, "ABC"),
    ("seen", "is", "2026-03-31", "A"), ("seen", "is not", "2026-03-31", "BCD"), ("seen", "in", "2026-04", "B"), ("seen", "before", "2026-04-01", "A"),
    ("seen", "after", "2026-04-01", "C"), ("seen", "on or before", "2026-04-01", "AB"), ("seen", "on or after", "2026-04-01", "BC"),
    ("seen", "between", ["2026-03-31", "2026-04-01"], "AB"), ("seen", "is empty", None, "D"), ("seen", "is not empty", None, "ABC"),
]  # fmt: skip

# On the first and the last day of a quarter of a fiscal year from April: which of A (31 March), B (1 April), C (30 June) it finds.
EDGES = [
    ("2026-03-31", {"today": "A", "yesterday": "", "this month": "A", "last month": "", "next month": "B", "this quarter": "A", "next quarter": "BC", "last quarter": "",
                    "this year": "A", "next year": "BC", "last 1 days": "A", "last 4 quarters": "", "this week": "AB", "next week": ""}),
    ("2026-04-01", {"today": "B", "yesterday": "A", "this month": "B", "last month": "A", "this quarter": "BC", "last quarter": "A", "this year": "BC", "last year": "A",
                    "last 2 days": "AB", "last 4 quarters": "A", "this week": "AB"}),
    ("2026-06-30", {"today": "C", "this month": "C", "last month": "", "this quarter": "BC", "last quarter": "A", "this year": "BC", "last year": "A", "next quarter": "",
                    "last 3 months": "AB", "last 1 years": "A"}),
    ("2026-07-01", {"today": "", "yesterday": "C", "last month": "C", "last quarter": "BC", "this quarter": "", "this year": "BC", "last 2 quarters": "ABC", "last 1 months": "C"}),
]  # fmt: skip


@pytest.fixture
def deals(database):
    make.organisation(fiscal_month=4)
    make.stages()
    make.custom_field("colour", object="deal")
    make.custom_field("seats", "number", object="deal")
    make.custom_field("fair", "bool", object="deal")
    make.custom_field("seen", "datetime", object="deal")
    make.custom_field("tags", "choices", object="deal", choices=[["x", "X"], ["y", "Y"]])
    partners = {name: make.partner(name) for name in ("Acme", "Globex", "Initech")}
    for number, (title, colour, amount, seats, stage, day, moment, fair, tags, partner) in DEALS.items():
        kinds = {"colour": colour, "seats": seats, "fair": fair, "tags": tags, "seen": moment and datetime.fromisoformat(moment).replace(tzinfo=UTC)}
        own = {"colour": "text", "seats": "number", "fair": "bool", "tags": "choices", "seen": "datetime"}
        custom = {key: KINDS[own[key]].store(KINDS[own[key]].parse(value)) for key, value in kinds.items() if value not in (None, "", [])}
        make.deal(
            title, number=number, partner=partners[partner], stage=stage, amount=None if amount is None else amount * 100, custom=custom,
            closed_on=day and date.fromisoformat(day),
        )  # fmt: skip


def found(field: str, op: str, value, today: date | None = None) -> str:
    question = Question.parse({"object": "deal", "fields": ["number"], "filters": [{"field": field, "op": op, "value": value}], "sort": [{"key": "number"}]})
    return "".join(row.values["number"] for row in answer(question, SYSTEM, today=today).rows)


def test_every_operator_finds_what_it_says(deals):
    wrong = [(case, got) for case in CASES if (got := found(*case[:3])) != case[3]]
    assert not wrong, wrong


def test_no_operator_is_left_out():
    tried = {id(find(op, KINDS[KIND_OF[field]])) for field, op, *_ in CASES}
    assert [o.key for o in OPERATORS if id(o) not in tried] == []


@pytest.mark.parametrize(("today", "expected"), EDGES, ids=[day for day, _ in EDGES])
def test_relative_dates_on_the_edges_of_periods(deals, today, expected):
    got = {words: found("closed_on", "in", words, date.fromisoformat(today)) for words in expected}
    assert got == expected
