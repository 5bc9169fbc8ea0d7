"""The ledger of forms already honoured: the same form sent twice makes one thing."""
from __future__ import annotations

from peewee import CharField, TextField

from prm.core.db import Table, created


class Receipt(Table):
    """One honoured form: `key` came hidden in it, `outcome` is where its answer was sent."""

    key = CharField(64, unique=True)
    outcome = TextField(default="")
    at = created()
