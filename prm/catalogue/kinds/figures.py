"""Kinds that are figures: kept as whole numbers (millionths, minor units), so that sums are exact on both databases."""
from __future__ import annotations

from decimal import Decimal

from peewee import Cast, IntegerField

from prm.catalogue.kinds.base import Kind, whole
from prm.catalogue.numbers import pointed, read_number, without_currency
from prm.core import formats as written
from prm.core.db import LIMIT, SCALE, Exact, from_units, to_units
from prm.core.errors import Invalid
from prm.core.money import from_minor, to_minor


FOUR_DIGITS = range(1000, 10_000)


class Number(Kind):
    """A Decimal with at most six places; further ones are rounded half up."""

    key, label, numeric, summable, xlsx = "number", "Number", True, True, "number"

    def read(self, value, formats):
        return _fitting(read_number(value, formats.numbers))

    def store(self, value):
        return to_units(value)

    def load(self, stored):
        return from_units(stored)

    def path(self, document, key):
        return whole(document[key])

    def column(self, column):
        """Millionths: an Exact column has them already, an integer column is multiplied."""
        if isinstance(column, Exact):
            return Cast(column, "bigint")
        return Cast(column, "bigint") * SCALE if isinstance(column, IntegerField) else column

    def raw(self, found):
        return None if found is None else from_units(found)

    def show(self, value, formats):
        """Four digits stand together, as many of them are years: 1979, and 19,790."""
        if 1000 <= value < 10_000 and value == int(value):
            return str(int(value))
        return written.number(value, formats.locale)

    def machine(self, value, formats):
        return plain_decimal(value)

    def typed(self, value, formats):
        return pointed(plain_decimal(value), formats.numbers)


class Percent(Number):
    """A fraction. Text is read as people write it, with or without the sign: 12.5 and 12.5% are 0.125. A number, as a
    cell of a sheet or JSON has it, is the fraction itself."""

    key, label, xlsx = "percent", "Percent", "percent"

    def read(self, value, formats):
        if not isinstance(value, str):
            return Number.read(self, value, formats)
        return _fitting(read_number(value.strip().removesuffix("%"), formats.numbers) / 100)

    def show(self, value, formats):
        return written.percent(value, formats.locale)

    def typed(self, value, formats):
        return Number.typed(self, value * 100, formats) + "%"


class Money(Kind):
    """Whole minor units. Amounts are grouped by ranges, not one by one."""

    key, label, numeric, summable, xlsx, groupable = "money", "Money", True, True, "money", False

    def read(self, value, formats):
        text = without_currency(value[:200]) if isinstance(value, str) else value
        return to_minor(read_number(text, formats.numbers), formats.currency)

    def path(self, document, key):
        return whole(document[key])

    def raw(self, found):
        return None if found is None else int(found)

    def exact(self, value: int, currency: str) -> Decimal:
        """In major units."""
        return from_minor(value, currency)

    def show(self, value, formats):
        return written.money(value, formats.currency, formats.locale)

    def machine(self, value, formats):
        return str(from_minor(value, formats.currency))

    def typed(self, value, formats):
        return pointed(self.machine(value, formats), formats.numbers)

    def plain(self, value, formats):
        return from_minor(value, formats.currency)


class FormulaKind(Number):
    """Worked out from other fields when the row is saved, and from then on an ordinary number. What is parsed are the
    values it is compared with: no form has it, nobody writes it."""

    key, label = "formula", "Formula"


def plain_decimal(value: Decimal) -> str:
    """A decimal without an exponent and without trailing zeros."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fitting(number: Decimal) -> Decimal:
    """With six places; Invalid beyond what 64 bits of millionths can hold and sum."""
    if abs(number) >= LIMIT:
        raise Invalid("That number is too large: numbers stay below a million millions.")
    return from_units(to_units(number))


