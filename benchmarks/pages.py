"""CPU milliseconds per request of the whole server process, ours and the floor's in turn; memory, start, and what a browser
loads."""
from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks import browser, server
from benchmarks.figure import Figure
from benchmarks.rows import portal

ROUNDS = 9
PAGES = (
    ("sign-in page", "/sign-in", "/sign-in", 4),
    ("partners, 25 of 1,000", "/partners/", "/partners/", 5),
    ("partner page with its scorecard", "/partners/7", "/partners/7", 7),
    ("deals, 25 of 10,000", "/deals/", "/deals/", 6),
    ("home, the overview of a quarter", "/", "/partners/", None),
)


def measure(var: Path) -> list[Figure]:
    here = portal(var, kpis=True)
    ours, floor = server.ours(var, here.cookie), server.floor(var)
    try:
        return [*_pages(ours, floor), _changed(var, ours), *_start(var, here.cookie), *_memory(ours, floor), *browser.measure(ours, here.cookie)]
    finally:
        ours.stop()
        floor.stop()


def _pages(ours: server.Server, floor: server.Server) -> list[Figure]:
    found = []
    for name, path, floor_path, limit in PAGES:
        ours.ask(path, 20)
        floor.ask(floor_path, 20)
        pairs = [(floor.cost(floor_path), ours.cost(path)) for _ in range(ROUNDS)]
        found.append(Figure(name, median(f for f, _ in pairs), median(o for _, o in pairs), limit, "ms CPU"))
    return found


def _changed(var: Path, ours: server.Server) -> Figure:
    """What is kept while nothing changes is made anew: before each visit somebody commits something, elsewhere."""
    with closing(sqlite3.connect(var / "prm.db", isolation_level=None)) as database:
        one = "UPDATE person SET version = version + 1 WHERE id = 1"
        cost = median(ours.cost("/partners/7", before_each=lambda: database.execute(one)) for _ in range(ROUNDS))
    return Figure("the partner page when something has changed since", None, cost, None, "ms CPU")


def _start(var: Path, cookie: str) -> list[Figure]:
    """From the command to the first answer, with the files in the cache of the system."""
    seconds = []
    for start in (lambda: server.floor(var), lambda: server.ours(var, cookie)):
        runs = []
        for _ in range(3):
            again = start()
            runs.append(again.ready)
            again.stop()
        seconds.append(median(runs))
    return [Figure("start, from `prm serve` to the first answer", *seconds, 3, "s")]


def _memory(ours: server.Server, floor: server.Server) -> list[Figure]:
    """After some hundred requests; then with the processes that make PDFs, which start with the first one."""
    before = ours.memory()[0]
    ours.ask("/scorecards/7/scorecard.pdf")
    time.sleep(1)
    return [
        Figure("memory of web and jobs", floor.memory()[0], before, 100, "MiB PSS"),
        Figure("with the process that makes PDFs, after the first one", None, sum(ours.memory()), None, "MiB PSS"),
    ]
