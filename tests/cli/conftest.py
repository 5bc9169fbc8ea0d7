import os

import pytest

from tests.cli.portals import Portal
from tests.databases import _with_name


@pytest.fixture
def portal(tmp_path):
    """Nobody has used it yet; SQLite."""
    return Portal(tmp_path / "var")


@pytest.fixture(scope="session")
def postgres_places(postgres_server):
    """`postgres_places(n)` is the address of the n-th database for whole portals, emptied; made once, as that is slow."""
    import psycopg

    made = {}

    def place(number: int) -> str:
        if number not in made:
            made[number] = f"prm_cli_{os.getpid()}_{number}"
            server.execute(f"CREATE DATABASE {made[number]}")
            server.execute(f"ALTER DATABASE {made[number]} SET synchronous_commit = off")
        url = _with_name(postgres_server, made[number])
        with psycopg.connect(url.replace("postgresql+pool", "postgresql"), autocommit=True) as database:
            database.execute("DROP SCHEMA public CASCADE")
            database.execute("CREATE SCHEMA public")
        return url

    with psycopg.connect(postgres_server, autocommit=True) as server:
        yield place
        for name in made.values():
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_postgres(postgres_places):
    """`new_postgres()` is the address of an empty database, another one each time in a test."""
    numbers = iter(range(1, 10))
    return lambda: postgres_places(next(numbers))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def lasting(request, tmp_path_factory):
    """A portal for all tests of a module, once on each database."""
    env = {"PRM_DATABASE_URL": request.getfixturevalue("postgres_places")(0)} if request.param == "postgresql" else {}
    return Portal(tmp_path_factory.mktemp("portal") / "var", env)
