"""What stands between an import and its storing: doubts, missing columns, wrong fixed values, rights."""

from __future__ import annotations

from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.models import Import
from prm.transfers.checking import blocked, fixed_values
from prm.transfers.finding import Found
from prm.transfers.plan import Plan, doubts, fields_of, keyless, missing


class Standing:
    """Told from the plan and from what the columns hold; the file itself is not opened."""

    def __init__(self, viewer, batch: Import):
        self.obj = catalogue(viewer)[batch.object]
        self.header: list[str] = batch.found["header"]
        self.plan = Plan.of(batch.settings).for_file(self.obj, self.header, viewer)
        self.found = found_of(batch)
        self.fields = fields_of(self.plan, self.obj, self.header)
        self.doubts = doubts(self.plan, self.fields, self.found)
        self.missing = missing(self.obj, self.plan, self.fields)
        self.keyless = keyless(self.obj, self.fields) if self.fields else ""
        self.blocked = blocked(viewer, self.obj, self.plan)
        self.wrong = _wrong(viewer, self.obj, self.plan)

    @property
    def ready(self) -> bool:
        return bool(self.fields) and not (self.doubts or self.missing or self.blocked or self.wrong)

    @property
    def left(self) -> int:
        """How many columns with values go nowhere."""
        fixed = {self.obj.field(key).label for key in self.plan.fixed}
        return sum(1 for c in self.header if c not in self.fields and self.found[c].filled and c not in fixed)

    def refuse_unready(self) -> None:
        if self.blocked:
            raise Invalid(self.blocked)
        if not self.fields:
            raise Invalid("No column is matched to a field yet.")
        if self.missing:
            raise Invalid(f"No column gives {', '.join(self.missing)}. Match one, or set a fixed value.")
        if self.doubts:
            doubt = self.doubts[0]
            raise Invalid(f"“{doubt.column}”: {doubt.text} Choose its {doubt.what} format first.")
        for reason in self.wrong.values():
            raise Invalid(reason)


def found_of(batch: Import) -> dict[str, Found]:
    return {name: Found(**facts) for name, facts in batch.found["columns"].items()}


def _wrong(viewer, obj, plan: Plan) -> dict[str, str]:
    """Fixed values that cannot be used, each with its reason."""
    found = {}
    for key, text in plan.fixed.items():
        if not text.strip():
            found[key] = f"{obj.field(key).label}: choose a value for every row, or take the field away."
        try:
            fixed_values(viewer, obj, Plan(fixed={key: text}))
        except Invalid as refusal:
            found[key] = refusal.message
    return found
