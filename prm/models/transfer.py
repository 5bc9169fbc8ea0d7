"""Imports, kept row by row so that each can be explained and taken back."""
from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Moment, Table, created
from prm.models.person import Person


class Import(Table):
    """`state`: uploaded, checking, checked, committing, done, failed, undoing, undone. `settings` is how the file is read
    (columns, fixed values, fields to be made, formats, encoding, delimiter, sheet), `found` what is in it: header, what
    each column holds, what the check counted, and once stored, what was added besides the rows."""

    object = CharField(20)
    filename = CharField(255)
    file = CharField(64)  # content hash in the file store
    state = CharField(12, default="uploaded")
    settings = JSONField(default=dict)
    found = JSONField(default=dict)
    made = IntegerField(default=0)
    changed = IntegerField(default=0)
    unchanged = IntegerField(default=0)
    refused = IntegerField(default=0)
    message = TextField(default="")
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()
    done_at = Moment(null=True)
    undone_at = Moment(null=True)


class ImportRow(Table):
    """A row the import made or changed. `before` holds the old stored values by column (empty when made), `version` the
    row's version right after: a higher one now means it was edited since, and undo keeps it."""

    batch = ForeignKeyField(Import, backref="rows", on_delete="CASCADE")
    line = IntegerField()
    outcome = CharField(10)  # made, changed, refused
    subject_id = IntegerField(null=True)
    before = JSONField(null=True)
    version = IntegerField(default=1)
    reason = TextField(default="")
    undone = CharField(10, default="")  # reversed, kept, failed
    undo_reason = TextField(default="")

    class Meta:
        indexes = ((("batch", "line"), True),)


class ImportMap(Table):
    """The mapping a person confirmed for files with these columns: offered again next time."""

    object = CharField(20)
    signature = CharField(64)
    settings = JSONField(default=dict)
    updated_at = created()

    class Meta:
        indexes = ((("object", "signature"), True),)
