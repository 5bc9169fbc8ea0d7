"""The scorecard of one partner inside another page, with the choice of its period in the address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from prm.cards.showing import beside, card_among, chosen, periods
from prm.catalogue.fields import Catalogue
from prm.models import Partner
from prm.ui.cards import Written


@dataclass
class Panel:
    """`sheet` is None where there is nothing to read. `periods` are (key, label, address), as `ui.period_switch` takes them."""

    sheet: Written | None = None
    id: int | None = None
    back: str = ""
    on: str = ""
    periods: tuple = ()


def panel(viewer, partner: Partner, key: str, endpoint: str, known: Catalogue | None = None) -> Panel:
    """The card of the period asked for, else of the newest that is over. `endpoint` is the page it stands on; `known` saves
    reading the viewer's catalogue again."""
    choices = periods(viewer, partner.id)
    now = chosen(choices, key)
    if now is None:
        return Panel()

    stem = url_for(endpoint, id=partner.id, period="")

    def address(choice) -> str:
        return stem + choice.period.key if choice else ""

    back, on = map(address, beside(choices, now))
    listed = tuple((c.period.key, c.period.label, address(c)) for c in choices)
    card = card_among(viewer, choices, now, partner, known)
    return Panel(Written(card), now.scorecard.id, back, on, listed)
