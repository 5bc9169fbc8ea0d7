"""How figures and dates are written for people: pure functions of a value and a locale, one place for screen and PDF.

An empty value is a dash, never a zero. Results are remembered, as a list shows the same few thousand values again.
"""
from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
)

from prm.core.money import from_minor, minor_digits

DASH = "–"
REMEMBERED = 8192
WIDEST = 40  # digits; anything longer is shown in the notation of its size, so that 1e9999999 never becomes 10 MB


@lru_cache(maxsize=64)
def locale_of(name: str) -> Locale:
    """The babel locale of `de`, `de_DE` or `de-DE`; English when nobody knows it."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en")


@lru_cache(maxsize=REMEMBERED)
def money(minor: int | None, currency: str, locale: str = "en") -> str:
    """Whole minor units as an amount: 123450, "EUR" -> €1,234.50."""
    if minor is None:
        return DASH
    return format_currency(from_minor(minor, currency), currency, locale=locale_of(locale))


@lru_cache(maxsize=REMEMBERED)
def short_money(minor: int | None, currency: str, locale: str = "en") -> str:
    """An amount where space is short: €1.21M. For axes and phones; the exact figure stands beside or behind it."""
    if minor is None:
        return DASH
    spoken, major = locale_of(locale), _three_digits(from_minor(minor, currency))
    text = format_compact_currency(major, currency, locale=spoken, fraction_digits=_short_places(major))
    if _too_long(text):
        return format_currency(major, currency, "#,##0 ¤", locale=spoken, currency_digits=False)
    return text


@lru_cache(maxsize=REMEMBERED)
def figure(value: Decimal | None, unit: str, currency: str, locale: str = "en") -> str:
    """A KPI's value in its unit: money (in major units), percent (as a fraction), or a number."""
    if unit == "money" and _usable(value) is not None:
        return format_currency(value, currency, locale=locale_of(locale))
    return percent(value, locale) if unit == "percent" else number(value, locale, 2)


@lru_cache(maxsize=REMEMBERED)
def short_figure(value: Decimal | float | None, unit: str, currency: str, locale: str = "en") -> str:
    """The same where space is short: €1.21M, 26%, 1.2K."""
    value = _usable(value)
    if unit == "money" and value is not None and value.adjusted() < WIDEST:
        return short_money(int(value.scaleb(minor_digits(currency))), currency, locale)
    return percent(value, locale, 0) if unit == "percent" else short_number(value, locale)


@lru_cache(maxsize=REMEMBERED)
def number(value: Decimal | float | None, locale: str = "en", places: int = 6) -> str:
    """A number with its digits grouped, at most `places` decimals, no trailing zeros."""
    value = _usable(value)
    if value is None:
        return DASH
    if value.adjusted() > WIDEST:
        return f"{value:.6e}"
    return format_decimal(_rounded(value, places), locale=locale_of(locale), format="#,##0.######")


@lru_cache(maxsize=REMEMBERED)
def short_number(value: Decimal | float | None, locale: str = "en") -> str:
    """A number where space is short: 1.21M."""
    value = _usable(value)
    if value is None:
        return DASH
    if value.adjusted() > 14:
        return f"{value:.2e}"
    spoken, value = locale_of(locale), _three_digits(value)
    text = format_compact_decimal(value, locale=spoken, fraction_digits=_short_places(value))
    return format_decimal(value, locale=spoken) if _too_long(text) else text


@lru_cache(maxsize=REMEMBERED)
def percent(fraction: Decimal | float | None, locale: str = "en", places: int = 1) -> str:
    """A fraction as percent: 0.256 -> 25.6%. Rounded half up, as people do."""
    value = _usable(fraction)
    if value is None:
        return DASH
    pattern = locale_of(locale).percent_formats[None].pattern
    return format_decimal(_rounded(value, places + 2), locale=locale_of(locale), format=_with_decimals(pattern, places))


@lru_cache(maxsize=REMEMBERED)
def day(value: date | None, locale: str = "en") -> str:
    """A calendar day: 3 Jul 2026. A moment must be brought into the organisation's zone first."""
    if value is None:
        return DASH
    return format_date(value, "medium", locale=locale_of(locale))


@lru_cache(maxsize=REMEMBERED)
def moment(value: datetime | None, zone: str = "UTC", locale: str = "en") -> str:
    """A point in time on the clock of `zone`, to the minute."""
    if value is None:
        return DASH
    local = _in_zone(value, zone)
    if local is None:
        return value.isoformat()
    spoken = locale_of(locale)
    pattern = spoken.datetime_formats["medium"]
    clock = format_datetime(local, spoken.time_formats["short"].pattern, locale=spoken)
    return pattern.replace("'", "").replace("{0}", clock).replace("{1}", format_date(local, "medium", locale=spoken))


def ago(value: datetime | None, present: datetime, locale: str = "en") -> str:
    """How long before `present` something was: 5 minutes ago; after it: in 2 days."""
    if value is None:
        return DASH
    passed = value - present
    if abs(passed) < timedelta(seconds=45):
        return "just now" if locale_of(locale).language == "en" else _spoken(timedelta(0), locale)
    return _spoken(passed, locale)


def _spoken(passed: timedelta, locale: str) -> str:
    return format_timedelta(passed, add_direction=True, locale=locale_of(locale))


def _usable(value: Decimal | float | None) -> Decimal | None:
    """The value as a finite Decimal, or None: NaN and infinity are shown as empty."""
    if value is None:
        return None
    value = value if isinstance(value, Decimal) else Decimal(str(value))
    return value if value.is_finite() else None


def _rounded(value: Decimal, places: int) -> Decimal:
    if value.adjusted() >= WIDEST:
        return value
    with localcontext(Context(prec=2 * WIDEST, rounding=ROUND_HALF_UP)):
        return value.quantize(Decimal(1).scaleb(-places))


def _three_digits(value: Decimal) -> Decimal:
    """999,999 -> 1.00E+6, so that it is 1M and not 1000K."""
    return Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(value)


def _short_places(value: Decimal) -> int:
    """Decimals for three digits that count: 1.21M, 12.1M, 121M."""
    return 2 - value.adjusted() % 3 if value else 0


def _too_long(text: str) -> bool:
    """Some locales have no short word for thousands (German) and would give 862000 without any grouping."""
    return re.search(r"\d{5}", text) is not None


def _with_decimals(pattern: str, places: int) -> str:
    """The locale's percent pattern with up to `places` decimals: `#,##0 %` -> `#,##0.# %`."""
    return pattern.replace("#,##0", "#,##0." + "#" * places) if places else pattern


def _in_zone(value: datetime, zone: str) -> datetime | None:
    """None at the ends of time, where a shift by hours leaves the calendar."""
    try:
        return value.astimezone(ZoneInfo(zone))
    except (OverflowError, ValueError):
        return None
