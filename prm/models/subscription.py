"""Subscriptions: a report or a dashboard sent by mail at a time, to each with the rows that they may see."""
from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.core.mail import Mail
from prm.models.dashboard import Dashboard
from prm.models.person import Person
from prm.models.report import Report

EVERY = {"day": "Every day", "week": "Every week", "month": "Every month", "quarter": "Every fiscal quarter"}
FORMS = {"inline": "In the mail", "files": "PDF and Excel attached"}


class Subscription(Table):
    """Of a report or of a dashboard. `on_day` is 0 (Monday) to 6 for a week, 1 to 28 for a month and the first month of a
    quarter. `condition` is {} or {"key", "op", "value"} on a grand total. `stopped_at` pauses it."""

    report = ForeignKeyField(Report, null=True, backref="subscriptions", on_delete="CASCADE")
    dashboard = ForeignKeyField(Dashboard, null=True, backref="subscriptions", on_delete="CASCADE")
    owner = ForeignKeyField(Person, on_delete="CASCADE")
    every = CharField(8, default="week")
    on_day = IntegerField(default=0)
    hour = IntegerField(default=8)
    zone = CharField(64, default="UTC")
    condition = JSONField(default=dict)
    form = CharField(8, default="inline")
    next_at = Moment(index=True)
    stopped_at = Moment(null=True)
    created_at = created()


class Subscriber(Table):
    """Who gets it; `ended_at` since they do not want it any more."""

    subscription = ForeignKeyField(Subscription, backref="subscribers", on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    ended_at = Moment(null=True)

    class Meta:
        indexes = ((("subscription", "person"), True),)


class Delivery(Table):
    """What became of one due time for one person, once: sent, skipped (its condition was not met) or failed, and why."""

    subscription = ForeignKeyField(Subscription, backref="deliveries", on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    due_at = Moment()
    at = created()
    outcome = CharField(8)
    reason = TextField(default="")
    mail = ForeignKeyField(Mail, null=True, on_delete="SET NULL")
    leave_hash = CharField(64, default="", index=True)  # of the key in the mail's link that ends it

    class Meta:
        indexes = ((("subscription", "person", "due_at"), True),)
