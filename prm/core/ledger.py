"""The ledger of forms already honoured: the same form sent twice makes one thing."""
from __future__ import annotations

from collections.abc import Callable

from peewee import CharField, IntegrityError, TextField

from prm.core.db import Table, created, db
from prm.core.links import digest


class Receipt(Table):
    """One honoured form: `key` is the hash of what came hidden in it, `outcome` is where its answer was sent."""

    key = CharField(64, unique=True)
    outcome = TextField(default="")
    at = created()


def once(key: str | None, make: Callable[[], str]) -> str:
    """What `make` returned the first time this key came; it runs once, in one transaction with its receipt."""
    if not key:
        with db.atomic():
            return make()
    key = digest(key)  # whatever was sent in its place fits
    try:
        with db.atomic():
            honoured = Receipt.get_or_none(Receipt.key == key)
            if honoured is not None:
                return honoured.outcome
            receipt = Receipt.create(key=key)
            receipt.outcome = make()
            receipt.save(only=[Receipt.outcome])
            return receipt.outcome
    except IntegrityError:
        honoured = Receipt.get_or_none(Receipt.key == key)
        if honoured is None:
            raise
        return honoured.outcome
