"""A partner: a company that sells, resells or builds with the organisation."""
from __future__ import annotations

from peewee import CharField, DateField, DeferredForeignKey, ForeignKeyField, IntegerField, JSONField, TextField, fn

from prm.core.db import Table, created
from prm.core.text import searchable
from prm.models.organisation import Tier

STATUSES = {"prospect": "Prospect", "active": "Active", "paused": "Paused", "ended": "Ended"}


class Partner(Table):
    """`number` is its key in the organisation's own systems. `custom` holds the values of custom fields by key."""

    number = CharField(60, unique=True)
    name = CharField(200, index=True)
    status = CharField(10, default="active", index=True)
    type = CharField(80, default="", index=True)
    tier = ForeignKeyField(Tier, null=True, on_delete="SET NULL")
    territory = CharField(80, default="", index=True)
    manager = DeferredForeignKey("Person", null=True, on_delete="SET NULL")
    parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
    website = CharField(400, default="")
    since = DateField(null=True)
    notes = TextField(default="")
    custom = JSONField(default=dict)
    search_text = TextField(default="")
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()

    def refresh_search(self) -> None:
        self.search_text = searchable(self.number, self.name, self.type, self.territory)


# The order of the list of partners. On PostgreSQL the migration adds the collation that lists sort by.
Partner.add_index(Partner.index(fn.LOWER(Partner.name), Partner.id.desc(), name="partner_lower_name"))
