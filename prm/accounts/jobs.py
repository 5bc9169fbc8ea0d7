"""Accounts' work for later."""

from __future__ import annotations

from prm.accounts import spending
from prm.core.jobs import Job, job


@job("accounts.reset")
def reset(found: Job) -> None:
    """Send the link for a new password, if the address that was typed has an account."""
    spending.send_reset(found.facts["email"])
