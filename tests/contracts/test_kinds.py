"""Every kind: a custom value is found again and compares in its own order, on SQLite and PostgreSQL alike.

The trap behind it: a bare JSON path compares as text on SQLite, where 100 is below 9.5.
"""
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prm.catalogue.answer import answer
from prm.catalogue.grouping import behind
from prm.catalogue.kinds import KINDS, Formats
from prm.catalogue.question import Question
from prm.models import Kpi, KpiResult

FORMATS = Formats()

# As typed, in their own order.
VALUES = {
    "text": ["Émile 10", "acme_100%", "back\\slash", 'quote " and \' one', "zebra"],
    "long_text": ["First line\nsecond line", "50% of it"],
    "number": ["-3.5", "0", "9.5", "100", "123456789.123456", "999999999999"],
    "money": ["-3.50", "0", "9.50", "100", "9999999999999.99"],
    "percent": ["-5%", "0%", "9.5%", "12.25", "150%"],
    "date": ["1900-01-01", "2024-02-29", "2026-07-31", "2199-12-31"],
    "datetime": ["1900-01-01 10:00", "2026-03-29 01:30", "2026-07-31T14:30:00Z", "2199-12-31 23:59"],
    "bool": ["no", "yes"],
    "choice": ["bronze", "Gold", "Été"],
    "choices": [["Été", "Owner"], ["Owner"], ['say "hi"', "Buyer"]],
    "link": [1, 9, 100],
    "email": ["ada@example.com", "zoe@example.com"],
    "url": ["https://a.example.com/x?y=1%20", "https://b.example.com"],
    "formula": [],
}
ORDERED = ["number", "money", "percent", "date", "datetime"]


@pytest.fixture
def filled(database, make):
    """Partners whose custom value of a kind is each of its values, and one with none."""

    def fill(kind_key):
        kind = KINDS[kind_key]
        choices = [[str(v), str(v)] for v in VALUES["choice"]] if kind_key == "choice" else []
        if kind_key == "choices":
            choices = [[v, v] for v in ("Owner", "Été", 'say "hi"', "Buyer")]
        make.custom_field("x", kind_key, choices=choices, link="partner" if kind_key == "link" else "")
        parsed = [kind.parse(text, FORMATS) for text in VALUES[kind_key]]
        for at, value in reversed(list(enumerate(parsed))):
            make.partner(f"Partner {at}", custom={"x": kind.store(value)})
        make.partner("Nothing", custom={})
        return parsed

    return fill


def ask(viewer, *filters, sort="name", desc=False):
    sorts = [{"key": sort, "desc": desc}]
    data = {"object": "partner", "fields": ["name", "x"], "filters": list(filters), "sort": sorts}
    return answer(Question.parse(data), viewer).rows


def names(rows):
    return [row.values["name"] for row in rows]


def test_every_kind_is_tried_here():
    assert set(VALUES) == set(KINDS)


@pytest.mark.parametrize("kind", [k for k in VALUES if k not in ("formula", "link", "choices")])
def test_a_custom_value_is_found_again_and_read_back(kind, filled, sam):
    parsed = filled(kind)
    for at, (typed, value) in enumerate(zip(VALUES[kind], parsed, strict=True)):
        if kind == "long_text":
            found = ask(sam, {"field": "x", "op": "contains", "value": typed})
        else:
            found = ask(sam, {"field": "x", "op": "is", "value": typed})
        assert [(r.values["name"], r.values["x"]) for r in found] == [(f"Partner {at}", value)]


@pytest.mark.parametrize("kind", ORDERED)
def test_a_custom_value_compares_in_its_own_order(kind, filled, sam):
    filled(kind)
    below, above = ("before", "after") if kind in ("date", "datetime") else ("below", "above")
    everyone = [f"Partner {i}" for i in range(len(VALUES[kind]))]
    for at, typed in enumerate(VALUES[kind]):
        assert names(ask(sam, {"field": "x", "op": below, "value": typed})) == everyone[:at]
        assert names(ask(sam, {"field": "x", "op": above, "value": typed})) == everyone[at + 1 :]
        assert names(ask(sam, {"field": "x", "op": "between", "value": [VALUES[kind][0], typed]})) == everyone[: at + 1]
    assert names(ask(sam, sort="x")) == [*everyone, "Nothing"]
    assert names(ask(sam, sort="x", desc=True)) == [*everyone[::-1], "Nothing"]


@pytest.mark.parametrize("kind", [k for k in VALUES if k not in ("formula", "link")])
def test_rows_without_a_value_are_empty_and_count_as_not_being_it(kind, filled, sam):
    filled(kind)
    everyone = [f"Partner {i}" for i in range(len(VALUES[kind]))]
    assert names(ask(sam, {"field": "x", "op": "is empty"})) == ["Nothing"]
    assert names(ask(sam, {"field": "x", "op": "is not empty"})) == everyone
    if kind not in ("long_text", "choices"):
        assert names(ask(sam, {"field": "x", "op": "is not", "value": VALUES[kind][0]})) == ["Nothing", *everyone[1:]]


@pytest.mark.parametrize("kind", ["number", "money", "percent"])
def test_sums_means_and_medians_are_exact(kind, filled, sam):
    parsed = filled(kind)
    measures = [{"key": fn, "fn": fn, "field": "x"} for fn in ("sum", "min", "max", "median", "mean")]
    totals = answer(Question.parse({"object": "partner", "measures": measures}), sam).totals
    assert totals["sum"] == sum(parsed)
    assert (totals["min"], totals["max"]) == (min(parsed), max(parsed))
    assert totals["min"].__class__ is totals["median"].__class__ is parsed[0].__class__
    assert min(parsed) < totals["median"] < max(parsed)


def found(viewer, op, value=None):
    return names(ask(viewer, {"field": "x", "op": op, "value": value}))


def test_a_bool_is_asked_without_a_value_too(filled, sam):
    filled("bool")
    assert found(sam, "is yes") == ["Partner 1"]
    assert found(sam, "is no") == ["Partner 0"]


def test_each_of_several_choices_is_found(filled, sam):
    filled("choices")
    assert found(sam, "contains", "Owner") == ["Partner 0", "Partner 1"]
    assert found(sam, "contains", "été") == ["Partner 0"]
    assert found(sam, "is any of", ['say "hi"', "Été"]) == ["Partner 0", "Partner 2"]
    assert found(sam, "is exactly", ["Owner", "Été"]) == ["Partner 0"]
    assert found(sam, "does not contain", "Owner") == ["Nothing", "Partner 2"]


def test_text_is_compared_without_regard_to_case_accents_included(filled, sam):
    filled("text")
    assert found(sam, "is", "ÉMILE 10") == ["Partner 0"]
    assert found(sam, "is", "émile 10") == ["Partner 0"]
    assert found(sam, "starts with", "ém") == ["Partner 0"]
    assert found(sam, "contains", "LE 1") == ["Partner 0"]
    assert found(sam, "is any of", ["émile 10", "ZEBRA"]) == ["Partner 0", "Partner 4"]
    assert found(sam, "is exactly", "ZEBRA") == []


def test_wildcards_that_are_typed_are_ordinary_letters(filled, sam):
    filled("text")
    for typed, name in {"100%": "Partner 1", "acme_": "Partner 1", "k\\s": "Partner 2", "%": "Partner 1"}.items():
        assert found(sam, "contains", typed) == [name]


@pytest.mark.parametrize("kind", ["text", "number", "percent", "date", "bool", "choice", "choices"])
def test_a_group_leads_to_exactly_its_rows(kind, filled, sam):
    filled(kind)
    question = Question.parse({"object": "partner", "rows": [{"field": "x"}]})
    groups = answer(question, sam)
    assert sum(row.values["n"] for row in groups.rows) == len(VALUES[kind]) + 1
    for row in groups.rows:
        filters = behind(groups.groupings[0], row.raw[0], row.values["x"], groups.formats)
        rows = answer(Question("partner", fields=("name",), filters=filters), sam).rows
        assert len(rows) == row.values["n"] == 1


def result(make, value, rows, **more):
    kpi = Kpi.get_or_none() or make.kpi()
    return KpiResult.create(
        kpi=kpi, partner=make.partner(), version=kpi.versions.get(), period="2026-Q3", starts_on=date(2026, 7, 1),
        value=value, rows=rows, **more,
    )  # fmt: skip


def test_built_in_numbers_compare_and_sum_like_custom_ones(database, make, sam):
    for value, rows in (("9.5", 7), ("100", 2_000_000_000), (None, 0)):
        result(make, value, rows, attainment=value and Decimal(value) / 100)
    asked = {"object": "kpi_result", "fields": ["value", "rows", "attainment"], "sort": [{"key": "value"}]}
    read = [tuple(r.values.values()) for r in answer(Question.parse(asked), sam).rows]
    assert read == [
        (Decimal("9.5"), 7, Decimal("0.095")), (Decimal(100), 2_000_000_000, Decimal(1)), (None, 0, None),
    ]  # fmt: skip
    for field, op, typed, count in (
        ("value", "above", 9.5, 1), ("value", "at least", "9.5", 2), ("rows", "is", 7, 1), ("rows", "below", 7.5, 2),
        ("attainment", "below", 0.5, 1), ("attainment", "below", "50%", 1), ("value", "is empty", None, 1),
    ):  # fmt: skip
        filters = [{"field": field, "op": op, "value": typed}]
        assert answer(Question.parse({"object": "kpi_result", "filters": filters}), sam).count == count, (field, op)
    measures = [{"key": "sum", "fn": "sum", "field": "value"}, {"key": "rows", "fn": "sum", "field": "rows"}]
    totals = answer(Question.parse({"object": "kpi_result", "measures": measures}), sam).totals
    assert totals == {"sum": Decimal("109.5"), "rows": 2_000_000_007}


def test_moments_are_asked_and_grouped_by_the_days_of_the_zone(database, make, sam):
    make.organisation(zone="Europe/Berlin")
    make.partner("a", created_at=datetime(2026, 7, 31, 21, 59, tzinfo=UTC))
    make.partner("b", created_at=datetime(2026, 7, 31, 22, 0, tzinfo=UTC))
    for op, value, expected in (
        ("is", "2026-07-31", ["a"]), ("in", "2026-07", ["a"]), ("in", "2026-08-01..", ["b"]),
        ("after", "2026-07-31", ["b"]),
        ("before", "2026-08-01", ["a"]), ("on or before", "2026-07-31", ["a"]), ("is", "2026-08-01 00:00", ["b"]),
        ("between", ["2026-07-31 23:59", "2026-08-01 00:00"], ["a", "b"]), ("is not", "2026-07-31", ["b"]),
        ("on or after", "1 August 2026", ["b"]),
    ):  # fmt: skip
        filters = [{"field": "created_at", "op": op, "value": value}]
        asked = {"object": "partner", "fields": ["name"], "filters": filters, "sort": [{"key": "name"}]}
        assert names(answer(Question.parse(asked), sam).rows) == expected, (op, value)
    by_month = {"object": "partner", "rows": [{"field": "created_at", "by": "month"}]}
    rows = answer(Question.parse(by_month), sam).rows
    assert [(r.values["created_at"], r.values["n"]) for r in rows] == [("2026-07", 1), ("2026-08", 1)]


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize("by", ["day", "week", "month", "quarter", "year"])
def test_a_custom_date_is_grouped_by_every_length_and_leads_to_its_rows(kind, by, filled, sam, make):
    filled(kind)
    make.organisation(zone="Asia/Tokyo", fiscal_month=4)
    groups = answer(Question.parse({"object": "partner", "rows": [{"field": "x", "by": by}]}), sam)
    assert sum(row.values["n"] for row in groups.rows) == len(VALUES[kind]) + 1
    for row in groups.rows:
        filters = behind(groups.groupings[0], row.raw[0], row.values["x"], groups.formats)
        assert answer(Question("partner", fields=("name",), filters=filters), sam).count == row.values["n"], row.values
