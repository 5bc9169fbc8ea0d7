"""The one organisation of a portal, and the lists its admin edits: tiers, stages, business roles, rates, closed periods."""
from __future__ import annotations

from contextvars import ContextVar
from decimal import Decimal

from peewee import BooleanField, CharField, DateField, IntegerField, JSONField, TextField

from prm.core.db import Exact, Table, created
from prm.core.prepared import Prepared, given

_current: ContextVar[Organisation | None] = ContextVar("organisation", default=None)

GRADES = [["A", 110], ["B", 95], ["C", 80], ["D", 60], ["E", 0]]


class Organisation(Table):
    """A single row (id 1). `grades` is [[letter, lowest score in %], …] from best to worst."""

    name = CharField(120)
    zone = CharField(64, default="UTC")
    locale = CharField(20, default="en")
    currency = CharField(3, default="USD")
    fiscal_month = IntegerField(default=1)
    brand = CharField(7, default="#4f46e5")
    logo = TextField(default="")  # a data: URI, so that a PDF needs to fetch nothing
    grades = JSONField(default=GRADES)
    period_length = CharField(10, default="quarter")
    members_see_account = BooleanField(default=True)  # may members open account-level pages: partner, scorecard
    two_step_roles = JSONField(default=list)  # access roles that have to sign in in two steps
    mail_from = CharField(254, default="")

    @classmethod
    def current(cls) -> Organisation:
        """The organisation; from memory inside a request or job that called `remember`, else one query."""
        return _current.get() or cls.get_or_none(cls.id == 1) or cls(name="Alongside")

    @classmethod
    def remember(cls):
        """Hold it for this request or job; returns what `forget` takes."""
        return _current.set(_THE_ONE.first(1))

    @staticmethod
    def wear(shown: Organisation):
        """Show another face of it from here on; returns what `forget` takes."""
        return _current.set(shown)

    @staticmethod
    def forget(token) -> None:
        _current.reset(token)

    @property
    def grade_floors(self) -> list[tuple[str, Decimal]]:
        return [(letter, Decimal(str(floor))) for letter, floor in self.grades]


_THE_ONE = Prepared(lambda: Organisation.select().where(Organisation.id == given()), Organisation)


class Rate(Table):
    """What one unit of `currency` is worth in the base currency from `valid_from` on."""

    currency = CharField(3)
    valid_from = DateField()
    rate = Exact()

    class Meta:
        indexes = ((("currency", "valid_from"), True),)


class Tier(Table):
    """A partner tier; position 0 is the highest."""

    name = CharField(60, unique=True)
    position = IntegerField(default=0)


class Stage(Table):
    """A deal stage with its probability in % and its outcome: open, won or lost."""

    name = CharField(60, unique=True)
    position = IntegerField(default=0)
    probability = IntegerField(default=0)
    outcome = CharField(4, default="open")


class BusinessRole(Table):
    """What a contact does at the partner: Executive sponsor, Sales lead, …; not an access role."""

    name = CharField(60, unique=True)
    position = IntegerField(default=0)


class ClosedPeriod(Table):
    """A period whose results are only recomputed on purpose."""

    key = CharField(10, unique=True)
    at = created()
