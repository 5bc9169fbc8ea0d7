"""The kinds of a field, each defined once: how a text is parsed, how it is kept, compared, summed and shown.

A custom value lives in a JSON document as whole numbers (millionths, minor units), ISO dates or text, so that it
compares in its own order and sums exactly on SQLite and PostgreSQL alike.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from peewee import Cast, IntegerField, Value, fn

from prm.catalogue.days import read_day
from prm.catalogue.numbers import read_number, without_currency
from prm.core import formats as written
from prm.core.db import LIMIT, SCALE, Exact, from_units, is_sqlite, to_units
from prm.core.errors import Invalid
from prm.core.money import from_minor, to_minor
from prm.core.periods import FIRST, LAST

LONGEST_TEXT = 200
LONGEST_NOTE = 20_000
YES, NO = ("yes", "y", "true", "1", "1.0", "on", "x"), ("no", "n", "false", "0", "0.0", "off")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Formats:
    """What reading and writing values depends on. `numbers` and `days` fix an ambiguous column: "1,234.50", "dmy"."""

    locale: str = "en"
    currency: str = "USD"
    zone: str = "UTC"
    fiscal_month: int = 1
    numbers: str = ""
    days: str = ""


def clean(text: Any) -> str:
    """Text that both databases and every file can hold; Invalid names what is wrong."""
    text = text if isinstance(text, str) else str(text)
    if "\x00" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise Invalid("The text has characters that cannot be stored (NUL or half a character).")
    return CONTROL.sub("", text).strip()


class Kind:
    """What all kinds share; each kind overrides what is different."""

    key = ""
    label = ""
    numeric = False  # aligned right
    summable = False
    groupable = True
    orderable = True
    textual = False
    input = "text"
    xlsx = "text"

    def parse(self, value: Any, formats: Formats | None = None) -> Any:
        """From a cell, an input or JSON to a value; None when empty; Invalid with a sentence."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return self.read(value, formats or Formats())

    def read(self, value: Any, formats: Formats) -> Any:
        text = clean(value)
        if len(text) > LONGEST_TEXT:
            raise Invalid(f"At most {LONGEST_TEXT} characters fit here.")
        return text

    def store(self, value: Any) -> Any:
        """The value as JSON, and as it is compared in SQL."""
        return value

    def load(self, stored: Any) -> Any:
        return stored

    def path(self, document, key: str):
        """The SQL that reads a custom value, typed so that it compares in its own order; empty is NULL."""
        return fn.NULLIF(document[key].as_text(), "")

    def column(self, column):
        """The SQL that reads a built-in column in the same terms as a custom value of this kind."""
        return column

    def raw(self, found: Any) -> Any:
        """From what the database returns (also of a SUM or MAX) to a value."""
        return None if found in (None, "") else found

    def show(self, value: Any, formats: Formats) -> str:
        return str(value)

    def machine(self, value: Any, formats: Formats) -> Any:
        """For JSON and CSV: text, a whole number, yes/no or None."""
        return value

    def plain(self, value: Any, formats: Formats) -> Any:
        """For XLSX: a number or date where it is one."""
        return value


class Text(Kind):
    """One line: what breaks a line becomes a space. A whole number from a sheet (5.0) is written 5, as it is shown."""

    key, label, textual = "text", "Text", True

    def read(self, value, formats):
        return Kind.read(self, " ".join(_written(value).split()), formats)


class LongText(Text):
    key, label, groupable, orderable, input = "long_text", "Long text", False, False, "textarea"

    def read(self, value, formats):
        text = clean(_written(value)).replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LONGEST_NOTE:
            raise Invalid(f"At most {LONGEST_NOTE:,} characters fit here.")
        return text


class Email(Text):
    key, label, input = "email", "E-mail", "email"

    def read(self, value, formats):
        text = clean(value)
        try:
            return validate_email(text[:320], check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Invalid(f"“{text[:80]}” is no e-mail address.") from None


class Url(Text):
    key, label, input = "url", "URL", "url"

    def read(self, value, formats):
        text = clean(value)
        if "://" not in text and "." in text and " " not in text and not text.lower().startswith(("javascript:", "data:")):
            text = f"https://{text}"
        if not re.match(r"https?://[^\s/?#<>\"']+[^\s<>\"']*$", text, re.IGNORECASE) or len(text) > 400:
            raise Invalid(f"“{text[:80]}” is no web address. It starts with https://.")
        return text


class Number(Kind):
    key, label, numeric, summable, xlsx = "number", "Number", True, True, "number"

    def read(self, value, formats):
        return _fitting(read_number(value, formats.numbers))

    def store(self, value):
        return to_units(value)

    def load(self, stored):
        return from_units(stored)

    def path(self, document, key):
        return _whole(document[key])

    def column(self, column):
        """Millionths: an Exact column has them already, an integer column is multiplied."""
        if isinstance(column, Exact):
            return Cast(column, "bigint")
        return Cast(column, "bigint") * SCALE if isinstance(column, IntegerField) else column

    def raw(self, found):
        return None if found is None else from_units(found)

    def show(self, value, formats):
        """Four digits are not grouped: a year is 1981, not 1,981."""
        return str(int(value)) if abs(value) < 10_000 and value == int(value) else written.number(value, formats.locale)

    def machine(self, value, formats):
        return plain_decimal(value)


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


class Money(Kind):
    """Whole minor units. Amounts are grouped by ranges, not one by one."""

    key, label, numeric, summable, xlsx, groupable = "money", "Money", True, True, "money", False

    def read(self, value, formats):
        text = without_currency(value[:200]) if isinstance(value, str) else value
        return to_minor(read_number(text, formats.numbers), formats.currency)

    def path(self, document, key):
        return _whole(document[key])

    def raw(self, found):
        return None if found is None else int(found)

    def exact(self, value: int, currency: str) -> Decimal:
        return from_minor(value, currency)

    def show(self, value, formats):
        return written.money(value, formats.currency, formats.locale)

    def machine(self, value, formats):
        return str(from_minor(value, formats.currency))

    def plain(self, value, formats):
        return from_minor(value, formats.currency)


class Day(Kind):
    key, label, input, xlsx = "date", "Date", "date", "date"

    def read(self, value, formats):
        day = read_day(value, formats.days)
        if not FIRST <= day <= LAST:
            raise Invalid(f"{day.isoformat()} is out of range: dates go from {FIRST.year} to {LAST.year}.")
        return day

    def store(self, value):
        return value.isoformat()

    def load(self, stored):
        return date.fromisoformat(stored)

    def raw(self, found):
        return date.fromisoformat(found[:10]) if isinstance(found, str) and found else found or None

    def show(self, value, formats):
        return written.day(value, formats.locale)

    def machine(self, value, formats):
        return value.isoformat()


class DateTime(Kind):
    key, label, input, xlsx = "datetime", "Date and time", "text", "datetime"

    def read(self, value, formats):
        moment = value if isinstance(value, datetime) else _moment(clean(value), formats)
        if not FIRST <= moment.date() <= LAST:
            raise Invalid(f"{str(value)[:40]} is out of range: dates go from {FIRST.year} to {LAST.year}.")
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(formats.zone))).astimezone(UTC)

    def store(self, value):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat(" ")

    def load(self, stored):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)

    def path(self, document, key):
        text = fn.NULLIF(document[key].as_text(), "")
        return fn.DATETIME(text) if is_sqlite() else Cast(text, "timestamp")

    def moment(self, value: datetime | str) -> Value:
        """As SQL compares it: UTC without a zone, whether it is held against a column or a custom value."""
        value = datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)
        return Value(value.replace(tzinfo=None), converter=False)

    def raw(self, found):
        if isinstance(found, str):
            found = datetime.fromisoformat(found) if found else None
        return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found

    def show(self, value, formats):
        return written.moment(value, formats.zone, formats.locale)

    def machine(self, value, formats):
        return value.isoformat()

    def plain(self, value, formats):
        return value.astimezone(ZoneInfo(formats.zone)).replace(tzinfo=None)


class Bool(Kind):
    key, label, input = "bool", "Yes/no", "checkbox"

    def read(self, value, formats):
        text = str(value).strip().casefold()
        if text not in YES + NO:
            raise Invalid(f"“{str(value)[:40]}” is neither yes nor no.")
        return text in YES

    def path(self, document, key):
        """`true` reads as 1 on SQLite and as true on PostgreSQL: each compares with what Python calls True."""
        return Cast(fn.NULLIF(document[key].as_text(), ""), "integer" if is_sqlite() else "boolean")

    def raw(self, found):
        return None if found is None else bool(found)

    def show(self, value, formats):
        return "Yes" if value else "No"


class Choice(Kind):
    key, label, input = "choice", "Choice", "select"


class Choices(Kind):
    """Several choices: a sorted list in JSON. It is compared as text, so `"Owner"` with its quotes finds one."""

    key, label, orderable, input = "choices", "Several choices", False, "multiselect"

    def read(self, value, formats):
        parts = value if isinstance(value, list | tuple) else re.split(r"[;|,]", clean(value))
        return sorted({clean(part) for part in parts if clean(part)})[:50]

    def path(self, document, key):
        return document[key]

    def raw(self, found):
        if isinstance(found, str):
            import json

            found = json.loads(found) if found else []
        return found or None

    def show(self, value, formats):
        return ", ".join(value)

    def machine(self, value, formats):
        return ", ".join(value)

    plain = machine


class Link(Kind):
    key, label, input = "link", "Link to a record", "combobox"

    def path(self, document, key):
        return _whole(document[key])


class FormulaKind(Number):
    """Worked out from other fields when the row is saved, and from then on an ordinary number. What is parsed are the
    values it is compared with: no form has it, nobody writes it."""

    key, label = "formula", "Formula"


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Text(), LongText(), Number(), Money(), Percent(), Day(), DateTime(), Bool(), Choice(), Choices(), Link(), Email(),
        Url(), FormulaKind(),
    )
}  # fmt: skip


def plain_decimal(value: Decimal) -> str:
    """A decimal without an exponent and without trailing zeros."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fitting(number: Decimal) -> Decimal:
    """With six places, half up; Invalid beyond what 64 bits of millionths can hold and sum."""
    if abs(number) >= LIMIT:
        raise Invalid("That number is too large: numbers stay below a million millions.")
    return from_units(to_units(number))


def _whole(path):
    """A whole number out of a JSON document."""
    return Cast(fn.NULLIF(path.as_text(), ""), "bigint")


def _written(value: Any) -> str:
    """A cell as text: a sheet gives 5.0 for 5 and a moment for a day."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return value if isinstance(value, str) else str(value)


def _moment(text: str, formats: Formats) -> datetime:
    found = re.fullmatch(r"(\S+(?: \w+ \d{4})?)[T ]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?", text, re.ASCII)
    try:
        if found is None:
            return datetime.combine(read_day(text, formats.days), datetime.min.time())
        day = read_day(found[1], formats.days)
        clock = datetime.strptime(found[2], "%H:%M:%S" if found[2].count(":") == 2 else "%H:%M").time()
        zone = {"tzinfo": datetime.strptime(found[3].replace("Z", "+0000"), "%z").tzinfo} if found[3] else {}
        return datetime.combine(day, clock, **zone)
    except ValueError:
        raise Invalid(f"“{text[:40]}” is no date and time. Write 2026-07-31 14:30.") from None
