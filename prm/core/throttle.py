"""Rate limits as rows, shared by every process: one upsert a hit, the same on both databases."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import ceil

from peewee import Case, CharField, IntegerField

from prm.core import clock
from prm.core.db import Moment, Table
from prm.core.errors import Missing, Throttled

LONGEST = timedelta(hours=1)


class Hit(Table):
    """How often something happened since `since`; refused until `blocked_until`."""

    key = CharField(160, unique=True)
    count = IntegerField(default=0)
    since = Moment()
    blocked_until = Moment(null=True)


def check(key: str) -> None:
    """Throttled while this key is blocked. Nobody is for longer than the longest time, though a clock was set back."""
    found = Hit.get_or_none(Hit.key == key[:160])
    now = clock.now()
    if found and found.blocked_until and now < found.blocked_until <= now + LONGEST:
        raise Throttled(ceil((found.blocked_until - now).total_seconds()))


def hit(key: str, limit: int, seconds: int) -> int:
    """Count one and return the count; from the `limit`-th within `seconds` on the key is blocked, each time twice as
    long."""
    now = clock.now()
    old = Hit.since < now - timedelta(seconds=seconds)
    counted = list(
        Hit.insert(key=key[:160], count=1, since=now)
        .on_conflict(
            conflict_target=[Hit.key],
            update={Hit.count: Case(None, [(old, 1)], Hit.count + 1), Hit.since: Case(None, [(old, now)], Hit.since)},
        )
        .returning(Hit.count)
        .execute()
    )
    reached = counted[0].count
    if reached >= limit:
        pause = min(LONGEST, timedelta(seconds=30 * 2 ** min(reached - limit, 10)))
        Hit.update(blocked_until=now + pause).where(Hit.key == key[:160]).execute()
    return reached


def counted(key: str, limit: int, seconds: int) -> None:
    """Before a try, as tries sent at once would otherwise all pass the check."""
    check(key)
    if hit(key, limit, seconds) > limit:
        raise Throttled(30)


@contextmanager
def guessing(key: str, limit: int, seconds: int, *, counted: bool = True) -> Iterator[None]:
    """Around looking up what a key in an address opens: who asks for what is Missing too often is slowed down."""
    check(key)
    try:
        yield
    except Missing:
        if counted:
            hit(key, limit, seconds)
        raise


def clear(key: str) -> None:
    """Forget it, after a success."""
    Hit.delete().where(Hit.key == key[:160]).execute()
