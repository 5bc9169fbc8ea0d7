"""Reports: questions with a name, in folders, kept in versions, and what each reader makes of them."""
from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.models.person import Person

# Whom a report or a dashboard is for. Each reader is answered with the rows and fields they may see, never its author's.
SHARING = {"private": "Only me", "staff": "Staff", "partners": "Staff and partners"}


class Folder(Table):
    """Where reports lie in the list, for all staff alike."""

    name = CharField(80, unique=True)
    position = IntegerField(default=0)


class Report(Table):
    """`content` is what is asked and how it looks (prm/reporting/content.py). A deleted one can be brought back."""

    name = CharField(120)
    description = TextField(default="")
    object = CharField(40)  # of its first question
    content = JSONField()
    folder = ForeignKeyField(Folder, null=True, backref="reports", on_delete="SET NULL")
    owner = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    sharing = CharField(10, default="private")
    version = IntegerField(default=1)
    created_at = created()
    updated_at = created()
    deleted_at = Moment(null=True)


class ReportVersion(Table):
    """What a report was from its `number`th saving on, and who saved it."""

    report = ForeignKeyField(Report, backref="versions", on_delete="CASCADE", index=False)
    number = IntegerField()
    name = CharField(120)
    content = JSONField()
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()

    class Meta:
        indexes = ((("report", "number"), True),)


class ReportReader(Table):
    """One person and one report: whether it is a favourite, and when they looked at it last."""

    report = ForeignKeyField(Report, backref="readers", on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    favourite = BooleanField(default=False)
    seen_at = Moment(null=True)

    class Meta:
        indexes = ((("report", "person"), True),)
