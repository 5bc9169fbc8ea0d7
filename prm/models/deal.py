"""A deal: one sale of one partner, from registration to won or lost."""
from __future__ import annotations

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Table, created
from prm.core.text import searchable
from prm.models.contact import Contact
from prm.models.organisation import Stage
from prm.models.partner import Partner

OUTCOMES = {"open": "Open", "won": "Won", "lost": "Lost"}
REGISTRATIONS = {"": "Not registered", "pending": "Pending", "approved": "Approved", "rejected": "Rejected", "expired": "Expired"}


class Deal(Table):
    """`amount` is whole minor units of `currency`; `amount_base` the same in the organisation's currency at the rate
    of the deal's date, empty where no rate is known. `outcome` repeats the stage's, so that figures need no join."""

    number = CharField(60, unique=True)
    title = CharField(200, default="")
    partner = ForeignKeyField(Partner, backref="deals", on_delete="CASCADE", index=False)  # an index below begins with it
    customer = CharField(200, default="")
    owner = ForeignKeyField(Contact, null=True, backref="deals", on_delete="SET NULL")
    stage = ForeignKeyField(Stage)
    outcome = CharField(4, default="open")
    amount = BigIntegerField(null=True)
    currency = CharField(3)
    amount_base = BigIntegerField(null=True)
    created_on = DateField(null=True)
    closed_on = DateField(null=True)
    expected_close = DateField(null=True)
    source = CharField(80, default="")
    registration = CharField(10, default="")
    notes = TextField(default="")
    custom = JSONField(default=dict)
    search_text = TextField(default="")
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()

    class Meta:
        indexes = (
            (("partner", "closed_on"), False),
            (("outcome", "closed_on", "amount_base", "partner"), False),
            (("closed_on",), False),
            (("amount_base",), False),
        )

    @property
    def display(self) -> str:
        return self.title or self.number

    @property
    def rate_date(self):
        """The date whose exchange rate applies."""
        return self.closed_on or self.expected_close or self.created_on

    def refresh_search(self) -> None:
        self.search_text = searchable(self.number, self.title, self.customer, self.source)
