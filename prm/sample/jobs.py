"""The sample data as a job, with progress, for the first visit."""

from __future__ import annotations

from prm.core.jobs import Job, job
from prm.sample.loading import load


@job("setup.sample", attempts=2, long=True)
def sample(found: Job) -> dict:
    return load(lambda at, of, what: found.report(at, of, what))
