"""Setting a target: its form, and reading it."""

from __future__ import annotations

from wtforms.fields import SelectChoice

from prm.catalogue.answer import formats_of
from prm.catalogue.kinds import KINDS
from prm.catalogue.links import Links
from prm.catalogue.objects import DEAL_OBJECT
from prm.core.errors import Invalid
from prm.core.periods import iso_day, of_index, period_of
from prm.kpis import services
from prm.kpis.forms import TargetForm
from prm.models import Kpi, KpiResult, KpiVersion, Organisation, Tier

PAST, AHEAD = 12, 5


def target_form(kpi: Kpi, version: KpiVersion) -> TargetForm:
    """Offers the periods from the first that has results (but not too many) to a few ahead; the service says which
    of the past ones are settled already."""
    form = TargetForm()
    tiers = Tier.select().order_by(Tier.position)
    named = [("everyone", "Everyone"), *((f"tier-{t.id}", t.name) for t in tiers), ("partner", "One partner")]
    form.scope.choices = [SelectChoice(*each) for each in named]
    form.start.choices = [SelectChoice(p.start.isoformat(), p.label) for p in _offered(kpi, version)]
    if not form.is_submitted():
        form.start.data = services.current_period(version.period_length).start.isoformat()
    form.value.label.text = {"money": f"Target in {Organisation.current().currency}", "percent": "Target in %"}.get(version.unit, "Target")
    return form


def _offered(kpi: Kpi, version: KpiVersion):
    current = services.current_period(version.period_length)
    first = KpiResult.select(KpiResult.starts_on).where(KpiResult.kpi == kpi.id).order_by(KpiResult.starts_on).first()
    fiscal = Organisation.current().fiscal_month
    began = period_of(first.starts_on, version.period_length, fiscal).index if first else current.index
    recent = range(max(began, current.index - PAST), current.index + AHEAD)
    early = range(began, min(began + PAST, recent.start))
    return [of_index(i, version.period_length, fiscal) for i in (*reversed(recent), *reversed(early))]


def target_values(viewer, kpi: Kpi, form: TargetForm) -> dict:
    """What was typed, as the service takes it."""
    scope = form.scope.data
    tier = int(scope.removeprefix("tier-")) if scope.startswith("tier-") else None
    return {
        "value": read_value(form.value.data, services.newest(kpi)),
        "start": iso_day(form.start.data),
        "tier": tier,
        "partner": _partner(viewer, form.partner.data) if scope == "partner" else None,
    }


def read_value(text: str | None, version: KpiVersion):
    """A value as people type it: 12,500, 12.5% or 4.5; None when empty."""
    kind = KINDS["percent" if version.unit == "percent" else "number"]
    text = (text or "").strip()
    if version.unit == "money":
        from prm.catalogue.numbers import without_currency

        text = without_currency(text)
    try:
        return kind.parse(text, formats_of(Organisation.current()).typed)
    except Invalid as refusal:
        raise Invalid(refusal.message, field="value") from None


def _partner(viewer, text: str | None) -> int:
    try:
        found = Links(viewer).id_of(DEAL_OBJECT.field("partner"), (text or "").strip())
    except Invalid as refusal:
        raise Invalid(refusal.message, field="partner") from None
    if found is None:
        raise Invalid("Which partner is it for?", field="partner")
    return found
