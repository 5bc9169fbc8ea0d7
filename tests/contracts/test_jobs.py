"""Whatever is queued anywhere has somebody who knows how to do it, once the workers have read schedule.py."""
import re
import subprocess
import sys
from pathlib import Path

import prm
from prm import schedule

SOURCES = [path.read_text("utf-8") for path in Path(prm.__file__).parent.rglob("*.py")]


def known() -> set[str]:
    """To a worker that has just started: in this process other tests have put kinds in and out."""
    code = "from prm import schedule; from prm.core.jobs import KINDS; schedule.load(); print(*KINDS)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_every_kind_of_job_is_known_to_the_workers():
    registered = {kind for text in SOURCES for kind in re.findall(r"^@job\(\"([\w.]+)\"", text, re.M)}
    queued = {kind for text in SOURCES for kind in re.findall(r"\benqueue\(\s*\"([\w.]+)\"", text)}
    named = {"setup.sample", "setup.rebase"}  # queued by a name of theirs
    assert len(registered) >= 10 and queued | named | registered <= known()


def test_what_the_timetable_fires_is_known_too():
    assert {kind for kind, _ in schedule.TIMETABLE} <= known()
