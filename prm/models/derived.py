"""What follows from a row's own columns: the search line, a deal's outcome, its amount in the base currency."""
from __future__ import annotations

from bisect import bisect_right
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from prm.core.money import minor_digits
from prm.models.contact import Contact
from prm.models.custom import CustomRecord
from prm.models.deal import Deal
from prm.models.organisation import Organisation, Rate, Stage
from prm.models.partner import Partner


class Rates:
    """Effective-dated exchange rates, read once for a batch of rows."""

    def __init__(self, base: str | None = None):
        self.base = base or Organisation.current().currency
        self.steps: dict[str, tuple[list[date], list[Decimal]]] = {}
        for row in Rate.select().order_by(Rate.currency, Rate.valid_from):
            days, rates = self.steps.setdefault(row.currency, ([], []))
            days.append(row.valid_from)
            rates.append(row.rate)

    def to_base(self, minor: int | None, currency: str, day: date | None) -> int | None:
        """Minor units of the base currency at the rate valid on `day`, half up; None where no rate is known."""
        if minor is None or currency == self.base:
            return minor
        days, rates = self.steps.get(currency, ((), ()))
        at = bisect_right(days, day) if day else len(days)
        if not at:
            return None
        shift = minor_digits(self.base) - minor_digits(currency)
        exact = Decimal(minor) * rates[at - 1] * Decimal(10) ** shift
        return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


class Derive:
    """Fills derived columns of partners, contacts, deals and custom records; made once for a batch."""

    def __init__(self):
        self.rates = Rates()
        self.outcomes = dict(Stage.select(Stage.id, Stage.outcome).tuples())

    def __call__(self, row) -> None:
        if isinstance(row, Deal):
            row.outcome = self.outcomes[row.stage_id]
            row.amount_base = self.rates.to_base(row.amount, row.currency, row.rate_date)
        if isinstance(row, Partner | Contact | Deal | CustomRecord):
            row.refresh_search()


def rebase() -> int:
    """Work out every deal's base amount again, after rates or the base currency changed; returns how many changed."""
    rates, changed = Rates(), 0
    for deal in Deal.select().where(Deal.amount.is_null(False)).iterator():
        base = rates.to_base(deal.amount, deal.currency, deal.rate_date)
        if base != deal.amount_base:
            changed += Deal.update(amount_base=base).where(Deal.id == deal.id).execute()
    return changed


__all__ = ["Derive", "Rates", "rebase"]
