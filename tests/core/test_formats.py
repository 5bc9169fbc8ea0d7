"""Figures and dates as people read them, in several languages, and never a crash on a strange one."""
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from prm.core import formats

NOW = datetime(2026, 7, 3, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (123456789, "USD", "en_US", "$1,234,567.89"),
        (123456789, "EUR", "de_DE", "1.234.567,89\xa0€"),
        (-5, "JPY", "en_US", "-¥5"),
        (1234, "BHD", "en_US", "BHD1.234"),
        (0, "EUR", "en", "€0.00"),
        (None, "EUR", "en", "–"),
        (2**53 + 1, "USD", "en_US", "$90,071,992,547,409.93"),
    ],
)
def test_money_has_the_digits_of_its_currency(minor, currency, locale, text):
    assert formats.money(minor, currency, locale).replace("BHD\xa0", "BHD") == text


@pytest.mark.parametrize(
    ("minor", "locale", "text"),
    [
        (121_000_000, "en", "€1.21M"),
        (99_999_900, "en", "€1M"),
        (86_200_000, "en", "€862K"),
        (86_200_000, "de", "862.000 €"),
        (12_345, "en", "€123"),
        (0, "en", "€0"),
    ],
)
def test_short_money_keeps_three_digits_that_count(minor, locale, text):
    assert formats.short_money(minor, "EUR", locale) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("1234567.12"), "1,234,567.12"), (Decimal("2.500000"), "2.5"), (3, "3"), (0.1, "0.1"), (None, "–")],
)
def test_a_number_has_no_trailing_zeros(value, text):
    assert formats.number(value) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_is_shown_as_empty(value):
    assert formats.number(Decimal(value)) == formats.percent(Decimal(value)) == "–"


def test_a_number_too_large_to_write_out_stays_short():
    assert len(formats.number(Decimal("1e2000000"))) < 40
    assert len(formats.short_number(Decimal("1e2000000"))) < 40


def test_a_percentage_is_rounded_half_up():
    assert formats.percent(Decimal("0.2565")) == "25.7%"
    assert formats.percent(Decimal("1.1"), places=0) == "110%"
    assert formats.percent(Decimal("0.256"), "de") == "25,6\xa0%"


def test_a_moment_is_on_the_clock_of_the_zone():
    assert formats.moment(NOW, "Europe/Berlin", "en_GB") == "3 Jul 2026, 16:05"
    assert formats.day(date(2026, 7, 3), "de") == "03.07.2026"


def test_the_ends_of_the_calendar_do_not_break_a_page():
    assert formats.moment(datetime.min.replace(tzinfo=UTC), "America/New_York")
    assert formats.moment(datetime.max.replace(tzinfo=UTC), "Asia/Tokyo")
    assert formats.day(date.min) and formats.day(date.max)


def test_time_passed_is_told_in_words():
    assert formats.ago(NOW - timedelta(hours=3), NOW) == "3 hours ago"
    assert formats.ago(NOW + timedelta(days=2), NOW) == "in 2 days"
    assert formats.ago(NOW, NOW) == "just now"
    assert formats.ago(NOW - timedelta(days=2), NOW, "de") == "vor 2 Tagen"


def test_an_unknown_locale_falls_back_to_english():
    assert formats.day(date(2026, 7, 3), "tlh_XX") == "Jul 3, 2026"


@pytest.mark.parametrize(
    ("value", "unit", "text", "short"),
    [
        (Decimal("1210000.5"), "money", "€1,210,000.50", "€1.21M"),
        (Decimal("0.256"), "percent", "25.6%", "26%"),
        (Decimal("12.345"), "number", "12.35", "12.3"),
        (None, "money", "–", "–"),
        (None, "percent", "–", "–"),
    ],
)
def test_the_value_of_a_kpi_is_written_in_its_unit(value, unit, text, short):
    assert formats.figure(value, unit, "EUR") == text
    assert formats.short_figure(value, unit, "EUR") == short
