"""Typed values of a KPI: many at once, a partner a line, as they come out of a spreadsheet."""

from __future__ import annotations

import re
from decimal import Decimal

from wtforms.fields import SelectChoice

from prm.catalogue.links import Links
from prm.catalogue.objects import DEAL_OBJECT
from prm.core.errors import Invalid
from prm.kpis import services
from prm.kpis.forms import EntryForm
from prm.kpis.targets import read_value
from prm.models import KpiVersion

MOST = 2000
SPLIT = re.compile(r"\s*[;\t|]\s*")


def entry_form(version: KpiVersion) -> EntryForm:
    form = EntryForm()
    current = services.current_period(version.period_length)
    form.period.choices = [SelectChoice(p.key, p.label) for p in (current.shift(-back) for back in range(12))]
    return form


def read_lines(viewer, text: str, version: KpiVersion) -> dict[int, Decimal | None]:
    """{partner id: value}; Invalid names the line. An empty value takes one back."""
    links, found = Links(viewer), {}
    lines = text.splitlines()
    if len(lines) > MOST:
        raise Invalid(f"At most {MOST:,} lines at once.", field="lines")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            partner, value = _read(links, line, version)
        except Invalid as refusal:
            raise Invalid(f"Line {number}: {refusal.message}", field="lines") from None
        if partner in found:
            raise Invalid(f"Line {number}: this partner has a value already.", field="lines")
        found[partner] = value
    return found


def _read(links: Links, line: str, version: KpiVersion) -> tuple[int, Decimal | None]:
    parts = SPLIT.split(line.strip())
    if len(parts) < 2:
        raise Invalid("Put a semicolon or a tab between the partner and the value.")
    partner = links.id_of(DEAL_OBJECT.field("partner"), parts[0])
    if partner is None:
        raise Invalid("The partner is missing.")
    return partner, read_value(parts[-1], version)
