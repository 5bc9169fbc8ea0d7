"""Money as whole minor units of a currency; never a float."""
from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

from prm.core.errors import Invalid

MONEY_LIMIT = 10**15  # minor units; a sum of thousands of such amounts still fits 64 bits


@lru_cache(maxsize=512)
def minor_digits(currency: str) -> int:
    """How many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Every ISO 4217 code babel knows."""
    return frozenset(list_currencies())


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units -> whole minor units, half up; Invalid beyond the limit. The size is tested before any shift, as
    `int(Decimal("1e2000000"))` would take minutes."""
    if not amount.is_finite() or amount.adjusted() > 15:
        raise Invalid("That amount is too large.")
    minor = int((amount * 10 ** minor_digits(currency)).to_integral_value(rounding=ROUND_HALF_UP))
    if abs(minor) >= MONEY_LIMIT:
        raise Invalid("That amount is too large.")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """Whole minor units -> major units with the currency's decimals: 123450 EUR -> 1234.50."""
    return Decimal(int(minor)).scaleb(-minor_digits(currency))
