"""The scorecard of one partner inside another page, with the choice of its period in the address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from prm.access.policy import Do, may
from prm.cards.showing import beside, card_among, chosen, periods
from prm.catalogue.fields import Catalogue
from prm.core.unchanged import while_unchanged
from prm.models import Partner
from prm.ui.cards import Written


@dataclass
class Panel:
    """`label` and `drawn` are empty where there is nothing to read. `periods` are (key, label, address), as
    `ui.period_switch` takes them."""

    label: str = ""
    drawn: str = ""
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
    return Panel(card["period"]["label"], drawn(viewer, now.scorecard.id, card), now.scorecard.id, back, on, listed)


def drawn(viewer, scorecard_id: int, card: dict) -> str:
    """The card as HTML. Drawing takes longer than reading, so what is the same for everybody who sees the whole partner is
    drawn once; whose card lacks the deals of others gets it drawn for themselves."""

    def draw() -> str:
        return current_app.jinja_env.globals["ui"].scorecard(Written(card))

    if "own_deals" in card:
        return draw()
    key = ("drawn", scorecard_id, card["as_of"], may(viewer, Do.SEE_KPIS), request.script_root)
    return while_unchanged(key, draw)
