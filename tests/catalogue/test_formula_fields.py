"""Formula fields of a record: worked out when it is saved, ordinary numbers from then on."""
from decimal import Decimal

import pytest

from prm.catalogue.answer import answer
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Question
from prm.catalogue.records import change, make as make_record


@pytest.fixture
def margin(database, make):
    make.custom_field("cost", "money", object="deal")
    make.custom_field("margin", "formula", object="deal", formula="(amount - cost) / amount", audience="partner")


def margins(viewer):
    filters = [{"field": "margin", "op": "above", "value": 0}]
    question = Question.parse({"object": "deal", "fields": ["margin"], "filters": filters})
    return [row.values["margin"] for row in answer(question, viewer).rows]


def bikes(viewer, make, acme, **values):
    given = {"title": "Bikes", "partner": acme.id, "stage": make.stage().id}
    return make_record(viewer, catalogue(viewer)["deal"], given | values)


def test_it_follows_the_fields_it_is_made_of(margin, make, acme, sam):
    deals = catalogue(sam)["deal"]
    row = bikes(sam, make, acme, amount=200_00, cost=150_00)
    assert margins(sam) == [Decimal("0.25")]
    change(sam, deals, row, {"cost": 100_00})
    assert margins(sam) == [Decimal("0.5")]
    change(sam, deals, row, {"cost": None})
    assert margins(sam) == []


def test_staff_only_parts_count_when_a_partner_saves(margin, make, acme, sam, ada):
    row = bikes(sam, make, acme, amount=200_00, cost=150_00)
    change(ada, catalogue(ada)["deal"], row, {"amount": 300_00})
    assert margins(sam) == [Decimal("0.5")]


def test_a_result_too_large_to_keep_is_empty(database, make, acme, sam):
    make.custom_field("huge", "formula", object="deal", formula="amount * amount * amount")
    bikes(sam, make, acme, amount=10**14)
    assert answer(Question.parse({"object": "deal", "fields": ["huge"]}), sam).rows[0].values["huge"] is None
