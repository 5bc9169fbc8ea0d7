"""An answer for programs: JSON with money and decimals as strings, counts as numbers, periods by their keys, dates ISO."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from prm.catalogue.answer import Amount, Answer, Column
from prm.catalogue.kinds import KINDS, Formats
from prm.core.money import from_minor


def machine(answer: Answer) -> dict[str, Any]:
    """{"rows": […], "totals": {…}, "count": m, "words": "…"}, and "left_out" where rows had no exchange rate."""
    by_key = {c.key: c for c in answer.columns}
    rows = [{k: value(by_key[k], v, answer.formats) for k, v in row.values.items()} for row in answer.rows]
    totals = {k: value(by_key[k], v, answer.formats) for k, v in answer.totals.items() if k in by_key}
    found = {"rows": rows, "totals": totals, "count": answer.count, "words": answer.words}
    return found | ({"left_out": answer.left_out} if answer.left_out else {})


def value(column: Column, value: Any, formats: Formats) -> Any:
    """One value as JSON."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Amount):
        return str(from_minor(value.minor, value.currency))
    if column.whole:
        return int(value)
    if isinstance(value, Decimal):
        return plain(value)
    return KINDS[column.kind_key].machine(value, formats)


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
