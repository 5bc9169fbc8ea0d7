"""Numbers as people write them in spreadsheets: which mark groups thousands is found in the column, never guessed."""
from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any

from prm.core.errors import Invalid
from prm.core.formats import locale_of

# Format by example -> the mark that groups thousands, the decimal point.
FORMATS = {"1,234.50": (",", "."), "1.234,50": (".", ","), "1 234,50": (" ", ","), "1'234.50": ("'", ".")}
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
PLAINEST = re.compile(r"-?\d{1,20}(?:\.(?:\d\d?|\d{4,15}))?", re.ASCII)  # nearly every cell: worth a short way
EVERY = ("plain", *FORMATS)
POINTED = ("plain", "1,234.50", "1'234.50")
LONGEST = 40
CODE = re.compile(r"[A-Z]{3}(?![A-Za-z])\s*|\s*(?<![A-Za-z])[A-Z]{3}$", re.ASCII)


def _shape(group: str, point: str) -> re.Pattern:
    group, point = re.escape(group), re.escape(point)
    return re.compile(rf"[+-]?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)(?:{point}\d+)?", re.ASCII)


GROUPED = {name: _shape(*marks) for name, marks in FORMATS.items()}


def read_number(value: Any, form: str = "") -> Decimal:
    """A finite Decimal from a cell; Invalid where it is none, or where `1,234` could be two different numbers."""
    if isinstance(value, bool):
        raise Invalid("Yes or no is no number.")
    if isinstance(value, int | Decimal | float):
        return _finite(value)
    text = tidy(str(value))
    found = readings(text) if not form else {form: read} if (read := reading(text, form)) is not None else {}
    if "plain" in found:
        return found["plain"]
    if len(set(found.values())) > 1:
        raise Invalid(f"“{text[:40]}” can be read in two ways. Choose the number format of this column.")
    if not found:
        raise Invalid(f"“{text[:40]}” is no number" + (f" in the format {form}." if form else "."))
    return next(iter(found.values()))


def readings(text: str) -> dict[str, Decimal]:
    """What a tidy text is as a number, by each format in which it is one."""
    if PLAINEST.fullmatch(text):
        return dict.fromkeys(POINTED if "." in text else EVERY, Decimal(text))
    found = {name: reading(text, name) for name in EVERY}
    return {name: number for name, number in found.items() if number is not None}


def reading(text: str, form: str) -> Decimal | None:
    """The number a tidy text is in one format; None where it is none."""
    if form not in FORMATS:
        return Decimal(text) if PLAIN.fullmatch(text) else None
    if not GROUPED[form].fullmatch(text):
        return None
    group, point = FORMATS[form]
    return Decimal(text.replace(group, "").replace(point, "."))


def tidy(text: str) -> str:
    """Spaces of every width become plain ones, the typographic minus and (1.00) become a minus."""
    if len(text) > 4 * LONGEST:
        raise Invalid("That is too long for a number.")
    text = re.sub(r"[\u00a0\u2009\u202f]", " ", text).strip().replace("\u2212", "-").replace("\u2019", "'")
    if len(text) > LONGEST:
        raise Invalid("That is too long for a number.")
    return f"-{text[1:-1].strip()}" if re.fullmatch(r"\([\d.,' ]+\)", text, re.ASCII) else text


def without_currency(text: str) -> str:
    """`€ 1,234.50`, `-$5` and `1,234.50 EUR` are amounts: the sign only stands beside the number."""
    text = "".join(c for c in text if unicodedata.category(c) != "Sc").strip()
    return re.sub(r"^([+-]) +", r"\1", CODE.sub("", text, count=1).strip())


@lru_cache(maxsize=64)
def of_locale(locale: str) -> str:
    """The format in which people of a locale write numbers."""
    symbols = locale_of(locale).number_symbols["latn"]
    group, point = (re.sub(r"\s", " ", symbols[mark]).replace("\u2019", "'") for mark in ("group", "decimal"))
    exact = [name for name, marks in FORMATS.items() if marks == (group, point)]
    return exact[0] if exact else "1.234,50" if point == "," else "1,234.50"


def pointed(text: str, form: str) -> str:
    """A plain number with the decimal point of a format: 1234.5 -> 1234,5."""
    return text.replace(".", FORMATS[form][1]) if form in FORMATS else text


def _finite(value: int | float | Decimal) -> Decimal:
    """Sizes are tested before anything is worked out: int(Decimal("1e2000000")) would take minutes."""
    if isinstance(value, int) and value.bit_length() > 100:
        raise Invalid("That number is too large.")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise Invalid("That is no number.")
    if number and number.adjusted() > 30:
        raise Invalid("That number is too large.")
    return number if not number or number.adjusted() > -30 else Decimal(0)
