"""What people do with deals."""

from __future__ import annotations

from prm.catalogue import keeping
from prm.models import Deal


def add_deal(viewer, values: dict) -> Deal:
    """A new deal of a partner the viewer sees; created today unless said otherwise."""
    return keeping.add(viewer, "deal", values)


def decide(viewer, deal: Deal, registration: str) -> None:
    """Approve or reject what a partner registered."""
    keeping.decide(viewer, deal, registration)


def edit_deal(viewer, deal: Deal, values: dict, *, version: int | None = None) -> Deal:
    """Change it; moved to won or lost without a date it is closed today."""
    return keeping.change(viewer, "deal", deal, values, version=version)
