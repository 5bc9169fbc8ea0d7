"""Which scorecards a viewer may read, and what they read on them: the frozen content, or for staff the draft as it is.

Everybody reads the same figures; deals alone are held back from people who see only their own rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from prm.access import rows
from prm.cards.content import Deck
from prm.cards.reading import Head, Score
from prm.catalogue.fields import Catalogue
from prm.core import clock
from prm.core.unchanged import while_unchanged
from prm.core.periods import LENGTHS, Period, parse_period
from prm.models import Deal, Organisation, Partner, Scorecard


def card_of(viewer, scorecard: Scorecard, known: Catalogue | None = None, **given) -> dict:
    """What this viewer reads. `scorecard` has been loaded from the rows they may see; what else is given saves queries."""
    card = scorecard.frozen
    if card is None:
        day = clock.today(Organisation.current().zone)
        deck = while_unchanged(("deck", scorecard.period), lambda: Deck(scorecard.period, known))
        card = while_unchanged(("card", scorecard.id, day), lambda: deck.cards([scorecard], **given)[0])
    return _without_foreign_deals(viewer, [card])[0]


def cards_of(viewer, scorecards: Sequence[Scorecard], deck: Deck | None = None) -> list[dict]:
    """The cards of scorecards of one period, in their order. A deck that is handed on keeps what they share."""
    drafts = [s for s in scorecards if s.frozen is None]
    deck = deck or (Deck(drafts[0].period) if drafts else None)
    made = dict(zip((s.id for s in drafts), deck.cards(drafts) if drafts else (), strict=True))
    return _without_foreign_deals(viewer, [made[s.id] if s.frozen is None else s.frozen for s in scorecards])


def _without_foreign_deals(viewer, cards: list[dict]) -> list[dict]:
    """Who sees a partner as a whole reads the list as it was frozen, whatever became of the deals; a member does not read
    of a colleague's deal."""
    if rows.sees_whole_partners(viewer):
        return cards
    ids = {deal["id"] for card in cards for deal in card["deals"]}
    own = set(rows.visible(Deal, viewer, Deal.id).where(Deal.id.in_(ids)).scalars()) if ids else set()
    return [card | {"deals": [deal for deal in card["deals"] if deal["id"] in own], "own_deals": True} for card in cards]


# ── which period ──


@dataclass(frozen=True)
class Choice:
    """A period there are scorecards of; `scorecard` is the partner's own one, without what is frozen in it."""

    period: Period
    scorecard: Scorecard | None = None


def periods(viewer, partner_id: int | None = None) -> list[Choice]:
    """The periods with scorecards that the viewer may see, newest first, the organisation's usual length before others."""
    org, t = Organisation.current(), Scorecard
    if partner_id is None:
        keys = rows.visible(t, viewer, t.period).distinct().scalars()
        choices = [Choice(parse_period(key, org.fiscal_month)) for key in keys]
    else:
        columns = [field for field in t._meta.sorted_fields if field is not t.frozen]
        found = rows.visible(t, viewer, *columns).where(t.partner == partner_id)
        choices = [Choice(parse_period(s.period, org.fiscal_month), s) for s in found]
    order = sorted(LENGTHS, key=lambda length: length != org.period_length)
    return sorted(choices, key=lambda c: (order.index(c.period.length), -c.period.start.toordinal()))


def card_among(viewer, choices: Sequence[Choice], now: Choice, partner: Partner, known: Catalogue | None = None) -> dict:
    """The card of one of a partner's scorecards, with as few queries as a part of another page deserves. `partner` has been
    read with its tier and manager."""
    scorecard = now.scorecard
    if scorecard.state == "published":
        scorecard.frozen = Scorecard.select(Scorecard.frozen).where(Scorecard.id == scorecard.id).scalar()
        return card_of(viewer, scorecard)
    scores = {(partner.id, c.period.key): Score(c.scorecard.score, c.scorecard.grade) for c in choices}
    return card_of(viewer, scorecard, known, heads={partner.id: Head.of(partner)}, scores=scores)


def chosen(choices: Sequence[Choice], key: str) -> Choice | None:
    """The period asked for, else the newest that is over, else the newest."""
    today = clock.today(Organisation.current().zone)
    asked = (c for c in choices if c.period.key == key)
    over = (c for c in choices if c.period.end < today)
    return next(asked, None) or next(over, None) or next(iter(choices), None)


def beside(choices: Sequence[Choice], now: Choice) -> tuple[Choice | None, Choice | None]:
    """The neighbours of the same length: the one before, the one after."""
    same = [c for c in choices if c.period.length == now.period.length]
    at = same.index(now)
    return (same[at + 1] if at + 1 < len(same) else None), (same[at - 1] if at else None)


def in_batches(viewer, ids: Sequence[int], size: int = 50) -> Iterator[tuple[list[Scorecard], list[dict]]]:
    """Scorecards with their cards, a few at a time, so that a thousand need no more memory than fifty. All ids are of one
    period; rows that went meanwhile are passed over."""
    deck: Deck | None = None
    for at in range(0, len(ids), size):
        part = rows.visible(Scorecard, viewer).where(Scorecard.id.in_(list(ids[at : at + size])))
        found = list(part.order_by(Scorecard.id))
        for key, group in groupby(found, key=lambda s: s.period):
            deck = deck or Deck(key)
            same = list(group)
            yield same, cards_of(viewer, same, deck)
