"""What runs by itself, and how often. A job kind exists for the workers when its module is listed here."""
from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from prm.core.jobs import Timetable

# Modules whose import registers jobs.
JOBS: list[str] = [
    "prm.core.mail",
    "prm.housekeeping",
    "prm.accounts.jobs",
    "prm.customize.jobs",
    "prm.kpis.jobs",
    "prm.papers.jobs",
    "prm.sample.jobs",
    "prm.scorecards.jobs",
    "prm.setup.jobs",
    "prm.subscriptions.jobs",
    "prm.surveys.jobs",
    "prm.transfers.jobs",
]

TIMETABLE: Timetable = [
    ("housekeeping", timedelta(hours=1)),
    ("kpis.refresh", timedelta(hours=1)),  # whatever became of the ones that changes have queued
    ("kpis.compute", timedelta(days=1)),  # periods begin, and “the last 90 days” go on, without anybody changing a row
    ("subscriptions.look", timedelta(hours=1)),  # whatever became of the jobs that wait for their hours
    ("surveys.look", timedelta(minutes=15)),
    ("surveys.mix", timedelta(hours=1)),
    ("customize.purge", timedelta(days=1)),
    ("housekeeping.files", timedelta(hours=6)),
]


def load() -> Timetable:
    """Make every kind of job known to this process."""
    for path in JOBS:
        import_module(path)
    return TIMETABLE
