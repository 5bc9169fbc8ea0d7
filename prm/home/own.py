"""The home page of the partner side: the newest published scorecard, what is under way, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from prm.access import rows
from prm.access.policy import Do, may
from prm.cards.showing import card_of
from prm.catalogue.answer import answer
from prm.catalogue.question import Filter, Measure, Question
from prm.models import Activity, Invitation, Partner, Person, Scorecard, Survey, Wave
from prm.ui.stories import stories

LATEST = 6
DEALS = {
    "open": (Filter("outcome", "is", "open"),),
    "won": (Filter("outcome", "is", "won"), Filter("closed_on", "in", "last 12 months")),
}


@dataclass(frozen=True)
class Own:
    """`partner` is None for a member to whom account-level pages are not shown. Amounts are minor units."""

    partner: Partner | None
    scorecard: Scorecard | None
    card: dict | None
    open: tuple[int, int]
    won: tuple[int, int]
    manager: Person | None
    news: list


def own(viewer) -> Own:
    partner = rows.visible(Partner, viewer).where(Partner.id == viewer.partner_id).get_or_none()
    deals = _deals(viewer)
    newest = rows.visible(Scorecard, viewer).order_by(Scorecard.starts_on.desc(), Scorecard.published_at.desc()).first()
    return Own(
        partner=partner,
        scorecard=newest,
        card=card_of(viewer, newest) if newest else None,
        **{name: (deals[f"{name}_sum"] or 0, deals[f"{name}_n"]) for name in DEALS},
        manager=_manager(viewer, partner),
        news=_news(viewer),
    )


def _deals(viewer) -> dict:
    """Amount and number of the viewer's own deals of each sort, from one question."""
    sums = [Measure(f"{name}_sum", "sum", "amount", where=where) for name, where in DEALS.items()]
    counts = [Measure(f"{name}_n", where=where) for name, where in DEALS.items()]
    return answer(Question("deal", measures=(*sums, *counts)), viewer).totals


def _manager(viewer, partner: Partner | None) -> Person | None:
    if partner is None or not partner.manager_id:
        return None
    return rows.visible(Person, viewer).where(Person.id == partner.manager_id).get_or_none()


def waiting(viewer) -> int:
    """How many surveys wait for their answer."""
    open_waves = Wave.select(Wave.id).join(Survey).where((Survey.state == "open") & Survey.deleted_at.is_null())
    mine = rows.visible(Invitation, viewer).where((Invitation.held == "") & (Invitation.answered == False))  # noqa: E712
    return mine.where(Invitation.wave.in_(open_waves)).count()


def _news(viewer) -> list:
    if not may(viewer, Do.SEE_ACTIVITY):
        return []
    found = rows.visible(Activity, viewer).order_by(Activity.id.desc()).limit(LATEST)
    return stories(viewer, list(found))
