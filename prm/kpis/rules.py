"""The arithmetic of product.md §6, and nothing else: attainment, status, score, grade. Pure functions of Decimals.

1 is 100 %. What cannot be said (no value, no target) is None, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

CAP = Decimal("1.5")  # how far one KPI can lift a score
LARGEST = Decimal(10**6)  # an attainment beyond it says no more than this one
EXACT = Context(prec=34, rounding=ROUND_HALF_UP)
SIX, TENTH = Decimal("0.000001"), Decimal("0.1")


def attainment(value: Decimal | None, target: Decimal | None, direction: str) -> Decimal | None:
    """value ÷ target; where less is better target ÷ value, and a value of zero is the capped maximum. Not below 0."""
    if value is None or target is None or target <= 0:
        return None
    if direction == "higher":
        reached = EXACT.divide(value, target)
    else:
        reached = CAP if value <= 0 else EXACT.divide(target, value)
    return min(max(reached, Decimal(0)), LARGEST).quantize(SIX, ROUND_HALF_UP, EXACT)


def status(reached: Decimal | None, green: Decimal, amber: Decimal) -> str:
    """good, warn, bad; none without an attainment."""
    if reached is None:
        return "none"
    return "good" if reached >= green else "warn" if reached >= amber else "bad"


def score(parts: Iterable[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """The weighted mean of (attainment, weight), each capped at 150 %, over those that have one; in %, with one decimal."""
    known = [(min(reached, CAP), weight) for reached, weight in parts if reached is not None and weight > 0]
    weights = sum(weight for _, weight in known)
    if not weights:
        return None
    mean = EXACT.divide(sum(EXACT.multiply(*part) for part in known), weights)
    return (mean * 100).quantize(TENTH, ROUND_HALF_UP, EXACT)


def grade(points: Decimal | None, floors: Sequence[tuple[str, Decimal]]) -> str:
    """The letter of the best floor that is reached; `floors` fall from best to worst."""
    if points is None:
        return ""
    return next((letter for letter, floor in floors if points >= floor), floors[-1][0] if floors else "")


def ranks(scores: dict[int, Decimal]) -> dict[int, int]:
    """1 is the best; equal scores share a rank, and the next one is counted on: 1, 2, 2, 4."""
    ordered = sorted(scores.values(), reverse=True)
    first = {}
    for place, points in enumerate(ordered, 1):
        first.setdefault(points, place)
    return {who: first[points] for who, points in scores.items()}
