"""What people do with KPIs: define, change from a period on, set in force, retire, give targets, enter values, close
periods. Nothing here rewrites a past period that was judged.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from peewee import IntegrityError

from prm.access import rows
from prm.access.policy import Do, check_may
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.core.db import LIMIT, db
from prm.core.errors import Conflict, Invalid
from prm.core.periods import Period, period_of
from prm.kpis import definitions
from prm.kpis.refreshing import compute_later
from prm.kpis.starters import BEGINNING
from prm.models import Activity, ClosedPeriod, Kpi, KpiEntry, KpiResult, KpiVersion, Organisation, Partner, Target, Tier

IDENTITY = ("name", "description", "owner", "cadence")
DEFINITION = (
    "source", "question", "date_field", "unit", "direction", "period_length", "weight", "green", "amber",
)  # fmt: skip


def current_period(length: str) -> Period:
    here = Organisation.current()
    return period_of(clock.today(here.zone), length, here.fiscal_month)


def newest(kpi: Kpi) -> KpiVersion:
    return KpiVersion.select().where(KpiVersion.kpi == kpi.id).order_by(KpiVersion.number.desc()).get()


def get(viewer, id) -> Kpi:
    return rows.get(Kpi, viewer, id)


# ── the definition ──


def add_kpi(viewer, values: dict[str, Any]) -> Kpi:
    """A draft: nothing is judged by it before it is set in force."""
    _may_edit(viewer)
    kpi = Kpi(**{key: values[key] for key in IDENTITY}, position=Kpi.select().count())
    first = _version(viewer, values, number=1, valid_from=BEGINNING)
    with db.atomic():
        _store(kpi)
        first.kpi = kpi
        first.save(force_insert=True)
        Activity.record(viewer, "kpi.created", kpi, title=kpi.name)
    return kpi


def edit_kpi(viewer, kpi: Kpi, values: dict[str, Any], *, start: date | None = None, version: int | None = None) -> Kpi:
    """Change it. Of a draft the definition itself; of one in force a new version is made, valid from `start` on."""
    _may_edit(viewer)
    latest = newest(kpi)
    made = _version(viewer, values, number=latest.number + 1, valid_from=start or latest.valid_from)
    changed = [key for key in DEFINITION if getattr(made, key) != getattr(latest, key)]
    with db.atomic():
        for key in IDENTITY:
            setattr(kpi, key, values[key])
        _store(kpi, expected=version or kpi.version)
        if changed:
            _redefine(kpi, latest, made, start)
        Activity.record(viewer, "kpi.changed", kpi, title=kpi.name, definition=changed)
        compute_later(kpi, viewer)
    return kpi


def _redefine(kpi: Kpi, latest: KpiVersion, made: KpiVersion, start: date | None) -> None:
    if kpi.state == "draft":
        KpiVersion.update({key: getattr(made, key) for key in DEFINITION}).where(KpiVersion.id == latest.id).execute()
        return
    if start is None or start < current_period(made.period_length).start:
        raise Invalid("A changed definition is valid from the current period or a later one.", field="start")
    made.kpi = kpi
    made.save(force_insert=True)


def _version(viewer, values: dict[str, Any], **more) -> KpiVersion:
    """Checked against the catalogue of who defines it."""
    made = KpiVersion(**{key: values[key] for key in DEFINITION}, author=viewer if viewer.id else None, **more)
    if not 0 < made.weight <= 1000:
        raise Invalid("A weight is above 0 and at most 1,000.", field="weight")
    if not 0 < made.amber <= made.green <= 10:
        raise Invalid("Amber is above 0 and not above green.", field="amber")
    if made.source == "question":
        definitions.check(made, catalogue(viewer), viewer)
    return made


def _store(kpi: Kpi, expected: int | None = None) -> None:
    try:
        with db.atomic():
            if expected is None:
                kpi.save(force_insert=True)
                return
            facts = {getattr(Kpi, key): getattr(kpi, key) for key in IDENTITY} | {Kpi.version: expected + 1}
            if not Kpi.update(facts).where((Kpi.id == kpi.id) & (Kpi.version == expected)).execute():
                raise Conflict("Somebody else changed this KPI in the meantime. Nothing of yours was saved.")
    except IntegrityError:
        raise Invalid(f"There is a KPI called {kpi.name} already.", field="name") from None


def _may_edit(viewer) -> None:
    check_may(viewer, Do.EDIT_KPIS)


def activate(viewer, kpi: Kpi) -> None:
    """Set it in force: it is worked out for every period that has rows, and counts in the scores."""
    _may_edit(viewer)
    with db.atomic():
        Kpi.update(state="active").where(Kpi.id == kpi.id).execute()
        Activity.record(viewer, "kpi.activated", kpi, title=kpi.name)
        kpi.state = "active"
        compute_later(kpi, viewer)


def retire(viewer, kpi: Kpi) -> None:
    """Past periods keep its results; the current one goes on without it."""
    _may_edit(viewer)
    with db.atomic():
        Kpi.update(state="retired").where(Kpi.id == kpi.id).execute()
        today = current_period(newest(kpi).period_length)
        KpiResult.delete().where((KpiResult.kpi == kpi.id) & (KpiResult.starts_on >= today.start)).execute()
        Activity.record(viewer, "kpi.retired", kpi, title=kpi.name)
        compute_later(None, viewer)


# ── targets ──


def set_target(
    viewer, kpi: Kpi, *, value: Decimal | None, start: date, tier: int | None = None, partner: int | None = None
) -> Target:
    """From the period that starts on `start`; without a value the target is taken back from then on."""
    _may_edit(viewer)
    _check_target(kpi, value, start, tier, partner)
    if partner is not None:
        rows.get(Partner, viewer, partner)
    if tier is not None:
        rows.get(Tier, viewer, tier)
    with db.atomic():
        same = (Target.kpi == kpi.id) & (Target.valid_from == start) & _same(tier, partner)
        Target.delete().where(same).execute()
        made = Target.create(kpi=kpi, tier=tier, partner=partner, valid_from=start, value=value, author=viewer.id)
        facts = {"value": None if value is None else str(value), "start": start.isoformat()}
        Activity.record(viewer, "target.set", made, partner=partner, title=kpi.name, **facts)
        compute_later(kpi, viewer)
    return made


def _same(tier: int | None, partner: int | None):
    of_tier = Target.tier.is_null() if tier is None else Target.tier == tier
    return of_tier & (Target.partner.is_null() if partner is None else Target.partner == partner)


def _check_target(kpi: Kpi, value: Decimal | None, start: date, tier: int | None, partner: int | None) -> None:
    if value is not None and not 0 < value < LIMIT:
        raise Invalid("A target is a number above zero: nothing can be held against zero or less.", field="value")
    current = current_period(newest(kpi).period_length).start
    if start < current and judged_before(kpi, start, current, tier, partner):
        raise Invalid(
            "Past periods are judged already and keep their targets. Choose the current period or a later one.",
            field="start",
        )


def judged_before(kpi: Kpi, start: date, end: date, tier: int | None, partner: int | None) -> bool:
    """Whether a partner this target is for was held against one in a period from `start` on, before `end`."""
    found = KpiResult.select().where(
        (KpiResult.kpi == kpi.id) & (KpiResult.starts_on >= start) & (KpiResult.starts_on < end)
        & KpiResult.target.is_null(False)
    )  # fmt: skip
    if partner is not None:
        found = found.where(KpiResult.partner == partner)
    if tier is not None:
        found = found.where(KpiResult.partner.in_(Partner.select(Partner.id).where(Partner.tier == tier)))
    closed = ClosedPeriod.select(ClosedPeriod.key)
    return found.exists() or KpiResult.select().where(
        (KpiResult.kpi == kpi.id) & (KpiResult.starts_on >= start) & KpiResult.period.in_(closed)
    ).exists()  # fmt: skip


# ── entered values ──


def enter(viewer, kpi: Kpi, period: Period, values: dict[int, Decimal | None]) -> int:
    """Typed values by partner id; an empty one takes the value back. Returns how many differ."""
    _may_edit(viewer)
    if newest(kpi).source != "entered":
        raise Invalid("The values of this KPI are worked out, not typed.")
    if ClosedPeriod.select().where(ClosedPeriod.key == period.key).exists():
        raise Invalid(f"{period.label} is closed. An admin can open it again.", field="period")
    changed = 0
    with db.atomic():
        for partner, value in values.items():
            changed += _enter(viewer, kpi, rows.get(Partner, viewer, partner), period, value)
        if changed:
            compute_later(kpi, viewer)
    return changed


def _enter(viewer, kpi: Kpi, partner: Partner, period: Period, value: Decimal | None) -> bool:
    known = KpiEntry.get_or_none(
        (KpiEntry.kpi == kpi.id) & (KpiEntry.partner == partner.id) & (KpiEntry.period == period.key)
    )
    if (known.value if known else None) == value:
        return False
    if known is None:
        known = KpiEntry(kpi=kpi, partner=partner, period=period.key)
    known.value, known.author, known.updated_at = value, viewer.id, clock.now()
    known.save()
    told = None if value is None else str(value)
    Activity.record(viewer, "kpi.entered", kpi, partner=partner, title=kpi.name, period=period.key, value=told)
    return True


# ── periods ──


def close_period(viewer, period: Period) -> None:
    """From now on its results only change on purpose."""
    _may_close(viewer)
    if period.end >= clock.today(Organisation.current().zone):
        raise Invalid(f"{period.label} is not over yet. It can be closed after {period.end}.")
    with db.atomic():
        ClosedPeriod.insert(key=period.key).on_conflict_ignore().execute()
        Activity.record(viewer, "period.closed", title=period.label, period=period.key)


def open_period(viewer, period: Period) -> None:
    _may_close(viewer)
    with db.atomic():
        ClosedPeriod.delete().where(ClosedPeriod.key == period.key).execute()
        Activity.record(viewer, "period.opened", title=period.label, period=period.key)
        compute_later(None, viewer)


def _may_close(viewer) -> None:
    check_may(viewer, Do.CLOSE_PERIODS)
