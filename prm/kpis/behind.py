"""The address of the rows behind a result: a list page with the KPI's own filters, the partner and the period."""

from __future__ import annotations

from flask import url_for

from prm.catalogue.question import Filter
from prm.core.periods import Period
from prm.kpis.definitions import question_of
from prm.models import KpiVersion

LISTS = {"deal": "deals.index", "contact": "contacts.index"}


def address(version: KpiVersion, partner_number: str, period: Period) -> str:
    """Empty where no list page can say it."""
    if version.source != "question":
        return ""
    question = question_of(version)
    if question.object not in LISTS or question.logic or not all(isinstance(f, Filter) for f in question.filters):
        return ""
    asked = {_name(f): "-" if f.op.endswith("empty") else f.value for f in question.filters}
    asked |= {"f.partner": partner_number, f"f.{version.date_field}.in": f"{period.start}..{period.end}"}
    return url_for(LISTS[question.object], **asked)


def _name(condition: Filter) -> str:
    return f"f.{condition.field}.{condition.op.replace(' ', '_')}"
