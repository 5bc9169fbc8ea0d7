"""A hundred thousand deals as an Excel file and as CSV, each in a process of its own: seconds and peak memory, beside the same
rows read with SQL and written with the same library."""
from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks import rows
from benchmarks.figure import Figure

DEALS = 100_000
FIELDS = ["title", "partner", "partner.territory", "stage", "outcome", "amount", "closed_on", "created_at"]
BY_HAND = (
    "SELECT d.title, p.name, p.territory, s.name, d.outcome, d.amount, d.closed_on, d.created_at FROM deal d"
    " LEFT JOIN partner p ON p.id = d.partner_id LEFT JOIN stage s ON s.id = d.stage_id ORDER BY d.id"
)


def measure(var: Path) -> list[Figure]:
    rows.made_elsewhere(var, deals=DEALS)
    xlsx, by_hand, csv = (_alone(run, var) for run in (ours_xlsx, hand_xlsx, ours_csv))
    return [
        Figure(f"Excel file of {DEALS:,} deals", by_hand[0], xlsx[0], 15, "s"),
        Figure("peak memory of making the Excel file", by_hand[1], xlsx[1], 300, "MiB"),
        Figure("the same as CSV", None, csv[0], None, "s"),
        Figure("peak memory of making the CSV", None, csv[1], None, "MiB"),
    ]


def _alone(run, var: Path) -> tuple[float, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(_clocked, run, var).result()


def _clocked(run, var: Path) -> tuple[float, float]:
    before = time.perf_counter()
    run(var)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return time.perf_counter() - before, peak / (1024 if sys.platform != "darwin" else 2**20)


def ours_xlsx(var: Path) -> None:
    from prm.ui.table_files import write_xlsx

    with _table(var) as table, open(var / "ours.xlsx", "wb") as file:
        write_xlsx(file, table, title="Deals")


def ours_csv(var: Path) -> None:
    from prm.ui.table_files import write_csv

    with _table(var) as table, open(var / "ours.csv", "wb") as file:
        file.writelines(write_csv(table))


def _table(var: Path):
    import os
    from contextlib import contextmanager

    os.environ["PRM_VAR"] = str(var)
    from prm import create_app
    from prm.access.system import SYSTEM
    from prm.core.db import db
    from prm.reporting.asking import ask
    from prm.reporting.content import Content

    app = create_app()

    @contextmanager
    def opened():
        with app.app_context(), db.connection_context():
            yield ask(Content.parse({"parts": [{"question": {"object": "deal", "fields": FIELDS}}]}), SYSTEM, limit=DEALS)

    return opened()


def hand_xlsx(var: Path) -> None:
    import sqlite3

    import xlsxwriter

    book = xlsxwriter.Workbook(var / "hand.xlsx", {"constant_memory": True})
    page = book.add_worksheet()
    for at, row in enumerate(sqlite3.connect(var / "prm.db").execute(BY_HAND)):
        page.write_row(at, 0, row)
    book.close()
