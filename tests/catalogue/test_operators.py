"""What can be asked of each kind, by which words; and that no value that is asked for breaks the database."""
from itertools import product

import pytest
from peewee import fn

from prm.catalogue import words
from prm.catalogue.answer import answer, context
from prm.catalogue.kinds import KINDS
from prm.catalogue.comparing import spellings
from prm.catalogue.operators import find, fitting
from prm.catalogue.question import Filter, Question
from prm.core.errors import Invalid

WORDS = [
    ("text", "=", "is"),
    ("text", "is_not", "is not"),
    ("text", "Any  Of", "is any of"),
    ("number", ">", "above"),
    ("number", "is at most", "at most"),
    ("date", ">", "after"),
    ("date", "<=", "on or before"),
    ("date", "during", "in"),
    ("bool", "yes", "is yes"),
    ("choices", "contains", "is"),
    ("choices", "does not contain", "is not"),
    ("link", "!=", "is not"),
]


@pytest.mark.parametrize(("kind", "word", "key"), WORDS)
def test_an_operator_has_several_names(kind, word, key):
    assert find(word, KINDS[kind]).key == key


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_whether_it_is_something_or_empty(kind):
    keys = [operator.key for operator in fitting(KINDS[kind])]
    assert {"is", "is not", "is empty", "is not empty"} <= set(keys)
    assert len(keys) == len(set(keys))
    assert find("is exactly", KINDS[kind])


def test_an_operator_that_does_not_fit_is_refused_with_those_that_do():
    with pytest.raises(Invalid, match="“contains” cannot be asked here. Possible: is, is not, is any of"):
        find("contains", KINDS["number"])


def test_letters_beyond_ascii_are_spelled_in_the_usual_ways():
    assert spellings("Acme") == ["acme"]
    assert set(spellings("élan")) == {"élan", "Élan", "ÉlAN".replace("AN", "an")}


HOSTILE = [
    "", " ", "%", "_", "\\", "'", '"', "C++", "50%", "o'brien", "\x00", "\ud800", "x" * 100_000, "1e2000000", "NaN",
    "-inf",
    "9" * 30, "0000-01-01", "9999-12-31", "last 99999 years", "last 1200 years", "next 1200 years", "a@b", "٣", True,
    None, 0, -1, 2**31, 2**63, 10**19, 1.5, 1e308, float("inf"), {}, {"a": 1}, [], [[]], [None], ["x", 1, None],
    ["x"] * 501,
    "2026-01-01..2026-12-31", "..", "1900-01-01..", "me",
]  # fmt: skip
FIELDS = [
    "name", "notes", "website", "since", "created_at", "status", "tier", "manager", "parent",
    *(f"x_{kind}" for kind in KINDS),
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_no_value_breaks_a_filter(field, database, make, sam):
    for kind in KINDS:
        choices = [["a", "A"], ["b", "B"]] if kind in ("choice", "choices") else []
        link = "contact" if kind == "link" else ""
        make.custom_field(f"x_{kind}", kind, choices=choices, link=link, formula="1" if kind == "formula" else "")
    make.partner("Acme", custom={"x_number": 5_000_000, "x_choices": ["a"]})
    known = KINDS[field[2:]] if field.startswith("x_") else None
    operators = fitting(known) if known else []
    keys = [o.key for o in operators] or ["is", "is not", "is any of", "contains", "in", "between", "before"]
    source = context(Question("partner"), sam).source
    for op, value in product(keys, [*HOSTILE, ["1", "2"], ["2026-01-01", "2026-12-31"]]):
        asked = Filter(field, op, value)
        try:
            assert source.select(fn.COUNT(source.t.id), where=source.condition(asked)).scalar() <= 1
            assert words.condition(asked, source)
        except Invalid as refused:
            refused.message.encode()


def test_no_search_breaks_a_list(database, make, sam):
    make.partner("Acme")
    for text in [v for v in HOSTILE if isinstance(v, str) and v and len(v) <= 200]:
        asked = {"object": "partner", "fields": ["name"], "filters": [{"search": text}]}
        try:
            assert answer(Question.parse(asked), sam).count <= 1
        except Invalid as refused:
            refused.message.encode()
