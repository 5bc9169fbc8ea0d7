"""What people do with deals."""

from __future__ import annotations

from prm.access.rows import get
from prm.catalogue import records
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.models import Deal, Organisation, Partner, Stage


def add_deal(viewer, values: dict) -> Deal:
    """A new deal of a partner the viewer sees; created today unless said otherwise."""
    get(Partner, viewer, values.get("partner"))
    today = clock.today(Organisation.current().zone)
    values = values | {"created_on": values.get("created_on") or today}
    return records.make(viewer, catalogue(viewer)["deal"], _closed(values, None))


def edit_deal(viewer, deal: Deal, values: dict, *, version: int | None = None) -> Deal:
    """Change it; moved to won or lost without a date it is closed today."""
    records.change(viewer, catalogue(viewer)["deal"], deal, _closed(values, deal), version=version)
    return deal


def _closed(values: dict, deal: Deal | None) -> dict:
    stage = Stage.get_or_none(Stage.id == values.get("stage", deal.stage_id if deal else None))
    dated = values.get("closed_on", deal.closed_on if deal else None)
    if stage is not None and stage.outcome != "open" and not dated:
        return values | {"closed_on": clock.today(Organisation.current().zone)}
    return values
