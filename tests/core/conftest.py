"""What happens in the same moment, and where a process of its own finds this test's database."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from prm.core.db import db, is_sqlite


@pytest.fixture
def together(database):
    """`together(20, act)` lets 20 threads, each with a connection of its own, call act(number) in the same moment."""

    def all_at_once(count, act):
        start = Barrier(count)

        def one(number):
            start.wait(10)  # before connecting: the pool has room for twenty, and the test itself holds one
            with db.connection_context():
                return act(number)

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(one, range(count)))

    return all_at_once


@pytest.fixture
def address(database, request):
    """The database of this test, for another process."""
    return request.getfixturevalue("sqlite_url" if is_sqlite() else "postgres_url")
