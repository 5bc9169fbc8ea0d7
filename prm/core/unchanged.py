"""What was worked out from the database, kept for as long as nothing in the database changes.

It asks the database whether anything was committed since, so that no writer has to remember who keeps what: SQLite counts the
commits of other connections (`PRAGMA data_version`) and the rows this one has changed, PostgreSQL tells which transactions are
visible (`pg_current_snapshot`). What is kept belongs to a connection, and goes with it.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from prm.core.db import db, is_sqlite

MOST = 200  # things kept by one connection

T = TypeVar("T")


def while_unchanged(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gave the last time with this key, unless something has been committed since. Whatever else it depends on (the
    viewer, the day) belongs into the key; what comes back is shared, so nobody may change it. Inside a transaction it is
    always made anew."""
    if db.in_transaction():
        return make()
    state = _state()
    kept: OrderedDict = db.connection().__dict__.setdefault("kept", OrderedDict())
    found = kept.get(key)
    if found is None or found[0] != state:
        found = kept[key] = state, make()
    kept.move_to_end(key)
    while len(kept) > MOST:
        kept.popitem(last=False)
    return found[1]


def _state() -> Hashable:
    """Equal to an earlier one only if what this connection can read is the same."""
    if is_sqlite():
        return db.execute_sql("PRAGMA data_version").fetchone()[0], db.connection().total_changes
    return db.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0]
