"""A contact: a person at a partner, with or without a login."""
from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Table, created
from prm.core.text import searchable
from prm.models.organisation import BusinessRole
from prm.models.partner import Partner


class Contact(Table):
    number = CharField(60, unique=True)
    partner = ForeignKeyField(Partner, backref="contacts", on_delete="CASCADE")
    name = CharField(200, default="")
    email = CharField(254, null=True, unique=True)
    phone = CharField(60, default="")
    primary = BooleanField(default=False)
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


class ContactRole(Table):
    """A business role of a contact; a contact has one or more."""

    contact = ForeignKeyField(Contact, backref="role_links", on_delete="CASCADE")
    role = ForeignKeyField(BusinessRole, on_delete="CASCADE")

    class Meta:
        indexes = ((("contact", "role"), True),)
