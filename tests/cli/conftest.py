import pytest

from tests.cli.portals import Portal


@pytest.fixture
def portal(tmp_path):
    """Nobody has used it yet; SQLite."""
    return Portal(tmp_path / "var")


@pytest.fixture
def new_postgres(postgres_server):
    """`new_postgres()` is the address of an empty database of its own, dropped after the test."""
    yield from _databases(postgres_server)


@pytest.fixture(scope="module")
def module_postgres(postgres_server):
    yield from _databases(postgres_server)


def _databases(server: str):
    import os
    from itertools import count

    import psycopg

    from tests.databases import _with_name

    made, numbers = [], count(1)

    def new() -> str:
        made.append(f"prm_cli_{os.getpid()}_{next(numbers)}_{id(made) % 10_000}")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {made[-1]}")
        return _with_name(server, made[-1])

    yield new
    with psycopg.connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def lasting(kind, request, tmp_path_factory):
    """A portal for all tests of a module, once on each database."""
    env = {"PRM_DATABASE_URL": request.getfixturevalue("module_postgres")()} if kind == "postgresql" else {}
    return Portal(tmp_path_factory.mktemp("portal") / "var", env)
