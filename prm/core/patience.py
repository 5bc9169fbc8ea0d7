"""How long a question may take, and whether anybody still waits for it. Only for pages: jobs and commands take as long as they need."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from peewee import OperationalError

from prm.core.db import db, is_sqlite

STEPS = 10_000  # of SQLite's machine between two looks at the clock
LOOK = 0.25  # seconds between two looks whether somebody still waits for PostgreSQL
Gone = Callable[[], bool]
_limit: ContextVar[tuple[float, Gone] | None] = ContextVar("seconds a question may take, and who waits", default=None)


def impatient(seconds: float, gone: Gone = lambda: False):
    """From now on, in this request, questions are stopped after so long, or when whoever asked is `gone`; gives what `patient`
    takes."""
    return _limit.set((seconds, gone))


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
    held = _limit.get()
    if held is None or db.in_transaction():
        yield
        return
    seconds, gone = held
    try:
        with (_sqlite if is_sqlite() else _postgresql)(db.connection(), seconds, gone):
            yield
    except OperationalError as error:
        if any(sign in str(error) for sign in ("interrupted", "statement timeout", "user request")):
            raise TookTooLong(seconds) from None
        raise


@contextmanager
def _sqlite(connection, seconds: float, gone: Gone) -> Iterator[None]:
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end or gone(), STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, STEPS)


@contextmanager
def _postgresql(connection, seconds: float, gone: Gone) -> Iterator[None]:
    """The server keeps the time; a thread looks for who waits, as this one is in the query."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            if gone():
                connection.cancel_safe()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    _limit_statements(seconds)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()  # it must not stop what this connection does next
        if not connection.closed:
            _limit_statements(0)


def _limit_statements(seconds: float) -> None:
    db.execute_sql("SELECT set_config('statement_timeout', %s, false)", (str(int(seconds * 1000)),))
