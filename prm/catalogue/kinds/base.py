"""What all kinds share, and what reading and writing values depends on."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from peewee import Cast, fn

from prm.catalogue.numbers import of_locale
from prm.core.errors import Invalid

LONGEST_TEXT = 200
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
UNKEPT = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Formats:
    """`numbers` and `days` fix how an ambiguous value is read: "1,234.50", "dmy". Empty: it is refused."""

    locale: str = "en"
    currency: str = "USD"
    zone: str = "UTC"
    fiscal_month: int = 1
    numbers: str = ""
    days: str = ""

    @property
    def typed(self) -> Formats:
        """For inputs that a person fills: numbers as the locale writes them, so that 1.234 is what it looks like."""
        return replace(self, numbers=of_locale(self.locale))


class Kind:
    """Each kind overrides what is different."""

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
        """For people."""
        return str(value)

    def machine(self, value: Any, formats: Formats) -> Any:
        """For JSON and CSV: text, a whole number, yes/no or None."""
        return value

    def typed(self, value: Any, formats: Formats) -> Any:
        """As a person would type it: `parse` with these formats reads it back unchanged."""
        return self.machine(value, formats)

    def plain(self, value: Any, formats: Formats) -> Any:
        """For XLSX: a number or date where it is one."""
        return value


def clean(text: Any) -> str:
    """Text that both databases and every file can hold; Invalid names what is wrong."""
    text = cell_text(text)
    if UNKEPT.search(text):
        raise Invalid("The text has characters that cannot be stored (NUL or half a character).")
    return CONTROL.sub("", text).strip()


def cell_text(value: Any) -> str:
    """A cell as text: a sheet gives 5.0 for 5, and a moment for a day."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)


def whole(path):
    """A whole number out of a JSON document; 64 bits wide."""
    return Cast(fn.NULLIF(path.as_text(), ""), "bigint")
