"""Columns of a list that are worked out from other fields of their row, against values worked out by hand."""
from datetime import date
from decimal import Decimal

import pytest

from prm.access.system import SYSTEM
from prm.catalogue.answer import answer
from prm.catalogue.question import Question
from prm.core.errors import Invalid
from tests import make


@pytest.fixture
def deals(database):
    make.organisation()
    acme = make.partner(name="Acme", tier="Gold")
    make.custom_field("cost", "money", object="deal")
    make.deal("Bikes", partner=acme, amount=10_000, custom={"cost": 2_550}, created_on=date(2026, 1, 30), closed_on=date(2026, 3, 1), stage="Won")
    make.deal("Gloves", partner=acme, amount=0, created_on=None, closed_on=date(2026, 3, 1), stage="Won")


def column(formula: str, kind: str = "number", viewer=SYSTEM, **more) -> list:
    asked = {"object": "deal", "fields": ["title"], "sort": [{"key": "title"}], "formulas": [{"key": "x", "formula": formula, "kind": kind}]}
    return [row.values["x"] for row in answer(Question.parse(asked | more), viewer).rows]


@pytest.mark.parametrize(("formula", "kind", "bikes", "gloves"), [
    ("days(created_on, closed_on)", "number", Decimal(30), None),
    ("amount - cost", "money", 7_450, None),
    ("(amount - cost) / amount", "percent", Decimal("0.745"), None),
    ("cost / amount", "number", Decimal("0.255"), None),
    ("1 / amount", "number", Decimal("0.01"), None),  # nothing is divided by zero
    ("partner.tier & \": \" & title", "text", "Gold: Bikes", "Gold: Gloves"),
    ("if(amount > 50, \"large\", \"small\")", "text", "large", "small"),
    ("round(amount / 3, 2)", "number", Decimal("33.33"), Decimal(0)),
    ("max(amount, cost)", "number", Decimal(100), Decimal(0)),
    ("title", "number", None, None),
])  # fmt: skip
def test_a_formula_gives_what_it_says_for_each_row(deals, formula, kind, bikes, gloves):
    assert column(formula, kind) == [bikes, gloves]


@pytest.mark.parametrize(("formula", "said"), [
    ("amount -", "stops too early"), ("amount ? 2", "character 8"), ("nonsense + 1", "There is no field “nonsense” here."),
    ("share(amount)", "works on one row"), ("(" * 60 + "1" + ")" * 60, "nested more than 50 deep"),
])  # fmt: skip
def test_a_formula_that_cannot_be_is_refused_in_words(deals, formula, said):
    with pytest.raises(Invalid, match=said):
        column(formula)


def test_a_forbidden_field_in_a_formula_is_told_like_an_unknown_one(deals, make_ada):
    said = []
    for name in ("cost", "nonsense"):
        with pytest.raises(Invalid) as refused:
            column(f"{name} + 1", viewer=make_ada)
        said.append(refused.value.message.replace(name, "x"))
    assert said[0] == said[1]


@pytest.fixture
def make_ada(deals):
    from prm.models import Partner

    return make.person("Ada Byron", role="executive", partner=Partner.get(), email="ada@acme.example")


def test_a_list_is_not_sorted_by_what_is_worked_out(deals):
    with pytest.raises(Invalid, match="cannot be sorted by it"):
        column("amount + 1", sort=[{"key": "x"}])
