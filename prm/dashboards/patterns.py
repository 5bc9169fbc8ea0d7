"""Templates of dashboards: tiles of ready reports, for those who look at a portal every day."""
from __future__ import annotations

from typing import Any, NamedTuple


class Pattern(NamedTuple):
    label: str
    tiles: tuple[dict[str, Any], ...]


def _tile(key: str, width: int = 6, show: str = "chart", title: str = "") -> dict[str, Any]:
    return {"kind": "ready", "text": key, "width": width, "look": {"show": show}, "title": title}


PATTERNS = {
    "manager": Pattern("Channel manager", (
        _tile("pipeline-by-stage"), _tile("revenue-by-month"), _tile("overdue-deals", 12, "table"),
        _tile("partners-without-a-won-deal-in-90-days", 6, "table"), _tile("partners-without-activity", 6, "table"),
        _tile("win-rate-by-tier"), _tile("best-partners-of-each-territory", 6, "table"),
    )),
    "executive": Pattern("Executive", (
        _tile("revenue-by-month", 4, "number", "Revenue"), _tile("pipeline-by-stage", 4, "number", "Open pipeline"),
        _tile("revenue-by-tier", 4), _tile("revenue-by-territory-and-quarter", 12), _tile("concentration-of-revenue"), _tile("scores-by-tier"),
    )),
    "partner": Pattern("Partner", (
        _tile("revenue-by-month", 6, "number", "Won so far"), _tile("pipeline-by-stage", 6, "number", "Open deals"), _tile("revenue-by-month", 12),
        _tile("largest-open-deals", 12, "table"), _tile("expiring-deal-registrations", 12, "table"),
    )),
}  # fmt: skip
