"""Whatever is queued anywhere has somebody who knows how to do it, once the workers have read schedule.py."""
import re
from pathlib import Path

import prm
from prm import schedule
from prm.core.jobs import KINDS

SOURCES = [path.read_text("utf-8") for path in Path(prm.__file__).parent.rglob("*.py")]


def test_every_kind_of_job_is_known_to_the_workers():
    schedule.load()
    registered = {kind for text in SOURCES for kind in re.findall(r"^@job\(\"([\w.]+)\"", text, re.M)}
    queued = {kind for text in SOURCES for kind in re.findall(r"\benqueue\(\s*\"([\w.]+)\"", text)}
    named = {"setup.sample", "setup.rebase"}  # queued by a name of theirs
    assert len(registered) >= 10 and queued | named | registered <= set(KINDS)


def test_what_the_timetable_fires_is_known_too():
    assert {kind for kind, _ in schedule.load()} <= set(KINDS)
