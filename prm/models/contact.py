"""A contact: a person at a partner, with or without a login."""
from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.core.text import searchable
from prm.models.partner import Partner


class Contact(Table):
    number = CharField(60, unique=True)
    partner = ForeignKeyField(Partner, backref="contacts", on_delete="CASCADE")
    name = CharField(200, default="")
    email = CharField(254, null=True, unique=True)
    phone = CharField(60, default="")
    roles = JSONField(default=list)  # names of business roles, sorted
    primary = BooleanField(default=False)
    no_surveys_at = Moment(null=True)  # since when they do not want to be asked
    custom = JSONField(default=dict)
    search_text = TextField(default="")
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()

    class Meta:
        indexes = ((("partner", "name"), False),)

    @property
    def display(self) -> str:
        """240 of 753 real contacts have no name: the address stands in."""
        return self.name or self.email or self.number

    def refresh_search(self) -> None:
        self.search_text = searchable(self.number, self.name, self.email, self.phone)
