"""The filters of a dashboard, and what each means for a question about one object or another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.question import Condition, Filter, Question
from prm.core.errors import Invalid

FILTERS = {
    "period": "Period",
    "territory": "Territory",
    "tier": "Tier",
    "manager": "Channel manager",
    "partner": "Partner",
}
LONGEST = 200


@dataclass
class Narrowing:
    """The values that are set, by filter; `lost` are those that a question had no field for."""

    known: Catalogue
    values: dict[str, str]
    lost: list[str] = field(default_factory=list)

    def conditions(self, question: Question) -> tuple[Condition, ...]:
        """For a question about any object. A field that the viewer may not know is a filter that it has not."""
        obj, found = self.known[question.object], []
        for name, value in self.values.items():
            condition = _condition(name, value, obj)
            if condition is None or not self._has(obj, condition):
                self.lost.append(FILTERS[name])
            else:
                found.append(condition)
        return tuple(found)

    def _has(self, obj: Object, condition: Filter) -> bool:
        try:
            self.known.find(obj, condition.field)
        except Invalid:
            return False
        return True


def _condition(name: str, value: str, obj: Object) -> Filter | None:
    if name == "period":
        days = [key for key in obj.date_fields if key != "created_at"]
        return Filter(days[0], "in", value) if days and obj.key != "partner" else None
    if obj.key == "partner":
        return Filter("name" if name == "partner" else name, "is", value)
    if not obj.partner:
        return None
    return Filter(obj.partner if name == "partner" else f"{obj.partner}.{name}", "is", value)


def offered(viewer) -> dict[str, str]:
    """The filters that the viewer may set. A partner has one partner, and is not told what else a dashboard opens with."""
    return {name: label for name, label in FILTERS.items() if viewer.is_staff or name == "period"}


def values_of(viewer, args: Mapping[str, str], saved: dict) -> dict[str, str]:
    """What the address says, else what the dashboard opens with. An address with any of them says all of them."""
    names = offered(viewer)
    asked = any(name in args for name in names)
    found = {name: str(args.get(name, "") if asked else saved.get(name, "")).strip()[:LONGEST] for name in names}
    return {name: value for name, value in found.items() if value}
