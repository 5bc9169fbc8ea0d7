"""Scores: the results of a partner and period as one number, a grade, and a rank among all. What is published stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from prm.core import clock
from prm.core.db import db
from prm.core.periods import Period, parse_period
from prm.kpis import rules
from prm.models import KpiResult, Organisation, Scorecard


class Standing(NamedTuple):
    """What a scorecard says in one line."""

    score: Decimal | None
    grade: str
    rank: int | None
    ranked: int


def score_periods(keys: Iterable[str]) -> None:
    """Work out the scores of these periods; each is stored in a transaction of its own."""
    here = Organisation.current()
    for key in sorted(set(keys)):
        with db.atomic():
            _keep(parse_period(key, here.fiscal_month), _standings(key, here.grade_floors))


def _standings(key: str, floors: list[tuple[str, Decimal]]) -> dict[int, Standing]:
    """By partner id, for every partner with results in the period."""
    parts: dict[int, list] = defaultdict(list)
    rows = KpiResult.select(KpiResult.partner, KpiResult.attainment, KpiResult.weight).where(KpiResult.period == key)
    for partner, reached, weight in rows.tuples():
        parts[partner].append((reached, weight))
    scores = {partner: rules.score(found) for partner, found in parts.items()}
    known = {partner: points for partner, points in scores.items() if points is not None}
    places = rules.ranks(known)
    return {
        partner: Standing(points, rules.grade(points, floors), places.get(partner), len(known))
        for partner, points in scores.items()
    }


def _keep(period: Period, standings: dict[int, Standing]) -> None:
    """Write what differs. A draft without results any more goes, unless somebody wrote a note on it."""
    rows = Scorecard.select(
        Scorecard.id, Scorecard.partner, Scorecard.state, Scorecard.note,
        Scorecard.score, Scorecard.grade, Scorecard.rank, Scorecard.ranked,
    ).where(Scorecard.period == period.key)  # fmt: skip
    now, gone, stored = clock.now(), [], set()
    for id, partner, state, note, *old in rows.tuples():
        stored.add(partner)
        standing = standings.get(partner)
        if state == "published":
            continue
        if standing is None and not note:
            gone.append(id)
        elif standing != (old := tuple(old)):
            score, grade, rank, ranked = standing or Standing(None, "", None, 0)
            Scorecard.update(score=score, grade=grade, rank=rank, ranked=ranked, computed_at=now).where(
                (Scorecard.id == id) & (Scorecard.state == "draft")
            ).execute()
    if gone:
        Scorecard.delete().where(Scorecard.id.in_(gone)).execute()
    _insert(period, {partner: s for partner, s in standings.items() if partner not in stored}, now)


def _insert(period: Period, standings: dict[int, Standing], now) -> None:
    columns = [
        Scorecard.partner, Scorecard.period, Scorecard.starts_on, Scorecard.computed_at,
        Scorecard.score, Scorecard.grade, Scorecard.rank, Scorecard.ranked,
    ]  # fmt: skip
    new = [(partner, period.key, period.start, now, *standing) for partner, standing in standings.items()]
    for at in range(0, len(new), 1000):
        Scorecard.insert_many(new[at : at + 1000], fields=columns).execute()
