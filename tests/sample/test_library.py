"""The ready reports over the sample, in January 2013: each file is as it was when somebody last read it through. A change on
purpose: PRM_SNAPSHOTS=1 writes them anew, to be read before they are committed."""
import os
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from prm.access.system import SYSTEM
from prm.reporting.asking import ask
from prm.reporting.library import ready
from prm.ui.table_files import write_csv

KEPT = Path(__file__).parents[1] / "snapshots" / "library"
LINES = 30


def test_each_report_says_what_it_said(loaded):
    found = {}
    with time_machine.travel(datetime(2013, 1, 15, 12, tzinfo=UTC), tick=False):
        for report in ready():
            table = ask(report.content, SYSTEM, limit=LINES)
            found[report.key] = b"".join(write_csv(table)).decode("utf-8-sig").replace("\r\n", "\n") + f"# {table.said}\n"
    if os.environ.get("PRM_SNAPSHOTS"):
        KEPT.mkdir(parents=True, exist_ok=True)
        for key, text in found.items():
            (KEPT / f"{key}.csv").write_text(text, "utf-8")
    kept = {path.stem: path.read_text("utf-8") for path in KEPT.glob("*.csv")}
    assert set(kept) == set(found)
    assert [key for key in found if found[key] != kept[key]] == []
