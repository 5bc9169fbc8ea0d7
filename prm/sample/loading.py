"""Loads the AdventureWorks resellers: import, tiers by revenue, six KPIs with targets by tier, scores. It can be run
again: what is there already stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from peewee import fn

from prm.access.system import SYSTEM
from prm.catalogue.records import touch
from prm.core.db import db
from prm.core.errors import Invalid
from prm.kpis import starters
from prm.kpis.refreshing import compute_all
from prm.models import Activity, Deal, Kpi, KpiVersion, Organisation, Partner, Target, Tier
from prm.transfers.running import import_file

DATA = Path(__file__).parent / "data"
BEGINNING = date(2010, 10, 1)
# The share of partners, by revenue, that ends up in each tier from the highest on; the rest gets the last one.
SHARES = (Decimal("0.05"), Decimal("0.20"), Decimal("0.50"))
Report = Callable[[int, int, str], None]

_SPLIT = [
    {"key": "a", "fn": "sum", "field": "accessories"},
    {"key": "b", "fn": "sum", "field": "clothing"},
    {"key": "c", "fn": "sum", "field": "amount"},
    {"key": "value", "formula": "(a + b) / c"},
]
_MARGIN = [
    {"key": "a", "fn": "sum", "field": "amount"},
    {"key": "b", "fn": "sum", "field": "cost"},
    {"key": "value", "formula": "(a - b) / a"},
]
# name, description, unit, measures, weight, targets of a quarter from the highest tier to the lowest; the last tier
# orders too seldom to be held to an order in every quarter
KPIS = (
    ("Revenue", "Total amount of the orders.", "money", [{"key": "value", "fn": "sum", "field": "amount"}], 3,
     (70000, 33000, 3000, 450)),
    ("Orders", "How many orders were placed.", "number", [{"key": "value", "fn": "count"}], 1, (1, 1, 1)),
    ("Average order value", "Mean amount of an order.", "money", [{"key": "value", "fn": "mean", "field": "amount"}], 1,
     (60000, 30000, 2500, 400)),
    ("Active months", "Months of the quarter with at least one order.", "number",
     [{"key": "value", "fn": "count distinct", "field": "closed_on", "by": "month"}], 1, (1, 1, 1)),
    ("Margin", "What is left of the amount after cost.", "percent", _MARGIN, 2, ("0.02", "0.05", "0.05", "0.08")),
    ("Accessories and clothing", "Their share of the amount.", "percent", _SPLIT, 1, ("0.02", "0.02", "0.02", "0.02")),
)  # fmt: skip


def load(report: Report = lambda *_: None) -> dict[str, int]:
    """Import, tier, define, compute; returns how many of each there are."""
    report(0, 6, "Partners")
    _bring("partner", "partners.csv")
    report(1, 6, "Contacts")
    _bring("contact", "contacts.csv")
    report(2, 6, "Orders")
    _bring("deal", "orders-2010-2012.csv", fixed={"stage": "won", "currency": Organisation.current().currency})
    report(3, 6, "Tiers")
    with db.atomic():
        _tier()
        _define()
        Activity.record(SYSTEM, "sample.loaded", title="AdventureWorks")
    report(4, 6, "KPIs and scores")
    compute_all()
    report(6, 6, "Done")
    return {"partners": Partner.select().count(), "deals": Deal.select().count(), "kpis": Kpi.select().count()}


def _bring(object: str, name: str, **more) -> None:
    done = import_file(SYSTEM, object, DATA / name, create=True, **more)
    if getattr(done, "refused", 0):
        raise Invalid(f"{name}: {done.refused} rows were refused. {done.refusals[0][1]}")


def _tier() -> None:
    """Partners without a tier get one by their revenue."""
    tiers = list(Tier.select().order_by(Tier.position))
    revenue = fn.COALESCE(fn.SUM(Deal.amount_base), 0)
    ranked = (
        Partner.select(Partner.id).left_outer_join(Deal, on=(Deal.partner == Partner.id) & (Deal.outcome == "won"))
        .where(Partner.tier.is_null()).group_by(Partner.id).order_by(revenue.desc(), Partner.id)
    )  # fmt: skip
    ids = [id for (id,) in ranked.tuples()]
    ends = [int(len(ids) * share) for share in SHARES[: len(tiers) - 1]] + [len(ids)]
    start = 0
    for tier, end in zip(tiers, ends, strict=False):
        Partner.update(tier=tier).where(Partner.id.in_(ids[start:end])).execute()
        start = end
    touch({(id, None) for id in ids})


def _define() -> None:
    """The sample's KPIs take the place of the starters that nobody has touched."""
    names = {name for name, *_ in KPIS}
    aimed = Target.select(Target.kpi)
    edited = KpiVersion.select(KpiVersion.kpi).where(KpiVersion.number > 1)
    given = [name for name, *_ in starters.STARTERS]
    Kpi.delete().where(Kpi.name.in_(given) & Kpi.id.not_in(aimed) & Kpi.id.not_in(edited)).execute()
    there = set(Kpi.select(Kpi.name).where(Kpi.name.in_(names)).scalars())
    tiers = list(Tier.select().order_by(Tier.position))
    for at, (name, description, unit, measures, weight, aims) in enumerate(KPIS):
        if name in there:
            continue
        question = starters.WON | {"measures": measures}
        kpi = starters.make(name, description, unit, question, position=at, weight=weight)
        for tier, value in zip(tiers, aims, strict=False):
            Target.create(kpi=kpi, tier=tier, valid_from=BEGINNING, value=Decimal(value))
