"""PDFs: one with its processes warm, and all of a period as one ZIP by the worker, with the memory of both.

The ZIP holds 100 scorecards unless PRM_BENCHMARK_PDFS says how many; the table says how many it was.
"""
from __future__ import annotations

import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from statistics import median

from benchmarks import rows
from benchmarks.figure import Figure, children_of, cpu_of, memory_of

PDFS = int(os.environ.get("PRM_BENCHMARK_PDFS", "100"))
FLOOR = """
import time
from weasyprint import HTML
html = "<h1>Partner</h1><table>" + "".join(f"<tr><td>KPI {n}</td><td>{n}</td><td>{n * 7}</td></tr>" for n in range(70)) + "</table>"
HTML(string=html).write_pdf()
took = []
for _ in range(5):
    before = time.process_time()
    HTML(string=html).write_pdf()
    took.append(time.process_time() - before)
print(sorted(took)[2] * 1000)
"""


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, partners=max(100, PDFS), contacts=500, deals=max(100, PDFS) * 60, kpis=True)
    from prm.core.db import db

    with here.app.app_context(), db.connection_context():  # type: ignore[attr-defined]
        return [*_one(), *_zip(var)]


def _one() -> list[Figure]:
    from pypdf import PdfReader

    from prm.access.system import SYSTEM
    from prm.cards.showing import card_of
    from prm.core import pdf
    from prm.models import Scorecard
    from prm.scorecards import paper
    from prm.scorecards.services import LONGEST

    card = card_of(SYSTEM, Scorecard.get(Scorecard.partner == 7))
    card |= {"note": ("A word on the quarter and the next, and on what both did in it. " * 40)[:LONGEST]}  # so that it has two pages
    made = paper.document(card)
    (child,) = children_of(os.getpid())
    both = lambda: cpu_of(child) + time.process_time() * 1000  # noqa: E731
    took = []
    for _ in range(7):
        before = both()
        made = paper.document(card)
        took.append(both() - before)
    pdf.close()
    floor = float(subprocess.run([sys.executable, "-c", FLOOR], capture_output=True, text=True, check=True).stdout)
    pages = len(PdfReader(BytesIO(made)).pages)
    return [
        Figure(f"PDF of a scorecard with five KPIs and a long note, {pages} pages, warm (floor: a bare table of two pages)", floor, median(took), 200, "ms CPU"),
        Figure("its size", None, len(made) / 1024, 60, "KiB"),
    ]


def _zip(var: Path) -> list[Figure]:
    from prm.core.jobs import Job, enqueue
    from prm.models import Person, Scorecard

    period = Scorecard.select(Scorecard.period).order_by(Scorecard.starts_on.desc()).scalar()
    job = enqueue("scorecards.zip", key="benchmark", person=Person.get(), period=period, paper="a4")
    env = {**os.environ, "PRM_VAR": str(var)}
    worker = subprocess.Popen([sys.executable, "-m", "prm", "work"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun, own, theirs, half = None, 0.0, 0.0, 0.0
    while (now := Job.get_by_id(job.id)).state not in ("done", "failed"):
        begun = begun or (time.perf_counter() if now.started_at else None)
        try:
            children = children_of(worker.pid)
            own, theirs = max(own, memory_of(worker.pid)), max(theirs, memory_of(*children))
            half = own + theirs if now.progress * 2 <= now.total else half
        except OSError:
            pass  # a child ended between the two looks
        time.sleep(0.2)
    seconds = time.perf_counter() - (begun or time.perf_counter())
    worker.terminate()
    worker.wait()
    made = (now.result or {}).get("made", 0)
    if now.state == "failed" or made < PDFS:
        raise AssertionError(f"{made} PDFs: {now.message}")
    return [
        Figure(f"ZIP of {made:,} scorecards by the worker", None, seconds, None, "s"),
        Figure("each, on the clock", None, seconds / made * 1000, None, "ms"),
        Figure("memory of the worker, at the highest", None, own, 200, "MiB PSS"),
        Figure("of its two PDF processes together, at the highest", None, theirs, None, "MiB PSS"),
        Figure("of all, at the highest of the whole (floor: of the first half)", half, own + theirs, None, "MiB PSS"),
    ]
