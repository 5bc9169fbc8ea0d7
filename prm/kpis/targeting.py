"""Which target holds: the partner's own, else its tier's, else everyone's; each the newest that is valid by then."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date
from decimal import Decimal

from prm.models import Target

Steps = tuple[list[date], list[Decimal | None]]


class Targets:
    """The targets of one KPI, read once for any number of partners and periods."""

    def __init__(self, kpi_id: int):
        self.steps: dict[tuple[str, int], Steps] = defaultdict(lambda: ([], []))
        found = Target.select().where(Target.kpi == kpi_id).order_by(Target.valid_from, Target.id)
        for row in found:
            days, values = self.steps[_scope(row)]
            days.append(row.valid_from)
            values.append(row.value)

    def at(self, start: date, *, partner: int, tier: int | None) -> Decimal | None:
        """The target of a partner (of this tier now) for the period that starts on this day. One that was taken back
        leaves the word to the next wider one."""
        for scope in (("partner", partner), ("tier", tier or 0), ("everyone", 0)):
            days, values = self.steps.get(scope, ((), ()))
            at = bisect_right(days, start)
            if at and values[at - 1] is not None:
                return values[at - 1]
        return None


def _scope(row: Target) -> tuple[str, int]:
    if row.partner_id:
        return "partner", row.partner_id
    return ("tier", row.tier_id) if row.tier_id else ("everyone", 0)
