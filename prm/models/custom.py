"""Custom fields: a row here makes an ordinary field of the catalogue."""
from __future__ import annotations

from peewee import BooleanField, CharField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created


class CustomField(Table):
    """`key` is [a-z][a-z0-9_]*, unique in its object. `choices` is [[value, label], …]. `formula` for kind formula."""

    object = CharField(20)  # partner, contact, deal
    key = CharField(60)
    label = CharField(120)
    kind = CharField(20)
    help = CharField(400, default="")
    required = BooleanField(default=False)
    default = JSONField(null=True)
    choices = JSONField(default=list)
    link = CharField(20, default="")  # the object a link points at
    formula = TextField(default="")
    audience = CharField(12, default="staff")  # staff, partner, partner_edit
    position = IntegerField(default=0)
    retired_at = Moment(null=True)
    created_at = created()

    class Meta:
        indexes = ((("object", "key"), True),)
