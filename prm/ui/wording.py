"""Stored values in words, for the history and for two people who changed the same record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field
from prm.catalogue.objects import objects
from prm.core.formats import DASH
from prm.models import Organisation

LONGEST = 200
HIDDEN = "somebody or something you cannot see"


class Wording:
    """For one viewer: a link is said by its title, or not at all where they may not see where it leads."""

    def __init__(self, viewer):
        self.viewer, self.formats = viewer, formats_of(Organisation.current())
        self._titles: dict[tuple[str, int], str] = {}
        self._labels: dict[Any, dict[Any, str]] = {}

    def learn(self, link: str, ids: Iterable[int]) -> None:
        """Read the titles of these records at once."""
        wanted = {id for id in ids if (link, id) not in self._titles}
        if not wanted:
            return
        obj = objects()[link]
        t, title = obj.table, obj.title
        found = dict(rows.visible(t, self.viewer, t.id, title(t)).where(t.id.in_(wanted)).tuples())
        self._titles |= {(link, id): found.get(id) or HIDDEN for id in wanted}

    def of(self, field: Field, value: Any, row=None) -> str:
        """A value as it lies in a row or in the facts of an activity. Money is in the currency of `row` (or a code)."""
        if value in (None, "", []):
            return self._empty(field)
        if field.link:
            self.learn(field.link, [value])
            return self._titles[field.link, value]
        if field.options and field.kind_key == "choice":
            return self._choices(field).get(value, str(value))
        if field.options and field.kind_key == "choices":
            return ", ".join(self._choices(field).get(each, str(each)) for each in value)[:LONGEST]
        return self._shown(field, value, row)[:LONGEST]

    def _empty(self, field: Field) -> str:
        return self._choices(field).get("", DASH)

    def _choices(self, field: Field) -> dict[Any, str]:
        if field.options not in self._labels:
            self._labels[field.options] = {o.value: o.label for o in field.options()} if field.options else {}
        return self._labels[field.options]

    def _shown(self, field: Field, value: Any, row) -> str:
        formats = self.formats
        if field.currency and row is not None:
            formats = replace(formats, currency=row if isinstance(row, str) else row.currency)
        try:
            read = field.kind.load(value) if field.custom else field.kind.raw(value)
        except (ValueError, TypeError, AttributeError):  # of a time when the field was of another kind
            return str(value)
        return read if isinstance(read, str) else field.kind.show(read, formats)
