"""One at a time, over all processes: a file lock beside a SQLite database, an advisory lock in PostgreSQL. Both end with
the process that holds them."""
from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from prm.core.db import db, is_sqlite


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Wait until nobody else does `what` on this database. Not inside a transaction: others would wait for its end."""
    if is_sqlite():
        with open(_beside(what), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    number = crc32(what.encode())
    db.execute_sql("SET lock_timeout = 0")  # a turn is waited for, however long the other takes
    db.execute_sql("SELECT pg_advisory_lock(%s)", (number,))
    db.execute_sql("RESET lock_timeout")
    try:
        yield
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(%s)", (number,))


def anybody(what: str) -> bool:
    """Whether somebody does `what` at this moment. Looking holds nothing that another look would take for work."""
    if is_sqlite():
        with open(_beside(what), "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
    held = db.execute_sql(
        "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = 0 AND objid = %s "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (crc32(what.encode()),),
    )
    return held.fetchone()[0] > 0


def _beside(what: str) -> Path:
    """SQLite belongs to one machine, so a file next to it does."""
    return Path(db.obj.database).with_name(f"{what}.lock")
