"""A portal: what partners enter. Its content is edited as a draft and published whole, each time as a version."""
from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.models.partner import Partner
from prm.models.person import Person


class Portal(Table):
    """`draft` and `published` are contents (prm/access/portals.py says what is in one). `host` is a name of its own, if any."""

    slug = CharField(40, unique=True)
    host = CharField(200, null=True, unique=True)
    template = CharField(20)
    state = CharField(6, default="draft")  # draft, live, paused
    draft = JSONField(default=dict)
    published = JSONField(null=True)
    number = IntegerField(default=0)  # of the version that is published
    created_at = created()
    updated_at = created()


class PortalVersion(Table):
    portal = ForeignKeyField(Portal, backref="versions", on_delete="CASCADE", index=False)
    number = IntegerField()
    content = JSONField()
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    at = created()

    class Meta:
        indexes = ((("portal", "number"), True),)


class Application(Table):
    """Somebody asks to become a partner. `values` are those of partner fields, by key, as a partner keeps them."""

    portal = ForeignKeyField(Portal, null=True, on_delete="SET NULL")
    company = CharField(200)
    values = JSONField(default=dict)
    contact = CharField(200)
    email = CharField(254, index=True)
    message = TextField(default="")
    state = CharField(10, default="new", index=True)  # new, accepted, declined
    reason = TextField(default="")
    partner = ForeignKeyField(Partner, null=True, on_delete="SET NULL")
    decider = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    decided_at = Moment(null=True)
    created_at = created()


class PortalPicture(Table):
    """A picture on the pages of a portal; `file` is its place in the file store."""

    portal = ForeignKeyField(Portal, backref="pictures", on_delete="CASCADE")
    name = CharField(120)
    file = CharField(64)
    kind = CharField(20)  # image/png, image/jpeg or image/webp
    created_at = created()
