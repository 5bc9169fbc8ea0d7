"""What a portal adds to the catalogue: fields, objects with their records, and which fields a page shows to whom."""
from __future__ import annotations

from functools import lru_cache

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.core.text import searchable
from prm.models.partner import Partner


class CustomObject(Table):
    """A noun of the portal's own, such as Certification. Each of its records belongs to a partner. `key` is like that of a
    field, and no built-in object has it. `audience`: staff, or partner (a partner sees its own records)."""

    key = CharField(20, unique=True)
    label = CharField(60)
    plural = CharField(60)
    icon = CharField(30, default="layers")
    help = CharField(400, default="")
    audience = CharField(12, default="partner")
    position = IntegerField(default=0)
    deleted_at = Moment(null=True)
    created_at = created()


class CustomField(Table):
    """`key` is [a-z][a-z0-9_]*, unique in its object. A retired field keeps its values and can come back; a deleted one
    goes for good after 30 days. `position` orders fields among those of their object."""

    object = CharField(20)  # partner, contact, deal, or the key of a custom object
    key = CharField(60)
    label = CharField(120)
    kind = CharField(20)
    help = CharField(400, default="")
    required = BooleanField(default=False)
    unique = BooleanField(default=False)  # an index of the database holds it: see prm/catalogue/uniqueness.py
    default = JSONField(null=True)
    choices = JSONField(default=list)  # [[value, label, colour, retired], …]; an import leaves the last two away
    link = CharField(20, default="")  # the object a link points at
    formula = TextField(default="")
    rollup = JSONField(null=True)  # {"fn", "object", "link", "field", "filters"}
    valid = TextField(default="")  # a formula that must come to yes …
    valid_message = CharField(200, default="")  # … else this is said
    section = CharField(60, default="")
    audience = CharField(12, default="staff")  # staff, partner, partner_edit
    position = IntegerField(default=0)
    retired_at = Moment(null=True)
    deleted_at = Moment(null=True)
    created_at = created()

    class Meta:
        indexes = ((("object", "key"), True),)


class CustomRecord(Table):
    """A record of a custom object. Questions and services use the table of one object: `records_of(id)`."""

    object = ForeignKeyField(CustomObject, on_delete="CASCADE", index=False)
    number = CharField(60)
    partner = ForeignKeyField(Partner, on_delete="CASCADE")
    name = CharField(200, default="")
    custom = JSONField(default=dict)
    search_text = TextField(default="")
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()

    class Meta:
        indexes = ((("object", "number"), True), (("object", "partner"), False))

    @property
    def display(self) -> str:
        return self.name or self.number

    def refresh_search(self) -> None:
        self.search_text = searchable(self.number, self.name)


@lru_cache(maxsize=256)
def records_of(object_id: int) -> type[CustomRecord]:
    """The records of one object as a table of their own: whatever is read, changed or made through it is of that object."""

    class Records(CustomRecord):
        object = ForeignKeyField(CustomObject, default=object_id, on_delete="CASCADE", index=False, backref="+")
        object_id_of = object_id

        class Meta:
            table_name = CustomRecord._meta.table_name

        @classmethod
        def select(cls, *columns):
            return super().select(*columns).where(cls.object == object_id)

        @classmethod
        def update(cls, *given, **named):
            return super().update(*given, **named).where(cls.object == object_id)

    Records.__name__ = f"Records{object_id}"
    return Records


class Layout(Table):
    """Which fields of an object a page and a form show, and under which headings. `role` is an access role, or empty for every
    role that has none of its own. `sections`: [[heading, [field key, …]], …]; what is in none is not shown."""

    object = CharField(20)
    role = CharField(20, default="")
    sections = JSONField(default=list)

    class Meta:
        indexes = ((("object", "role"), True),)
