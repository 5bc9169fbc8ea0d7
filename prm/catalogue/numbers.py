"""Numbers as people write them in spreadsheets: which mark groups thousands is found in the column, never guessed."""
from __future__ import annotations

import re
from decimal import Decimal

from prm.core.errors import Invalid

FORMATS = {"1,234.50": (",", "."), "1.234,50": (".", ","), "1 234,50": (" ", ","), "1'234.50": ("'", ".")}
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
LONGEST = 40
GROUPED = {
    name: re.compile(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?|[+-]?\d+(?:{re.escape(point)}\d+)?", re.ASCII)
    for name, (group, point) in FORMATS.items()
}


def read_number(value, form: str = "") -> Decimal:
    """A finite Decimal from a cell; Invalid where it is none, or where `1,234` could be two different numbers."""
    if isinstance(value, bool):
        raise Invalid("Yes or no is no number.")
    if isinstance(value, int | Decimal | float):
        return _finite(value)
    text = _tidy(str(value))
    if form:
        return _formatted(text, form, value)
    if PLAIN.fullmatch(text):
        return Decimal(text)
    fitting = {_plain(text, name) for name in FORMATS if GROUPED[name].fullmatch(text)}
    if len(fitting) > 1:
        raise Invalid(f"“{str(value)[:40]}” can be read in two ways. Choose the number format of this column.")
    if not fitting:
        raise Invalid(f"“{str(value)[:40]}” is no number.")
    return Decimal(fitting.pop())


def _finite(value) -> Decimal:
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or (number and not -30 < number.adjusted() < 30):
        raise Invalid(f"“{str(value)[:40]}” is no number that can be kept.")
    return number


def _tidy(text: str) -> str:
    """Spaces of every width become plain ones, the typographic minus and (1.00) become a minus."""
    text = re.sub(r"[\u00a0\u2009\u202f]", " ", text).strip().replace("\u2212", "-").replace("\u2019", "'")
    if len(text) > LONGEST:
        raise Invalid(f"“{text[:LONGEST]}…” is no number.")
    return f"-{text[1:-1]}" if re.fullmatch(r"\([\d.,' ]+\)", text, re.ASCII) else text


def _formatted(text: str, form: str, value) -> Decimal:
    if form == "plain" and PLAIN.fullmatch(text):
        return Decimal(text)
    if form in FORMATS and (GROUPED[form].fullmatch(text)):
        return Decimal(_plain(text, form))
    raise Invalid(f"“{str(value)[:40]}” is no number in the format {form}.")


def _plain(text: str, form: str) -> str:
    group, point = FORMATS[form]
    return text.replace(group, "").replace(point, ".")
