"""A scorecard: one partner, one period. Publishing freezes what the page and the PDF show."""
from __future__ import annotations

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Exact, Moment, Table, created
from prm.models.partner import Partner
from prm.models.person import Person


class Scorecard(Table):
    """`score` in % (104.5), `rank` 1 = best of `ranked`. `frozen` is the whole content as published, `pdf` the hash of
    the stored A4 file; both are written once."""

    partner = ForeignKeyField(Partner, backref="scorecards", on_delete="CASCADE", index=False)  # an index below begins with it
    period = CharField(10)
    starts_on = DateField()
    state = CharField(10, default="draft")  # draft, published
    score = Exact(null=True)
    grade = CharField(4, default="")
    rank = IntegerField(null=True)
    ranked = IntegerField(default=0)
    note = TextField(default="")
    frozen = JSONField(null=True)
    pdf = CharField(64, default="")
    published_at = Moment(null=True)
    publisher = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    version = IntegerField(default=1)
    computed_at = created()

    class Meta:
        indexes = ((("partner", "period"), True), (("period", "score"), False))
