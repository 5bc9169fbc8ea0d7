"""Money: whole minor units of a currency, exact in both directions, refused beyond what can be summed."""
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.errors import Invalid
from prm.core.money import MONEY_LIMIT, currencies, from_minor, minor_digits, to_minor


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3)])
def test_a_currency_has_its_own_decimals(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1234.50", "EUR", 123450), ("1234", "JPY", 1234), ("1.2345", "KWD", 1235), ("0.005", "EUR", 1), ("0.004", "EUR", 0),
        ("-0.005", "EUR", -1), ("0.5", "JPY", 1), ("0", "EUR", 0), ("-12.34", "EUR", -1234), ("1e3", "EUR", 100000),
        ("1e-2000000", "EUR", 0), ("9999999999999.99", "EUR", MONEY_LIMIT - 1),
    ],
)  # fmt: skip
def test_an_amount_becomes_whole_minor_units_half_up(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e2000000", "-1e2000000", "1e400", "10000000000000", "9999999999999.995", "-1e13"]
)
def test_what_cannot_be_summed_is_refused_at_once(amount):
    begun = time.perf_counter()
    with pytest.raises(Invalid):
        to_minor(Decimal(amount), "EUR")
    assert time.perf_counter() - begun < 0.1


@given(st.integers(-MONEY_LIMIT + 1, MONEY_LIMIT - 1), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_there_and_back_is_the_same(minor, currency):
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_minor_units_become_an_amount_with_all_its_decimals():
    assert [str(from_minor(123450, c)) for c in ("EUR", "JPY", "KWD")] == ["1234.50", "123450", "123.450"]
    assert from_minor(Decimal(5), "EUR") == Decimal("0.05")  # sums come as Decimal from PostgreSQL


def test_the_currencies_of_the_world_are_known():
    assert {"EUR", "USD", "GBP", "CHF", "JPY"} <= currencies() and "ABC" not in currencies()
