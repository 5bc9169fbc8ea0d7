"""Reports as tables, against figures worked out by hand."""
from datetime import date

import pytest

from prm.access.system import SYSTEM
from prm.catalogue.answer import answer
from prm.core.errors import Invalid
from prm.reporting.asking import ask, rows_behind
from prm.reporting.content import Content
from tests import make

# North: Gold 100 + 50 (Acme), Silver 30 (Beta); South: Gold 20 (Core). Lost deals count, but not in what was won.
DEALS = (
    ("Acme", "Gold", "North", 100, "2026-01-15", "Won"), ("Acme", "Gold", "North", 50, "2026-04-15", "Won"),
    ("Beta", "Silver", "North", 30, "2026-01-20", "Won"), ("Core", "Gold", "South", 20, "2026-05-02", "Won"),
    ("Core", "Gold", "South", 70, "2026-05-03", "Lost"),
)  # fmt: skip
WON = [{"field": "outcome", "op": "is", "value": "won"}]
SUM = {"key": "won", "fn": "sum", "field": "amount", "where": WON}
COUNT = {"key": "n", "fn": "count"}


@pytest.fixture
def deals(database):
    make.organisation()
    made = {}
    for name, tier, territory, amount, day, stage in DEALS:
        if name not in made:
            made[name] = make.partner(name=name, tier=tier, territory=territory)
        make.deal(partner=made[name], amount=amount * 100, closed_on=date.fromisoformat(day), stage=stage)


def table(question: dict, **content):
    return ask(Content.parse({"parts": [{"question": {"object": "deal"} | question}]} | content), SYSTEM)


def lines(found) -> list[tuple]:
    """Kind, names and figures, money in cents."""
    return [(line.kind, *(cell.value for cell in line.cells)) for line in found.lines]


def test_outer_groups_are_headings_with_their_subtotals(deals):
    found = table({"rows": [{"field": "partner.territory"}, {"field": "partner.tier"}], "measures": [SUM, COUNT]})
    assert lines(found) == [
        ("group", "North", None, 18_000, 3),
        ("row", "North", "Gold", 15_000, 2),
        ("row", "North", "Silver", 3_000, 1),
        ("group", "South", None, 2_000, 2),
        ("row", "South", "Gold", 2_000, 2),
        ("total", "Total", None, 20_000, 5),
    ]
    assert found.said == "Showing 3 of 3"


def test_sorted_by_a_measure_the_outer_groups_go_by_their_subtotals(deals):
    sort = [{"key": "won"}]
    found = table({"rows": [{"field": "partner.territory"}, {"field": "partner.tier"}], "measures": [SUM], "sort": sort})
    assert [line[1:3] for line in lines(found)] == [
        ("South", None), ("South", "Gold"), ("North", None), ("North", "Silver"), ("North", "Gold"), ("Total", None),
    ]  # fmt: skip


def test_a_limit_cuts_lines_and_never_totals(deals):
    found = table({"rows": [{"field": "partner.tier"}, {"field": "partner.territory"}], "measures": [SUM], "limit": 1})
    assert lines(found)[-1] == ("total", "Total", None, 20_000)
    assert lines(found)[0] == ("group", "Gold", None, 17_000)
    assert found.said == "Showing 1 of 3; totals are over all 3"


def test_a_matrix_has_totals_of_rows_columns_and_all(deals):
    columns = [{"field": "closed_on", "by": "quarter"}]
    found = table({"rows": [{"field": "partner.territory"}], "columns": columns, "measures": [SUM]})
    assert [head.text for head in found.heads[0]] == ["Partner territory", "2026-Q1", "2026-Q2", "Total"]
    assert lines(found) == [
        ("row", "North", 13_000, 5_000, 18_000), ("row", "South", None, 2_000, 2_000), ("total", "Total", 13_000, 7_000, 20_000),
    ]  # fmt: skip


def test_columns_stand_in_their_own_order_whichever_row_comes_first(deals):
    """Australia may have sold nothing before the fourth quarter."""
    make.deal(partner=make.partner(name="Aard", tier="Gold", territory="A first"), amount=100, closed_on=date(2026, 11, 1), stage="Won")
    found = table({"rows": [{"field": "partner.territory"}], "columns": [{"field": "closed_on", "by": "quarter"}], "measures": [SUM]})
    assert [head.text for head in found.heads[0]][1:] == ["2026-Q1", "2026-Q2", "2026-Q4", "Total"]


def test_two_column_groups_have_a_total_of_each_outer_one(deals):
    columns = [{"field": "partner.tier"}, {"field": "closed_on", "by": "quarter"}]
    found = table({"rows": [{"field": "partner.territory"}], "columns": columns, "measures": [SUM]})
    assert [(head.text, head.span) for head in found.heads[0]] == [("Partner tier", 1), ("Gold", 3), ("Silver", 2), ("Total", 1)]
    assert [head.text for head in found.heads[1]] == ["Partner territory", "2026-Q1", "2026-Q2", "Total", "2026-Q1", "Total", ""]
    assert lines(found)[0] == ("row", "North", 10_000, 5_000, 15_000, 3_000, 3_000, 18_000)


def test_a_matrix_too_wide_to_be_read_says_so(deals, monkeypatch):
    monkeypatch.setattr("prm.reporting.matrix.MOST_COLUMNS", 2)
    with pytest.raises(Invalid, match="3 columns; at most 2"):
        table({"rows": [{"field": "stage"}], "columns": [{"field": "closed_on", "by": "month"}], "measures": [COUNT]})


def test_joined_questions_stand_side_by_side_on_their_shared_group(deals):
    won = {"object": "deal", "rows": [{"field": "partner"}], "measures": [SUM]}
    people = {"object": "contact", "rows": [{"field": "partner"}], "measures": [COUNT]}
    make.contact("Cora", partner=make.partner(name="Delta"))
    parts = [{"title": "Deals", "question": won}, {"title": "People", "question": people}]
    found = ask(Content.parse({"parts": parts}), SYSTEM)
    assert [(head.text, head.span) for head in found.heads[0]] == [("", 1), ("Deals", 1), ("People", 1)]
    assert lines(found) == [
        ("row", "Acme", 15_000, None), ("row", "Beta", 3_000, None), ("row", "Core", 2_000, None), ("row", "Delta", None, 1),
        ("total", "Total", 20_000, 1),
    ]  # fmt: skip


def test_a_figure_is_marked_where_it_passes_a_threshold(deals):
    low = {"key": "won", "op": "below", "value": "50", "tone": "bad", "word": "Weak"}
    found = table({"rows": [{"field": "partner"}], "measures": [SUM]}, highlights=[low])
    assert [line.cells[1].word for line in found.lines] == ["", "Weak", "Weak", ""]


@pytest.mark.parametrize("question", [
    {"rows": [{"field": "partner.territory"}, {"field": "partner.tier"}], "measures": [COUNT]},
    {"rows": [{"field": "partner"}], "columns": [{"field": "closed_on", "by": "month"}, {"field": "stage"}], "measures": [COUNT]},
    {"rows": [{"field": "amount", "bucket": [{"name": "Small", "below": 40}]}], "measures": [COUNT]},
    {"measures": [COUNT, {"key": "lost", "fn": "count", "where": [{"field": "outcome", "op": "is", "value": "lost"}]}]},
])  # fmt: skip
def test_every_figure_is_the_number_of_rows_behind_it(deals, question):
    found = table(question)
    asked = found.answers[0].question
    figures = [cell for line in found.lines for cell in line.cells if cell.place is not None]
    assert len(figures) > 1
    for cell in figures:
        behind = answer(rows_behind(asked, cell.place, cell.column.key, SYSTEM), SYSTEM)
        assert behind.count == (cell.value or 0), cell


def test_a_reader_may_change_only_what_is_open():
    filters = [{"field": "stage", "op": "is", "value": "Won"}, {"field": "partner.tier", "op": "is", "value": "Gold"}]
    content = Content.parse({"parts": [{"question": {"object": "deal", "filters": filters}}], "open": [2]})
    changed = content.changed({1: "Lost", 2: "Silver", 9: "x"})
    assert [f.value for f in changed.question.filters] == ["Won", "Silver"]


@pytest.mark.parametrize("data", [
    {}, {"parts": []}, {"parts": [7]}, [], {"parts": [{"question": {"object": "deal"}}] * 6},
    {"parts": [{"question": {"object": "deal"}}] * 2},
    {"parts": [{"question": {"object": "deal"}}], "open": "x"},
    {"parts": [{"question": {"object": "deal"}}], "highlights": [{"key": "n", "op": "below", "value": "NaN", "tone": "bad"}]},
    {"parts": [{"question": {"object": "deal"}}], "highlights": [{"key": "n", "op": "near", "value": "1", "tone": "bad"}]},
])  # fmt: skip
def test_content_that_is_none_is_refused_in_words(data):
    with pytest.raises(Invalid):
        Content.parse(data)
