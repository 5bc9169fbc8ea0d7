"""A dashboard of twelve tiles over a hundred thousand deals: its first paint, and all of it, asked for as a browser does (six
requests at once), beside the time that the SQL of its answers takes alone."""
from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks import rows, server
from benchmarks.figure import Figure

DEALS, AT_ONCE, ROUNDS = 100_000, 6, 7
TILES = (
    ("revenue-by-month", "number"), ("pipeline-by-stage", "number"), ("win-rate-by-tier", "chart"), ("revenue-by-tier", "chart"),
    ("revenue-by-month", "chart"), ("revenue-by-territory-and-quarter", "chart"), ("deal-size-by-tier", "chart"), ("pipeline-by-stage", "chart"),
    ("best-partners-of-each-territory", "table"), ("concentration-of-revenue", "table"), ("largest-open-deals", "table"), ("partners-without-activity", "table"),
)  # fmt: skip


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, deals=DEALS)
    board, sql = _made(here)
    portal = server.ours(var, here.cookie)
    try:
        paths = [f"/dashboards/{board}/tiles/{id}" for id in _ids(var)]
        portal.ask(f"/dashboards/{board}", 3)
        _all(portal, paths)
        first = median(_timed(lambda: portal.ask(f"/dashboards/{board}")) for _ in range(ROUNDS))
        fresh = median(_timed(lambda: _all(portal, paths), lambda: _commit(var)) for _ in range(ROUNDS))
        again = median(_timed(lambda: _all(portal, paths)) for _ in range(ROUNDS))
    finally:
        portal.stop()
    alone = median(_timed(lambda: _replayed(var, sql)) for _ in range(3))
    return [
        Figure(f"dashboard of {len(TILES)} tiles over {DEALS:,} deals, first paint", None, first, 150, "ms"),
        Figure("all its tiles, when something has changed since", alone, fresh, 1000, "ms"),
        Figure("all its tiles, when nothing has", None, again, 1000, "ms"),
    ]


def _made(here) -> tuple[int, list[tuple]]:
    """Its id, and what its tiles ask of the database."""
    import logging

    from prm.catalogue.objects import catalogue
    from prm.core.db import db
    from prm.models import Dashboard, Person, Tile
    from prm.reporting.tiles import fill

    asked: list[tuple] = []

    class Listening(logging.Handler):
        def emit(self, record):
            asked.append(record.msg)

    log, ear = logging.getLogger("peewee"), Listening()
    with here.app.app_context(), db.connection_context():
        viewer = Person.get(Person.role == "admin")
        board = Dashboard.create(name="Everything", owner=viewer)
        for at, (key, show) in enumerate(TILES):
            Tile.create(dashboard=board, position=at, kind="ready", text=key, width=3, look={"show": show})
        log.addHandler(ear)
        log.setLevel(logging.DEBUG)
        for tile in Tile.select().where(Tile.dashboard == board):
            fill(viewer, tile, {}, catalogue(viewer))
        log.removeHandler(ear)
        log.setLevel(logging.WARNING)
    return board.id, [each for each in asked if each[0].startswith(("SELECT", "WITH"))]


def _ids(var: Path) -> list[int]:
    with closing(sqlite3.connect(var / "prm.db")) as database:
        return [id for (id,) in database.execute("SELECT id FROM tile ORDER BY position")]


def _all(portal: server.Server, paths: list[str]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as browser:
        list(browser.map(portal.ask, paths))


def _commit(var: Path) -> None:
    with closing(sqlite3.connect(var / "prm.db", isolation_level=None)) as database:
        database.execute("UPDATE person SET version = version + 1 WHERE id = 1")


def _replayed(var: Path, asked: list[tuple]) -> None:
    from prm.core.db import db

    with db.connection_context():
        for sql, params in asked:
            db.connection().execute(sql, params or ()).fetchall()


def _timed(run, before=lambda: None) -> float:
    before()
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000
