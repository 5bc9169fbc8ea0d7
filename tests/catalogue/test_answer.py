"""The Question answered: hand-computed figures, on both databases."""

from datetime import date

import pytest

from prm.catalogue.answer import answer
from prm.catalogue.machine import machine
from prm.catalogue.question import Question
from prm.core.errors import Invalid

TODAY = date(2026, 11, 24)
WON = {"key": "won", "fn": "sum", "field": "amount"}
COUNT = {"key": "n", "fn": "count"}


@pytest.fixture
def ask(database, sam):
    def ask(question, viewer=sam):
        return machine(answer(Question.parse(question), viewer, today=TODAY))

    return ask


@pytest.fixture
def deals(database, make):
    """Four won deals of two partners in two quarters, and one lost."""
    north = make.partner("North", territory="North", tier="Gold")
    south = make.partner("South", territory="South", tier="Silver")
    make.deal("a", partner=north, amount=100_00, closed_on=date(2026, 1, 10))
    make.deal("b", partner=north, amount=250_50, closed_on=date(2026, 4, 10))
    make.deal("c", partner=south, amount=50_25, closed_on=date(2026, 4, 11))
    make.deal("d", partner=south, amount=None, closed_on=date(2026, 5, 1))
    make.deal("e", partner=south, stage="Lost", amount=999_00, closed_on=date(2026, 5, 2))
    return north, south


def rows(found, *keys):
    return [tuple(row[key] for key in keys) for row in found["rows"]]


def test_sums_by_quarter_leave_out_what_is_not_won(ask, deals):
    found = ask(
        {
            "object": "deal",
            "filters": [{"field": "outcome", "op": "is", "value": "won"}],
            "rows": [{"field": "closed_on", "by": "quarter"}],
            "measures": [WON, COUNT],
        }
    )
    assert rows(found, "closed_on", "won", "n") == [("2026-Q1", "100.00", 1), ("2026-Q2", "300.75", 3)]
    assert found["totals"] == {"won": "400.75", "n": 4}
    assert found["count"] == 2


def test_an_empty_amount_is_not_zero(ask, deals):
    found = ask(
        {
            "object": "deal",
            "measures": [
                {"key": "mean", "fn": "mean", "field": "amount"},
                {"key": "filled", "fn": "count", "field": "amount"},
                {"key": "low", "fn": "min", "field": "amount"},
                {"key": "high", "fn": "max", "field": "amount"},
            ],
            "filters": [{"field": "stage", "op": "is", "value": "WON"}],
        }
    )
    assert found["totals"] == {"mean": "133.58", "filled": 3, "low": "50.25", "high": "250.50"}


def test_no_rows_is_a_dash_and_not_zero(ask, deals):
    found = ask(
        {"object": "deal", "filters": [{"field": "closed_on", "op": "in", "value": "2020"}], "measures": [WON, COUNT]}
    )
    assert found["totals"] == {"won": None, "n": 0}


def test_a_measure_has_its_own_condition(ask, deals):
    lost = {"key": "lost", "fn": "count", "where": [{"field": "outcome", "op": "is", "value": "lost"}]}
    found = ask({"object": "deal", "rows": [{"field": "partner"}], "measures": [COUNT, lost]})
    assert rows(found, "partner", "n", "lost") == [("North", 2, 0), ("South", 3, 1)]


def test_a_ratio_in_the_total_row_is_the_ratio_of_the_totals(ask, deals):
    mean = {"key": "mean", "formula": "won / n"}
    found = ask({"object": "deal", "rows": [{"field": "partner.territory"}], "measures": [WON, COUNT, mean]})
    assert rows(found, "partner.territory", "mean") == [("North", "175.25"), ("South", "349.75")]
    assert found["totals"]["mean"] == "279.95"


def test_share_is_of_the_parent_group_and_change_is_on_the_period_before(ask, deals):
    found = ask(
        {
            "object": "deal",
            "filters": [{"field": "outcome", "op": "is", "value": "won"}],
            "rows": [{"field": "partner.territory"}, {"field": "closed_on", "by": "quarter"}],
            "measures": [WON, {"key": "part", "formula": "share(won)"}, {"key": "rise", "formula": "change(won)"}],
        }
    )
    assert rows(found, "partner.territory", "closed_on", "part", "rise") == [
        ("North", "2026-Q1", "0.285307", None),
        ("North", "2026-Q2", "0.714693", "1.505"),
        ("South", "2026-Q2", "1", None),
    ]


def test_the_median_takes_the_middle_of_two(ask, deals):
    found = ask(
        {
            "object": "deal",
            "rows": [{"field": "outcome"}],
            "measures": [{"key": "m", "fn": "median", "field": "amount"}],
        }
    )
    assert rows(found, "outcome", "m") == [("Won", "100.00"), ("Lost", "999.00")]
    assert found["totals"]["m"] == "175.25"


def test_different_partners_are_counted_once_also_in_the_total(ask, deals):
    buyers = {"key": "buyers", "fn": "count distinct", "field": "partner"}
    found = ask({"object": "deal", "rows": [{"field": "closed_on", "by": "quarter"}], "measures": [buyers]})
    assert rows(found, "closed_on", "buyers") == [("2026-Q1", 1), ("2026-Q2", 2)]
    assert found["totals"] == {"buyers": 2}


def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends(ask, make, deals):
    make.organisation(fiscal_month=2)
    found = ask(
        {
            "object": "deal",
            "rows": [{"field": "closed_on", "by": "year"}, {"field": "closed_on", "by": "quarter", "key": "q"}],
        }
    )
    assert rows(found, "closed_on", "q", "n") == [
        ("2026", "2026-Q4", 1),
        ("2027", "2027-Q1", 2),
        ("2027", "2027-Q2", 2),
    ]


def test_each_row_falls_in_exactly_one_bucket(ask, deals):
    sizes = [{"name": "small", "below": "100"}, {"name": "mid", "from": "100", "below": "250"}]
    found = ask({"object": "deal", "rows": [{"field": "amount", "bucket": sizes}]})
    assert rows(found, "amount", "n") == [("small", 1), ("mid", 1), ("Other", 2), ("Empty", 1)]


def test_partners_without_a_deal_in_a_stretch_of_time(ask, deals):
    found = ask(
        {
            "object": "partner",
            "fields": ["name"],
            "filters": [{"without": "deal", "filters": [{"field": "closed_on", "op": "in", "value": "2026-Q1"}]}],
        }
    )
    assert rows(found, "name") == [("South",)]


def test_the_logic_of_filters_is_kept(ask, deals):
    filters = [
        {"field": "partner.tier", "op": "is any of", "value": ["gold"]},
        {"field": "amount", "op": "above", "value": "900"},
        {"field": "closed_on", "op": "before", "value": "2026-02-01"},
    ]
    question = {"object": "deal", "fields": ["title"], "filters": filters, "sort": [{"key": "title"}]}
    assert rows(ask({**question, "logic": "(1 or 2) and not 3"}), "title") == [("b",), ("e",)]


def test_is_not_includes_empty_rows_as_a_person_expects(ask, make, deals):
    make.partner("East", territory="")
    found = ask(
        {
            "object": "partner",
            "fields": ["name"],
            "filters": [{"field": "territory", "op": "is not", "value": "north"}],
            "sort": [{"key": "name"}],
        }
    )
    assert rows(found, "name") == [("East",), ("South",)]


def test_totals_are_over_all_rows_also_where_fewer_are_shown(ask, deals):
    found = ask({"object": "deal", "rows": [{"field": "partner"}], "measures": [COUNT], "limit": 1})
    assert len(found["rows"]) == 1
    assert (found["count"], found["totals"]) == (2, {"n": 5})


def test_rows_without_a_rate_are_left_out_and_counted(ask, make, deals):
    make.deal("f", partner=deals[0], amount=70_00, currency="CHF", closed_on=date(2026, 4, 1))
    found = ask(
        {
            "object": "deal",
            "filters": [{"field": "closed_on", "op": "in", "value": "2026-Q2"}],
            "measures": [WON, COUNT],
        }
    )
    assert found["totals"] == {"won": "1299.75", "n": 5}
    assert found["left_out"] == 1


def test_a_list_sorts_empty_values_last_whichever_way(ask, deals):
    for desc, expected in ((False, ["c", "a", "b", "e", "d"]), (True, ["e", "b", "a", "c", "d"])):
        found = ask({"object": "deal", "fields": ["title"], "sort": [{"key": "amount", "desc": desc}]})
        assert [title for (title,) in rows(found, "title")] == expected


def test_a_search_finds_what_was_typed_and_wildcards_are_only_characters(ask, make):
    for name in ("50% off", "C++ Söhne", "O'Brien", "under_score"):
        make.partner(name)
    for text, expected in (
        ("50%", ["50% off"]),
        ("c++", ["C++ Söhne"]),
        ("sohne", ["C++ Söhne"]),
        ("o'b", ["O'Brien"]),
        ("r_s", ["under_score"]),
        ("%", ["50% off"]),
    ):
        found = ask({"object": "partner", "fields": ["name"], "filters": [{"search": text}]})
        assert [name for (name,) in rows(found, "name")] == expected


def test_a_question_speaks(ask, deals):
    found = ask(
        {
            "object": "deal",
            "filters": [
                {"field": "stage", "op": "is", "value": "won"},
                {"field": "closed_on", "op": "in", "value": "last 4 quarters"},
                {"field": "partner.tier", "op": "is any of", "value": ["Gold", "Silver"]},
            ],
            "logic": "1 and (2 or 3)",
            "rows": [{"field": "partner.territory"}, {"field": "closed_on", "by": "quarter"}],
        }
    )
    assert found["words"] == (
        "Deals where stage is Won and (closed in the last 4 quarters or partner tier is Gold or Silver), "
        "by partner territory and quarter"
    )


WRONG = [
    ({"object": "ghost"}, "There is no “ghost”"),
    ({"object": "deal", "fields": ["ghost"]}, "There is no field “ghost” here."),
    ({"object": "deal", "fields": ["partner.ghost"]}, "There is no field “partner.ghost” here."),
    (
        {"object": "deal", "filters": [{"field": "stage", "op": "is", "value": "Dreaming"}]},
        "Stage has no choice “Dreaming”",
    ),
    ({"object": "deal", "filters": [{"field": "amount", "op": "above", "value": "1e2000000"}]}, "is no number"),
    ({"object": "deal", "filters": [{"field": "amount", "op": "above", "value": "NaN"}]}, "is no number"),
    ({"object": "deal", "filters": [{"field": "amount", "op": "sounds like", "value": "1"}]}, "cannot be asked here"),
    ({"object": "deal", "filters": [{"field": "closed_on", "op": "in", "value": "the other day"}]}, "is no date"),
    ({"object": "deal", "filters": [{"field": "closed_on", "op": "before", "value": "0000-01-01"}]}, "is no date"),
    (
        {"object": "deal", "filters": [{"field": "stage", "op": "is", "value": "won"}], "logic": "1 AND (2"},
        "names filter 2",
    ),
    (
        {"object": "deal", "filters": [{"field": "stage", "op": "is", "value": "won"}], "logic": "1 and"},
        "stops too early",
    ),
    ({"object": "deal", "measures": [{"key": "a", "formula": "a + 1"}]}, "refers to itself"),
    ({"object": "deal", "measures": [{"key": "a", "formula": "b + 1"}]}, "is no measure"),
    ({"object": "deal", "measures": [{"key": "a", "fn": "sum", "field": "title"}]}, "makes no sense"),
    ({"object": "deal", "rows": [{"field": "title", "by": "month"}]}, "is no date"),
    ({"object": "deal", "rows": [{"field": "stage"}], "sort": [{"key": "ghost"}]}, "no “ghost” to sort by"),
    ({"object": "deal", "limit": 10**9}, "“limit” must be"),
    ({"object": "deal", "colour": "red"}, "has no part “colour”"),
    ({"object": "deal", "filters": [{"without": "person"}]}, "has no people"),
    ([], "must be an object"),
]


@pytest.mark.parametrize("question, message", WRONG, ids=lambda case: str(case)[:60])
def test_a_wrong_question_is_refused_in_plain_words(ask, deals, question, message):
    with pytest.raises(Invalid) as refusal:
        ask(question)
    assert message in refusal.value.message


def test_a_forbidden_field_and_an_unknown_one_give_the_same_error(ask, ada):
    said = []
    for field in ("notes", "ghost1"):
        with pytest.raises(Invalid) as refusal:
            ask({"object": "partner", "fields": [field]}, viewer=ada)
        said.append(refusal.value.message.replace(field, "…"))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "part",
    [
        {"filters": [{"field": "notes", "op": "contains", "value": "x"}]},
        {"sort": [{"key": "notes"}]},
        {"rows": [{"field": "parent"}]},
        {"measures": [{"key": "a", "fn": "count distinct", "field": "created_at"}]},
        {"fields": ["parent.name"]},
    ],
)
def test_a_partner_reaches_no_staff_field_by_any_part_of_a_question(ask, ada, part):
    with pytest.raises(Invalid, match="There is no field"):
        ask({"object": "partner", **part}, viewer=ada)


def test_everybody_gets_the_totals_of_their_own_rows(ask, make, acme, globex, mia, ada, grace, ann):
    make.deal("acme", partner=acme, amount=10_00)
    make.deal("globex", partner=globex, amount=5_00)
    question = {"object": "deal", "measures": [WON, COUNT]}
    totals = {who: ask(question, viewer=who)["totals"] for who in (ann, mia, ada, grace)}
    assert totals == {
        ann: {"won": "15.00", "n": 2},
        mia: {"won": "10.00", "n": 1},
        ada: {"won": "10.00", "n": 1},
        grace: {"won": "5.00", "n": 1},
    }


def test_a_link_to_a_row_one_may_not_see_reads_as_empty(ask, make, acme, globex, mia):
    acme.parent = globex
    acme.save()
    found = ask({"object": "partner", "fields": ["name", "parent", "parent.number"]}, viewer=mia)
    assert rows(found, "name", "parent", "parent.number") == [("Acme", None, None)]
