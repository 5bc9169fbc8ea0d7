"""What every portal starts with: stages, tiers and business roles. The admin edits them: nothing looks for a name."""

from __future__ import annotations

from prm.core.db import db
from prm.models import BusinessRole, Organisation, Stage, Tier

STAGES = (
    ("Registered", 10, "open"), ("Qualified", 25, "open"), ("Proposal", 50, "open"), ("Negotiation", 75, "open"),
    ("Won", 100, "won"), ("Lost", 0, "lost"),
)  # fmt: skip
TIERS = ("Platinum", "Gold", "Silver", "Registered")
ROLES = ("Executive sponsor", "Owner", "Sales lead", "Technical", "Marketing", "Finance", "Purchasing")


def lay_defaults() -> None:
    """The organisation, and the lists that are empty; what has entries is left as it is."""
    with db.atomic():
        if not Organisation.select().exists():
            Organisation.create(id=1, name="Alongside")
        if not Stage.select().exists():
            Stage.insert_many(
                [{"name": n, "probability": p, "outcome": o, "position": at} for at, (n, p, o) in enumerate(STAGES)]
            ).execute()
        for table, names in ((Tier, TIERS), (BusinessRole, ROLES)):
            if not table.select().exists():
                table.insert_many([{"name": name, "position": at} for at, name in enumerate(names)]).execute()
