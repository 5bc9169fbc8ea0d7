"""“Only if won is below 10,000”: a condition on a total, met or not by the figures of each reader."""
from __future__ import annotations

from decimal import Decimal, InvalidOperation

from prm.core.errors import Invalid
from prm.reporting.content import TESTS
from prm.reporting.table import Table, grand_total, numeric

ROWS = "#rows"  # how many rows there are
LARGEST = Decimal(10) ** 15


class Skipped(Exception):
    """It is not met; the text says what it is, and what the figure was."""


def parse(key: str, op: str, value: str) -> dict:
    """As it is saved, {} for none; Invalid beside the field that is wrong."""
    if not key:
        return {}
    try:
        number = Decimal(value.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > LARGEST:
        raise Invalid("A condition needs a number, such as 10000.", field="value")
    if op not in TESTS:
        raise Invalid("Choose how the total is compared.", field="op")
    return {"key": key[:60], "op": op, "value": f"{number:f}"}


def figures(table: Table) -> dict[str, str]:
    """What a condition may be about: the rows, and every total. {key: label}"""
    columns = [c for c in table.answers[0].columns if c.role != "group" and numeric(c)]
    return {ROWS: "Number of rows"} | {c.key: c.label for c in columns}


def check(condition: dict, table: Table) -> None:
    """Skipped unless the figures of whoever the table is for meet it. An empty total meets none."""
    if not condition:
        return
    label = figures(table).get(condition["key"])
    if label is None:
        raise Skipped("The figure of its condition is not in the report any more.")
    limit = Decimal(condition["value"])
    value = table.answers[0].count if condition["key"] == ROWS else grand_total(table, condition["key"])
    if value is None or not TESTS[condition["op"]](value, limit):
        raise Skipped(f"Only if {label} is {condition['op']} {limit:,}; it is {'empty' if value is None else f'{value:,}'}.")
