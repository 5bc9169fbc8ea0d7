"""The kinds of a field, each defined once: how a text is parsed, how it is kept, compared, summed and shown.

A custom value lives in a JSON document as whole numbers (millionths, minor units), ISO dates or text, so that it
compares in its own order and sums exactly on SQLite and PostgreSQL alike.
"""
from __future__ import annotations

from prm.catalogue.kinds.base import LONGEST_TEXT, Formats, Kind, clean
from prm.catalogue.kinds.choices import Bool, Choice, Choices, Link
from prm.catalogue.kinds.figures import FormulaKind, Money, Number, Percent, plain_decimal
from prm.catalogue.kinds.moments import DateTime, Day
from prm.catalogue.kinds.texts import LONGEST_NOTE, Email, LongText, Text, Url

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Text(), LongText(), Number(), Money(), Percent(), Day(), DateTime(), Bool(), Choice(), Choices(), Link(),
        Email(), Url(), FormulaKind(),
    )
}  # fmt: skip

__all__ = ["KINDS", "LONGEST_NOTE", "LONGEST_TEXT", "Formats", "Kind", "clean", "plain_decimal"]
