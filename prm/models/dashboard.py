"""Dashboards: tiles of reports, KPIs and text in an order, on a grid of twelve columns."""
from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.models.kpi import Kpi
from prm.models.person import Person
from prm.models.report import Report

TILES = {"report": "Report", "ready": "Ready report", "kpi": "KPI", "text": "Text"}
WIDTHS = (3, 4, 6, 8, 12)


class Dashboard(Table):
    """`home_of` is the access role whose home it is, if any. `filters` are the values it opens with, by the name of the
    filter: period, territory, tier, manager, partner."""

    name = CharField(120)
    description = TextField(default="")
    owner = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    sharing = CharField(10, default="private")  # prm.models.report.SHARING
    home_of = CharField(20, default="")
    filters = JSONField(default=dict)
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()
    deleted_at = Moment(null=True)


class Tile(Table):
    """`kind` is a key of TILES; `look` says how a report is shown: {"show": "chart", "table" or "number"}. `text` is the
    Markdown of a text, and the key of a ready report."""

    dashboard = ForeignKeyField(Dashboard, backref="tiles", on_delete="CASCADE")
    position = IntegerField(default=0)
    width = IntegerField(default=6)
    kind = CharField(10, default="report")
    report = ForeignKeyField(Report, null=True, on_delete="CASCADE")
    kpi = ForeignKeyField(Kpi, null=True, on_delete="CASCADE")
    title = CharField(120, default="")
    text = TextField(default="")
    look = JSONField(default=dict)
