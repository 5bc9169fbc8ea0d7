"""The KPIs every portal starts with, so that the first import has something to be judged by. They are ordinary ones:
changed, retired and given targets like any other."""

from __future__ import annotations

from datetime import date

from prm.core.db import db
from prm.models import Kpi, KpiVersion

WON = {"object": "deal", "filters": [{"field": "outcome", "op": "is", "value": "won"}]}
BEGINNING = date(1900, 1, 1)  # valid from the first row on, whenever that was

# name, description, unit, measures
STARTERS = (
    ("Revenue", "Total amount of the deals won.", "money", [{"key": "value", "fn": "sum", "field": "amount"}]),
    ("Deals won", "How many deals were won.", "number", [{"key": "value", "fn": "count"}]),
    ("Average deal value", "Mean amount of a deal won.", "money", [{"key": "value", "fn": "mean", "field": "amount"}]),
    (
        "Active months", "Months of the period in which at least one deal was won.", "number",
        [{"key": "value", "fn": "count distinct", "field": "closed_on", "by": "month"}],
    ),
)  # fmt: skip


def lay_starters() -> None:
    """In an empty portal only."""
    with db.atomic():
        if Kpi.select().exists():
            return
        for at, (name, description, unit, measures) in enumerate(STARTERS):
            make(name, description, unit, WON | {"measures": measures}, position=at)


def make(name: str, description: str, unit: str, question: dict, *, position: int = 0, **version) -> Kpi:
    """An active KPI over the deals won, by the day they were closed."""
    kpi = Kpi.create(name=name, description=description, state="active", position=position)
    given = {"question": question, "date_field": "closed_on", "unit": unit, "valid_from": BEGINNING} | version
    KpiVersion.create(kpi=kpi, number=1, **given)
    return kpi
