"""A CSV of ten thousand deals: uploaded, checked, previewed and stored by the jobs that do it for people; then another as
`prm import` stores it, which checks each row as it goes. The floor puts as many rows into the table and nothing else."""
from __future__ import annotations

import csv
import resource
import time
from pathlib import Path

from benchmarks import rows
from benchmarks.figure import Figure

ROWS, STANDING = 10_000, 100_000
HEADER = ("Order no", "Partner no", "Title", "Stage", "Order date", "Amount", "Currency", "Source")


def measure(var: Path) -> list[Figure]:
    app = rows.made_elsewhere(var, deals=STANDING)
    from prm.core.db import db

    with app.app_context(), db.connection_context():
        floor = _floor()
        before = _peak()
        seconds = _import(_file(var / "deals.csv", "X"))
        memory = _peak()
        rate = ROWS / _command(_file(var / "more.csv", "Z"))
    return [
        Figure(f"import of {ROWS:,} deals beside {STANDING:,}: upload, check, preview, store", floor, seconds, 5, "s"),
        Figure("`prm import` of as many, each checked", ROWS / floor, rate, 3000, "rows/s", at_least=True),
        Figure("its memory at the highest (floor: the process before it)", before, memory, 200, "MiB"),
    ]


def _file(path: Path, letter: str) -> Path:
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(ROWS):
            day = f"{2024 + n % 2}-{n % 9 + 1:02d}-15"
            writer.writerow((f"{letter}{n:06d}", f"P{n % 1000:05d}", f"Order {n}", "Won", day, f"{n}.50", "USD", f"Source {n % 7}"))
    return path


def _import(path: Path) -> float:
    """Seconds from the upload to the stored rows, with a look at the preview in between."""
    from prm import schedule
    from prm.core import files
    from prm.core.jobs import run_once
    from prm.models import Deal, Import, Person
    from prm.transfers import services
    from prm.transfers.preview import Preview

    schedule.load()
    sam, held = Person.get(Person.role == "admin"), files.temporary()
    held.write_bytes(path.read_bytes())
    before = time.perf_counter()
    batch = services.upload(sam, "deal", path.name, held)
    _work(run_once)
    batch = Import.get_by_id(batch.id)
    if len(Preview(sam, batch).rows) != 20:
        raise AssertionError("the preview shows no rows")
    services.start_commit(sam, batch)
    _work(run_once, "import.commit")
    seconds = time.perf_counter() - before
    if Import.get_by_id(batch.id).made != ROWS or Deal.select().where(Deal.number.startswith("X")).count() != ROWS:
        raise AssertionError("not every row was stored")
    return seconds


def _command(path: Path) -> float:
    from prm.access.system import SYSTEM
    from prm.transfers.running import import_file

    before = time.perf_counter()
    done = import_file(SYSTEM, "deal", path)
    seconds = time.perf_counter() - before
    if done.counts["made"] != ROWS:
        raise AssertionError(done.refusals[:3])
    return seconds


def _work(run_once, kind: str = "import.check") -> None:
    """Jobs until this one is through; what it causes (KPIs worked out anew) is no part of the import."""
    from prm.core.jobs import Job

    waiting = Job.select().where((Job.kind == kind) & Job.done_at.is_null() & Job.failed_at.is_null())
    while waiting.exists():
        run_once()


def _floor() -> float:
    from prm.core.db import db
    from prm.models import Deal

    given = [{"number": f"Y{n}", "partner": n % 1000 + 1, "stage": 3, "amount": n, "currency": "USD"} for n in range(ROWS)]
    before = time.perf_counter()
    with db.atomic():
        rows.insert(Deal, given)
    seconds = time.perf_counter() - before
    Deal.delete().where(Deal.number.startswith("Y")).execute()
    return seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
