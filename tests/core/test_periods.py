"""Periods and relative dates: right on the first and the last day of each, leap days and fiscal years included."""
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.periods import LENGTHS, last_periods, parse_period, period_of, relative

MONDAY, SUNDAY = 0, 6


@pytest.mark.parametrize(
    ("key", "fiscal_month", "start", "end", "label"),
    [
        ("2026-07", 1, date(2026, 7, 1), date(2026, 7, 31), "July 2026"),
        ("2024-02", 1, date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2026-Q3", 1, date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"),
        ("2026", 1, date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("2026-07", 4, date(2026, 7, 1), date(2026, 7, 31), "July 2026"),
        ("2026", 4, date(2025, 4, 1), date(2026, 3, 31), "FY2026"),
        ("2026-Q1", 4, date(2025, 4, 1), date(2025, 6, 30), "FY2026 Q1"),
        ("2026-Q4", 4, date(2026, 1, 1), date(2026, 3, 31), "FY2026 Q4"),
        ("2026-Q3", 10, date(2026, 4, 1), date(2026, 6, 30), "FY2026 Q3"),
        ("2026", 12, date(2025, 12, 1), date(2026, 11, 30), "FY2026"),
        ("2026-Q1", 12, date(2025, 12, 1), date(2026, 2, 28), "FY2026 Q1"),
    ],
)
def test_a_key_names_a_stretch_of_days(key, fiscal_month, start, end, label):
    period = parse_period(key, fiscal_month)
    assert (period.start, period.end, period.label, period.key) == (start, end, label, key)


@pytest.mark.parametrize(
    "key", ["", "26", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-7", "20261", "٢٠٢٦", "1799", "2300", "0000-01",
            "2026-07-01", "next year", None, 2026.5, "2026\n", " 2026", "\x00"],
)  # fmt: skip
def test_anything_else_is_no_period(key):
    with pytest.raises(ValueError, match="is no period"):
        parse_period(key)


@given(st.dates(date(1901, 1, 1), date(2199, 12, 31)), st.sampled_from(LENGTHS), st.integers(1, 12))
def test_every_day_lies_in_one_period_and_the_next_begins_the_day_after(day, length, fiscal_month):
    period = period_of(day, length, fiscal_month)
    assert period.start <= day <= period.end
    assert period.contains(day)
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period
    assert period.same_last_year().start.year == period.start.year - 1
    assert period.same_last_year().start.month == period.start.month
    assert period.to_date(day) == (period.start, day)
    assert parse_period(period.key, fiscal_month) == period


def test_the_last_periods_end_with_this_one():
    assert [p.key for p in last_periods(parse_period("2026-Q1"), 3)] == ["2025-Q3", "2025-Q4", "2026-Q1"]


RELATIVE = [
    ("today", "2026-07-15", "2026-07-15 2026-07-15"),
    ("yesterday", "2026-01-01", "2025-12-31 2025-12-31"),
    ("tomorrow", "2024-02-28", "2024-02-29 2024-02-29"),
    ("this week", "2026-07-13", "2026-07-13 2026-07-19"),  # a Monday
    ("this week", "2026-07-19", "2026-07-13 2026-07-19"),  # a Sunday
    ("last week", "2026-01-01", "2025-12-22 2025-12-28"),
    ("next week", "2026-07-15", "2026-07-20 2026-07-26"),
    ("this month", "2026-07-01", "2026-07-01 2026-07-31"),
    ("this month", "2026-07-31", "2026-07-01 2026-07-31"),
    ("last month", "2024-03-31", "2024-02-01 2024-02-29"),
    ("next month", "2026-01-31", "2026-02-01 2026-02-28"),
    ("this quarter", "2026-09-30", "2026-07-01 2026-09-30"),
    ("this quarter", "2026-10-01", "2026-10-01 2026-12-31"),
    ("last quarter", "2026-01-01", "2025-10-01 2025-12-31"),
    ("last year", "2026-12-31", "2025-01-01 2025-12-31"),
    ("this fiscal year", "2026-07-15", "2026-01-01 2026-12-31"),
    ("last 1 day", "2026-07-15", "2026-07-15 2026-07-15"),
    ("last 90 days", "2026-07-15", "2026-04-17 2026-07-15"),
    ("last 2 weeks", "2026-07-15", "2026-06-29 2026-07-12"),
    ("last 3 months", "2026-07-31", "2026-04-01 2026-06-30"),
    ("last 4 quarters", "2026-11-24", "2025-10-01 2026-09-30"),
    ("last 2 years", "2026-01-01", "2024-01-01 2025-12-31"),
    ("next 7 days", "2026-12-30", "2026-12-30 2027-01-05"),
    ("next 2 quarters", "2026-11-24", "2027-01-01 2027-06-30"),
    ("week to date", "2026-07-15", "2026-07-13 2026-07-15"),
    ("month to date", "2026-07-01", "2026-07-01 2026-07-01"),
    ("quarter to date", "2026-11-24", "2026-10-01 2026-11-24"),
    ("year to date", "2024-02-29", "2024-01-01 2024-02-29"),
    ("same period last year", "2026-11-24", "2025-10-01 2025-11-24"),
    ("same period last year", "2024-02-29", "2023-01-01 2023-02-28"),
    ("2026-Q3", "2020-01-01", "2026-07-01 2026-09-30"),
    ("2026-q3", "2020-01-01", "2026-07-01 2026-09-30"),
    ("2026-07-31", "2020-01-01", "2026-07-31 2026-07-31"),
    ("2026-01-01..2026-03-31", "2020-01-01", "2026-01-01 2026-03-31"),
    ("2026-01-01 .. ", "2020-01-01", "2026-01-01 None"),
    ("..2026-03-31", "2020-01-01", "None 2026-03-31"),
    ("  Last   4  QUARTERS ", "2026-11-24", "2025-10-01 2026-09-30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "today", "expected"), RELATIVE)
def test_relative_words_are_whole_days_both_ends_inside(text, today, expected):
    first, last = relative(text, date.fromisoformat(today))
    assert f"{first} {last}" == expected


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("this year", "2026-03-31", "2025-04-01 2026-03-31"),
        ("this fiscal year", "2026-04-01", "2026-04-01 2027-03-31"),
        ("last quarter", "2026-04-01", "2026-01-01 2026-03-31"),
        ("last 2 fiscal years", "2026-04-01", "2024-04-01 2026-03-31"),
        ("year to date", "2026-02-03", "2025-04-01 2026-02-03"),
        ("2026", "2020-01-01", "2025-04-01 2026-03-31"),
        ("2026-Q4", "2020-01-01", "2026-01-01 2026-03-31"),
        ("this month", "2026-03-31", "2026-03-01 2026-03-31"),
    ],
)
def test_years_and_quarters_are_those_of_the_fiscal_year(text, today, expected):
    first, last = relative(text, date.fromisoformat(today), fiscal_month=4)
    assert f"{first} {last}" == expected


def test_a_week_may_start_on_sunday():
    assert relative("this week", date(2026, 7, 15), week_start=SUNDAY) == (date(2026, 7, 12), date(2026, 7, 18))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Examples: this month"),
        ("soon", "“soon” is no date"),
        ("last 0 days", "from 1 to 1200"),
        ("last 1201 months", "from 1 to 1200"),
        ("last 99999 days", "is no date"),
        ("last ٣ days", "is no date"),
        ("2026-02-29", "is no date"),
        ("0000-01-01", "is no date"),
        ("9999-01-01", "is no date"),
        ("2026-W01-1", "is no date"),
        ("..", "is no range"),
        ("2026-01-01..2026-02-30", "is no range"),
        ("2026-03-31..2026-01-01", "ends before it begins"),
        ("x" * 100_000, "is no date"),
        ("\x00", "is no date"),
    ],
)
def test_what_is_not_understood_is_said_with_examples(text, words):
    with pytest.raises(ValueError, match=words):
        relative(text, date(2026, 7, 15))


@given(st.text(), st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(1, 12))
def test_no_text_breaks_it(text, today, fiscal_month):
    try:
        relative(text, today, fiscal_month)
    except ValueError as refused:
        assert "“" in str(refused)


UNITS = ["day", "week", "month", "quarter", "year"]


@given(st.sampled_from(["last", "next"]), st.integers(1, 1200), st.sampled_from(UNITS))
def test_counted_stretches_never_leave_the_calendar(way, count, unit):
    first, last = relative(f"{way} {count} {unit}s", date(2026, 7, 15))
    assert first <= last
