"""The home page: one address, and what it shows depends on which side one is on."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, request
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.cards import showing
from prm.core import clock
from prm.core.money import from_minor
from prm.ui.launch import steps
from prm.home.overview import overview
from prm.home.own import own, waiting
from prm.models import Activity, Dashboard, Organisation, Tile
from prm.ui.formats import money, number, short_figure
from prm.ui.page import page
from prm.ui.portal import home_sections
from prm.ui.stories import stories

bp = Blueprint("home", __name__)
LATEST = 6


@bp.get("/")
@needs(Do.SEE_HOME)
def index():
    if current_user.is_staff:
        return _staff()
    return page("home/partner.html", own=own(current_user), hello=_hello(), sections=home_sections(), waiting=waiting(current_user), **_board())


def _board() -> dict:
    """The dashboard that is the home of the viewer's role, if there is one, and its tiles."""
    board = rows.visible(Dashboard, current_user).where(Dashboard.home_of == current_user.role).first()
    mine = rows.visible(Tile, current_user).where(Tile.dashboard == board.id).order_by(Tile.position, Tile.id) if board else []
    return {"board": board, "tiles": list(mine)}


def _staff():
    choices = showing.periods(current_user)
    now = showing.chosen(choices, request.args.get("period", ""))
    if now is None:
        return page("home/beginning.html", steps=steps(current_user), hello=_hello())
    before, after = showing.beside(choices, now)
    found = overview(current_user, now.period)
    return page(
        "home/index.html", hello=_hello(), choices=choices, period=now.period, before=before, after=after, it=found,
        steps=[step for step in steps(current_user) if step.pressing and not step.done], news=_news(), **_board(), **_drawn(found),
    )  # fmt: skip


def _drawn(found) -> dict:
    """The revenue of the last periods, for the chart and the table under it."""
    here = Organisation.current()
    is_open = found.now.period.end >= clock.today(here.zone)
    return {
        "revenue": [from_minor(each.revenue, here.currency) for each in found.history],
        "axis": partial(short_figure, unit="money"),
        "current": len(found.history) - 1 if is_open else None,
        "rows": [[s.period.label, money(s.revenue), number(s.deals), number(s.mean)] for s in found.history],
    }


def _news() -> list:
    found = rows.visible(Activity, current_user).order_by(Activity.id.desc()).limit(LATEST)
    return stories(current_user, list(found))


def _hello() -> str:
    """By the clock of the organisation, to the first name."""
    hour = clock.now().astimezone(clock.zone(Organisation.current().zone)).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {current_user.name.split()[0]}" if current_user.name.strip() else f"Good {part}"
