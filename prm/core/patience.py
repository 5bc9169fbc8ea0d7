"""How long a question may take. Only where somebody waits for a page: jobs and commands take as long as they need."""
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from peewee import OperationalError

from prm.core.db import db, is_sqlite

STEPS = 10_000  # of SQLite's machine between two looks at the clock
_limit: ContextVar[float | None] = ContextVar("seconds a question may take", default=None)


def impatient(seconds: float):
    """From now on, in this request, questions are stopped after so long; gives what `patient` takes."""
    return _limit.set(seconds)


def patient(token) -> None:
    _limit.reset(token)


class TookTooLong(Exception):
    """It was stopped by the limit; `seconds` says which."""

    def __init__(self, seconds: float):
        super().__init__(f"stopped after {seconds:g} seconds")
        self.seconds = seconds


@contextmanager
def limited() -> Iterator[None]:
    """What is asked of the database here is stopped at the limit, and TookTooLong is raised. Others go on: only this connection's
    query is stopped, and the connection is as before when it is given back."""
    seconds = _limit.get()
    if seconds is None or db.in_transaction():
        yield
        return
    connection = db.connection()
    _stop_after(connection, seconds)
    try:
        yield
    except OperationalError as error:
        if any(sign in str(error) for sign in ("interrupted", "statement timeout")):
            raise TookTooLong(seconds) from None
        raise
    finally:
        _stop_after(connection, None)


def _stop_after(connection, seconds: float | None) -> None:
    if is_sqlite():
        end = time.monotonic() + (seconds or 0)
        connection.set_progress_handler((lambda: time.monotonic() > end) if seconds is not None else None, STEPS)
    elif not connection.closed:
        db.execute_sql("SELECT set_config('statement_timeout', %s, false)", (str(int((seconds or 0) * 1000)),))
