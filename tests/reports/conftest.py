"""A small book of deals that reports are asked over: Acme won 100 and 50, Globex 30, and Acme lost 70."""
from datetime import date

import pytest

DEALS = (("acme", "First", 100, "2026-01-15", "Won"), ("acme", "Second", 50, "2026-04-15", "Won"), ("acme", "Gone", 70, "2026-04-20", "Lost"),
         ("globex", "Zqother", 30, "2026-01-20", "Won"))  # fmt: skip
WON = {"field": "outcome", "op": "is", "value": "won"}
BY_PARTNER = {
    "filters": [WON], "rows": [{"field": "partner"}], "columns": [{"field": "closed_on", "by": "quarter"}],
    "measures": [{"key": "won", "fn": "sum", "field": "amount", "label": "Won"}],
}  # fmt: skip


@pytest.fixture
def book(make, acme, globex):
    """The deals by title."""
    make.stages()
    partners = {"acme": acme, "globex": globex}
    return {
        title: make.deal(title, partner=partners[who], amount=amount * 100, closed_on=date.fromisoformat(day), stage=stage)
        for who, title, amount, day, stage in DEALS
    }
