"""Setup's work for later. Loading the sample data is a job of its own package."""

from __future__ import annotations

from prm.core.jobs import Job, job
from prm.setup import services


@job(services.REBASE)
def rebase(found: Job) -> dict:
    return {"changed": services.work_out_amounts()}
