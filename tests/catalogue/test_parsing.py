"""What a column of raw text holds: its kind, and its format where only one makes sense."""
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.catalogue.kinds import KINDS, Formats
from prm.catalogue.numbers import FORMATS, read_number, readings
from prm.catalogue.parsing import detect
from prm.core.errors import Invalid

KIND_OF = [
    ([], "text"),
    (["", " ", None], "text"),
    (["1", "2.5", "-3"], "number"),
    (["1974", "1980"], "number"),
    (["00123", "5"], "text"),
    (["0", "0.5"], "number"),
    (["AW00000001"], "text"),
    (["12345678901234567890"], "text"),
    (["5%", "12.5 %"], "percent"),
    (["$5", "1,234.50 USD"], "money"),
    (["2026-01-01", "29 Dec 2010", "Sept 3, 2011"], "date"),
    (["2026-01-01 00:00:00"], "date"),
    (["2026-01-01 14:30", "2026-01-02T09:00:00Z"], "datetime"),
    (["Yes", "no", "NO"], "bool"),
    (["ada@example.com"], "email"),
    (["https://example.com/a", "www.example.com"], "url"),
    (["245-555-0173", "1 (11) 500 555-0132"], "text"),
    (["1e5"], "text"),
    (["NaN", "1"], "text"),
    (["٣", "1"], "text"),
    (["1_000"], "text"),
    (["one\ntwo"], "long_text"),
    (["x" * 201], "long_text"),
    ([5.0, 7], "number"),
    ([date(2026, 1, 1), datetime(2026, 1, 2)], "date"),
    ([datetime(2026, 1, 2, 14, 30)], "datetime"),
    ([True, False], "bool"),
]


@pytest.mark.parametrize(("column", "kind"), KIND_OF, ids=str)
def test_the_kind_is_the_one_every_value_is_of(column, kind):
    assert detect(column).kind == kind


FORMAT_OF = [
    (["1234.50", "5"], ""),
    (["1,234.50", "5,000"], "1,234.50"),
    (["5,000", "0.5"], "1,234.50"),
    (["1.234,50", "5.000"], "1.234,50"),
    (["1 234,50", "5 000"], "1 234,50"),
    (["1\u202f234,50"], "1 234,50"),
    (["1'234.50", "5'000"], "1'234.50"),
    (["0.125", "1.375"], ""),
    (["1,5"], "1.234,50"),
]


@pytest.mark.parametrize(("column", "numbers"), FORMAT_OF, ids=str)
def test_one_value_decides_the_number_format_of_its_column(column, numbers):
    found = detect(column, "number")
    assert (found.numbers, found.doubt) == (numbers, "")
    formats = found.formats(Formats())
    assert all(KINDS["number"].parse(text, formats) is not None for text in column)


def test_a_column_that_nothing_decides_is_a_doubt_with_its_lines():
    found = detect(["Amount?", "1,234", "5,000"], "number")
    assert found.doubt == (
        "The column has numbers that can be read in two ways: “1,234” in line 3, “5,000” in line 4."
    )
    assert found.ways == ("1,234.50", "1.234,50", "1 234,50")


def test_values_that_contradict_each_other_are_named():
    assert detect(["1.234,50", "7", "1,234.50"]).doubt == (
        "The column mixes number formats: “1.234,50” in line 2, “1,234.50” in line 4."
    )
    assert "mixes date formats" in detect(["25/12/2026", "12/25/2026"]).doubt


@pytest.mark.parametrize(
    ("column", "days", "doubt"),
    [
        (["03/04/2026", "25/12/2026"], "dmy", False),
        (["03/04/2026", "12/25/2026"], "mdy", False),
        (["03/04/2026", "04/04/2026"], "", True),
        (["04/04/2026"], "dmy", False),
        (["2026-04-03", "3 April 2026"], "", False),
        (["2026-04-03", "03.04.2026"], "", True),
        (["31.12.2026 14:30", "01.02.2026 9:00"], "dmy", False),
    ],
    ids=str,
)
def test_one_value_decides_the_order_of_day_and_month(column, days, doubt):
    found = detect(column)
    assert (found.days, bool(found.doubt)) == (days, doubt)


def test_junk_does_not_hide_the_format_of_a_column_whose_kind_is_known():
    assert detect(["n/a", "1.234,50", "-"], "money").numbers == "1.234,50"
    assert detect(["soon", "25/12/2026"], "date").days == "dmy"


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "inf", "1e5", "1_000", "٣", "1,23,4", "1.2.3", "--1", "1 2", "\x00", "0x10", "9" * 50, "1,234.5.6"],
)
def test_what_is_no_number_is_refused_in_words(text):
    with pytest.raises(Invalid):
        read_number(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("sNaN"), Decimal("1e2000000"), 10**400, True])
def test_a_cell_that_is_no_finite_number_is_refused(value):
    with pytest.raises(Invalid):
        read_number(value)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(list(FORMATS)))
def test_a_number_written_in_a_format_is_read_back_in_it(number, form):
    group, point = FORMATS[form]
    text = f"{number:,.2f}".replace(",", "G").replace(".", point).replace("G", group)
    assert read_number(text, form) == number
    assert readings(text)[form] == number


@given(st.lists(st.one_of(st.text(max_size=30), st.none(), st.floats(), st.integers(), st.booleans(), st.dates())))
def test_no_column_breaks_it(column):
    found = detect(column)
    assert found.kind in KINDS
    for kind in ("number", "percent", "money", "date", "datetime"):
        detect(column, kind)
