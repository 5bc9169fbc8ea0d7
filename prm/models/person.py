"""A person who can sign in (staff, or a portal user who is also a contact), their sessions, and single-purpose links."""
from __future__ import annotations

from enum import StrEnum

from flask_login import UserMixin
from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.models.contact import Contact
from prm.models.partner import Partner


class Role(StrEnum):
    """Access roles. Staff first, then the partner side, each from most to least."""

    ADMIN = "admin"
    MANAGER = "manager"
    ANALYST = "analyst"
    EXECUTIVE = "executive"
    PARTNER_MANAGER = "partner_manager"
    MEMBER = "member"

    @property
    def label(self) -> str:
        return {"manager": "Channel manager"}.get(self.value, self.value.replace("_", " ").capitalize())

    @property
    def is_staff(self) -> bool:
        return self in STAFF


STAFF = (Role.ADMIN, Role.MANAGER, Role.ANALYST)
PARTNER_SIDE = (Role.EXECUTIVE, Role.PARTNER_MANAGER, Role.MEMBER)


class Person(Table, UserMixin):
    """No password: invited or only named (a manager known from a spreadsheet) and not able to sign in yet."""

    email = CharField(254, null=True, unique=True)
    name = CharField(200, default="")
    password_hash = TextField(default="")
    role = CharField(20)
    sees_all = BooleanField(default=False)
    partner = ForeignKeyField(Partner, null=True, backref="people", on_delete="CASCADE")
    contact = ForeignKeyField(Contact, null=True, unique=True, backref="logins", on_delete="SET NULL")
    disabled_at = Moment(null=True)
    last_seen_at = Moment(null=True)
    theme = CharField(5, default="")
    choices = JSONField(default=dict)  # remembered choices: columns, sort, period
    totp = CharField(64, default="")  # the secret of an authenticator app, once it was proved
    totp_step = IntegerField(default=0)  # the last step of time whose code was used: none is good twice
    recovery = JSONField(default=list)  # hashes of codes that are left
    version = IntegerField(default=1)
    created_at = created()
    viewed_by: Person | None = None  # who looks at the portal as them, in this request

    @property
    def access(self) -> Role:
        return Role(self.role)

    @property
    def is_staff(self) -> bool:
        return self.access.is_staff

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    @property
    def display(self) -> str:
        return self.name or self.email or "Somebody"


class Session(Table):
    """A signed-in browser: the cookie carries a random key, this row its hash; no row, no session."""

    hash = CharField(64, unique=True)
    person = ForeignKeyField(Person, backref="sessions", on_delete="CASCADE")
    created_at = created()
    seen_at = created()
    expires_at = Moment()
    address = CharField(64, default="")
    agent = CharField(200, default="")
    viewing = ForeignKeyField(Person, null=True, backref="+", on_delete="SET NULL")  # as whom staff look at the portal


class ApiToken(Table):
    """A key for programs, which do what its person may do and no more; only its hash is stored."""

    person = ForeignKeyField(Person, backref="tokens", on_delete="CASCADE")
    name = CharField(80)
    hash = CharField(64, unique=True)
    scope = CharField(5)  # read, write
    expires_at = Moment()
    used_at = Moment(null=True)
    revoked_at = Moment(null=True)
    created_at = created()


class Link(Table):
    """A link without a login: only its hash is stored. GET shows, POST spends; kept afterwards to answer "too late"."""

    hash = CharField(64, unique=True)
    purpose = CharField(20, index=True)  # invite, reset
    person = ForeignKeyField(Person, backref="links", on_delete="CASCADE")
    sender = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    expires_at = Moment()
    used_at = Moment(null=True)
    superseded_at = Moment(null=True)
    created_at = created()
