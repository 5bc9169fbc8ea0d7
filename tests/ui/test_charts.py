"""Charts: drawn for any figures, the same on page and paper, and nothing in them is markup."""
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from prm.ui.charts import Paint, Series, bar, combo, data_table, hbars, ring, share, sparkline
from prm.ui.charts.plot import ticks

EVIL = '<script>"&'
QUARTERS = ["Q1", "Q2", "Q3"]
ROWS = [
    [Decimal("10.5"), None, 3],
    [0, 0, 0],
    [-5, 5, None],
    [1e15, 1, 2],
    [float("nan"), float("inf"), 7],
    [None, None, None],
]


@pytest.mark.parametrize("values", ROWS)
@pytest.mark.parametrize("width", [None, 320])
def test_any_figures_can_be_drawn(values, width):
    numbers = [value or 0 for value in values]
    names = list(zip(QUARTERS, numbers, ["1", "2", "other"], strict=True))
    for drawn in (
        combo(
            QUARTERS,
            [Series("A", values), Series("B", values, "area"), Series("T", values, "target")],
            label="x",
            width=width,
        ),
        sparkline(values, label="x", width=width),
        hbars(names, label="x", width=width),
        share(names, label="x", width=width),
        bar(values[0], label="x", width=width),
        ring(values[0], label="x", on_paper=bool(width)),
    ):
        ElementTree.fromstring(f"<x>{drawn}</x>")
        assert not re.search(r"\bnan\b|\binf\b", drawn)


def test_words_are_never_markup():
    drawn = [
        combo([EVIL], [Series(EVIL, [1])], label=EVIL, show=lambda value: EVIL),
        hbars([(EVIL, 1, EVIL)], label=EVIL, show=lambda value: EVIL),
        hbars([(EVIL, 1, EVIL)], label=EVIL, show=lambda value: EVIL, width=300),
        share([(EVIL, 1, "1")], label=EVIL),
        sparkline([1, 2], label=EVIL),
        ring(1, label=EVIL),
        bar(1, label=EVIL),
        data_table([EVIL], [[EVIL, EVIL]], caption=EVIL),
    ]
    assert all("<script" not in each for each in drawn)


def test_each_chart_is_said_in_words():
    assert 'role="img" aria-label="Revenue rose"' in combo(
        QUARTERS, [Series("Revenue", [1, 2, 3])], label="Revenue rose"
    )


def test_a_chart_without_figures_says_so():
    assert "No figures yet" in combo(QUARTERS, [Series("A", [None, None, None])], label="x")


def test_a_gap_is_a_gap():
    drawn = combo(QUARTERS, [Series("A", [1, None, 3], "line")], label="x")
    assert len(re.findall(r'class="line', drawn)) == 2


def test_colours_are_classes_on_a_page_and_paint_on_paper():
    series = [Series("A", [1, 2, 3])]
    page, paper = (
        combo(QUARTERS, series, label="x"),
        combo(QUARTERS, series, label="x", width=300, paint=Paint(accent="#123456")),
    )
    assert "c-accent" in page and "#123456" not in page
    assert "#123456" in paper and "class=" not in paper and "style=" not in page


def test_the_target_mark_stands_at_the_target():
    assert '<rect class="mark" x="66.7%"' in bar(50, mark=66.7)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 1), (0, 943), (-3, 12), (0, 1e-9), (0, 3.4e12)])
def test_ticks_are_few_and_hold_all_values(low, high):
    steps = ticks(low, high)
    assert steps[0] <= low and steps[-1] >= high and 2 <= len(steps) <= 7


def test_the_numbers_are_there_without_the_picture():
    table = data_table(["Quarter", "Revenue"], [["Q1", "€1"]], caption="Revenue")
    assert '<th scope="row">Q1</th><td class="num">€1</td>' in table
