"""KPIs: definitions in versions, targets valid from a period on, entered values, and the results kept per partner and period."""
from __future__ import annotations

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Exact, Table, created
from prm.models.organisation import Tier
from prm.models.partner import Partner
from prm.models.person import Person

STATES = {"draft": "Draft", "active": "Active", "retired": "Retired"}
DIRECTIONS = {"higher": "Higher is better", "lower": "Lower is better"}
STATUSES = {"good": "On target", "warn": "Close", "bad": "Behind", "none": "No target"}

COMPUTING = "computing"  # what is done alone (core/alone.py) while results and scores are being stored


class Kpi(Table):
    name = CharField(120, unique=True)
    description = TextField(default="")
    owner = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    state = CharField(10, default="draft")
    position = IntegerField(default=0)
    cadence = CharField(10, default="year")  # how often it is reviewed: quarter, half, year
    trouble = TextField(default="")  # why it cannot be worked out at present
    version = IntegerField(default=1)
    created_at = created()


class KpiVersion(Table):
    """A definition, valid from the period that starts on `valid_from` (the newest that is not later wins; the first
    version is also valid for everything before it). `question` has one measure and `date_field`; empty when entered."""

    kpi = ForeignKeyField(Kpi, backref="versions", on_delete="CASCADE")
    number = IntegerField()
    valid_from = DateField()
    source = CharField(10, default="question")  # question, entered
    question = JSONField(default=dict)
    date_field = CharField(120, default="")
    unit = CharField(10, default="number")  # number, money, percent
    direction = CharField(6, default="higher")
    period_length = CharField(10, default="quarter")
    weight = Exact(default=1)
    green = Exact(default=1)  # attainment, 1 = 100 %
    amber = Exact(default="0.8")
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()

    class Meta:
        indexes = ((("kpi", "number"), True),)


class Target(Table):
    """For one partner, else a tier, else everyone: the closest wins; among equals the newest `valid_from` not later
    than the period's start. An empty `value` takes a target back."""

    kpi = ForeignKeyField(Kpi, backref="targets", on_delete="CASCADE")
    tier = ForeignKeyField(Tier, null=True, on_delete="CASCADE")
    partner = ForeignKeyField(Partner, null=True, on_delete="CASCADE")
    valid_from = DateField()
    value = Exact(null=True)
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()

    class Meta:
        indexes = ((("kpi", "tier", "partner", "valid_from"), False),)


class KpiEntry(Table):
    """A typed or imported value of an *entered* KPI."""

    kpi = ForeignKeyField(Kpi, backref="entries", on_delete="CASCADE")
    partner = ForeignKeyField(Partner, on_delete="CASCADE")
    period = CharField(10)
    value = Exact(null=True)
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    updated_at = created()

    class Meta:
        indexes = ((("kpi", "partner", "period"), True),)


class KpiResult(Table):
    """KPI × partner × period. `value` in the KPI's unit (money in major units of the base currency), `attainment` with
    1 = 100 %, `rows` counts what is behind it, `weight` is the one used, so that a past score can be retraced."""

    kpi = ForeignKeyField(Kpi, backref="results", on_delete="CASCADE", index=False)  # the indexes below begin with it
    partner = ForeignKeyField(Partner, backref="results", on_delete="CASCADE", index=False)
    period = CharField(10)
    starts_on = DateField()
    version = ForeignKeyField(KpiVersion, on_delete="CASCADE")
    value = Exact(null=True)
    target = Exact(null=True)
    attainment = Exact(null=True)
    status = CharField(5, default="none")
    weight = Exact(default=1)
    rows = IntegerField(default=0)
    computed_at = created()

    class Meta:
        indexes = (
            (("partner", "period", "kpi"), True),
            (("kpi", "period"), False),
            (("period", "kpi", "value", "partner"), False),  # medians of a tier
        )


class Stale(Table):
    """What changed since results were computed: partner and first day touched. A row deleted is a row recomputed."""

    partner = ForeignKeyField(Partner, on_delete="CASCADE")
    day = DateField(null=True)  # the date of the row that changed; empty: every open period
    at = created()
