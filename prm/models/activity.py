"""Activity: feed, audit trail and alert queue in one. Every service writes one row in its own transaction."""
from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from prm.core import origin
from prm.core.db import Table, created
from prm.models.partner import Partner
from prm.models.person import Person


class Activity(Table):
    """`verb` is noun.past ("partner.created"), `facts` JSON with what a reader needs; `shared`: the partner may read it."""

    verb = CharField(60, index=True)
    actor = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    subject = CharField(20)  # table name
    subject_id = IntegerField(null=True)
    partner = ForeignKeyField(Partner, null=True, backref="activities", on_delete="CASCADE")
    facts = JSONField(default=dict)
    shared = BooleanField(default=False)
    address = CharField(64, default=origin.address)  # where it was done from; empty for commands and jobs
    at = created()

    class Meta:
        indexes = ((("partner", "id"), False), (("subject", "subject_id"), False))

    @classmethod
    def record(cls, actor, verb: str, row=None, *, partner=None, shared: bool = False, **facts) -> Activity:
        """One line of history. `partner` defaults to the row itself, or the partner it belongs to."""
        if partner is None and row is not None:
            partner = row if isinstance(row, Partner) else getattr(row, "partner_id", None)
        return cls.create(
            verb=verb,
            actor=actor if getattr(actor, "id", None) else None,
            subject=row._meta.table_name if row is not None else verb.split(".")[0],
            subject_id=getattr(row, "id", None),
            partner=partner,
            facts=facts,
            shared=shared,
        )
