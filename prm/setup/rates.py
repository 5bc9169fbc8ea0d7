"""Exchange rates, each valid from a day on until the next one of its currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from prm.access import rows
from prm.core.db import LIMIT, PLACES, db
from prm.core.errors import Forbidden, Invalid
from prm.core.jobs import enqueue
from prm.core.money import currencies
from prm.core.periods import FIRST, LAST
from prm.models import Activity, Organisation, Rate, Role
from prm.setup.services import REBASE


def all_rates(viewer) -> list[Rate]:
    return list(rows.visible(Rate, viewer).order_by(Rate.currency, Rate.valid_from.desc()))


def set_rate(viewer, *, currency: str, valid_from: date, rate: Decimal) -> Rate:
    """What one unit of `currency` is worth from that day on; the same day again replaces it."""
    _check(viewer, currency, valid_from, rate)
    with db.atomic():
        row = Rate.get_or_none((Rate.currency == currency) & (Rate.valid_from == valid_from)) or Rate()
        row.currency, row.valid_from, row.rate = currency, valid_from, rate
        row.save()
        Activity.record(viewer, "rate.set", row, title=f"{currency} from {valid_from}", rate=str(rate))
        enqueue(REBASE, key=REBASE)
    return row


def _check(viewer, currency: str, valid_from: date, rate: Decimal) -> None:
    if viewer.role != Role.ADMIN:
        raise Forbidden()
    if currency == Organisation.current().currency:
        raise Invalid("This is the base currency: it is worth 1 of itself.", field="currency")
    if not FIRST <= valid_from <= LAST:
        raise Invalid(f"Choose a day between {FIRST} and {LAST}.", field="valid_from")
    if not rate.is_finite() or rate.adjusted() >= len(str(LIMIT)) - 1 or rate < Decimal(1).scaleb(-PLACES):
        raise Invalid("A rate is a number above zero, with up to six decimals that count.", field="rate")


def remove_rate(viewer, id) -> Rate:
    """Deals whose date has no rate any more are left out of totals, and counted as such. Returns what it was."""
    if viewer.role != Role.ADMIN:
        raise Forbidden()
    row = rows.get(Rate, viewer, id)
    with db.atomic():
        Activity.record(viewer, "rate.removed", row, title=f"{row.currency} from {row.valid_from}")
        row.delete_instance()
        enqueue(REBASE, key=REBASE)
    return row


def put_back(viewer, *, currency: str, valid_from: str, rate: str) -> Rate:
    """Take a removal back; what came in the address is checked like what is typed."""
    try:
        day, worth = date.fromisoformat(valid_from), Decimal(rate)
    except (ValueError, InvalidOperation):
        raise Invalid("That rate cannot be put back. Set it anew.") from None
    if currency not in currencies():
        raise Invalid("That rate cannot be put back. Set it anew.")
    return set_rate(viewer, currency=currency, valid_from=day, rate=worth)
