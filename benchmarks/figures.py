"""Reports, imports, KPIs and PDFs: wall and CPU seconds inside one process, beside SQL by hand where there is a floor."""
from __future__ import annotations

import csv
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

REPORT = {
    "object": "deal",
    "filters": [{"field": "outcome", "op": "is", "value": "won"}],
    "rows": [{"field": "closed_on", "by": "month"}],
    "measures": [{"key": "won", "fn": "sum", "field": "amount"}, {"key": "n", "fn": "count"}],
}
BY_HAND = (
    "SELECT substr(closed_on, 1, 7), SUM(amount_base), COUNT(*) FROM deal WHERE outcome = 'won' GROUP BY 1"
)


def cpu(run: Callable, rounds: int = 7) -> float:
    """Milliseconds of CPU, median."""
    found = []
    for _ in range(rounds):
        before = time.process_time()
        run()
        found.append((time.process_time() - before) * 1000)
    return median(found)


def report() -> list[tuple]:
    from prm.access.system import SYSTEM
    from prm.catalogue.answer import answer
    from prm.catalogue.question import Question
    from prm.core.db import db

    question = Question.parse(REPORT)
    by_hand = cpu(lambda: db.execute_sql(BY_HAND).fetchall())
    return [("report over 10,000 deals", by_hand, cpu(lambda: answer(question, SYSTEM)), 9, "ms CPU")]


def importing(var: Path, rows: int = 10_000) -> list[tuple]:
    """A CSV checked, previewed and stored, in a process of its own so that its memory is its own."""
    path = var / "deals.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Order no", "Partner no", "Order date", "Amount", "Units"])
        writer.writerows((f"X{n:06d}", f"P{n % 1000:05d}", f"2026-{n % 9 + 1:02d}-15", f"{n}.50", n % 50) for n in range(rows))
    code = f"from benchmarks.figures import import_one; import_one({str(var)!r}, {str(path)!r})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    seconds, memory, floor = map(float, said[-3:])
    return [
        ("import of 10,000 deals, checked", floor, seconds, 5, "s"),
        ("its memory", 0, memory, 200, "MiB"),
    ]


def import_one(var: str, path: str) -> None:
    import os

    os.environ["PRM_VAR"] = var
    from prm import create_app
    from prm.access.system import SYSTEM
    from prm.core.db import db
    from prm.models import Deal
    from prm.transfers import running

    app = create_app()
    with app.app_context(), db.connection_context():
        before = time.perf_counter()
        done = running.import_file(SYSTEM, "deal", Path(path), fixed={"stage": "won"}, create=True)
        seconds = time.perf_counter() - before
        assert done.counts["made"] == 10_000, done.refusals[:3]
        before = time.perf_counter()
        with db.atomic():
            given = [{"number": f"Y{n}", "partner": 1, "stage": 3, "amount": n, "currency": "USD"} for n in range(10_000)]
            for start in range(0, len(given), 1000):
                Deal.insert_many(given[start : start + 1000]).execute()
        floor = time.perf_counter() - before
        Deal.delete().where(Deal.number.startswith("Y")).execute()
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, floor)
