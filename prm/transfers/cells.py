"""Reading one cell by the field it goes to: a value, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from prm.access.policy import Do, may
from prm.catalogue.fields import Field
from prm.catalogue.kinds import Formats
from prm.catalogue.links import Links
from prm.core.errors import Invalid
from prm.models import BusinessRole, Tier

GROWING = {"tier": Tier, "roles": BusinessRole}  # lists that an import by an admin may add to
LONGEST_NAME = {"manager": 100, "tier": 60, "roles": 60}
REMEMBERED = 20_000

Read = Callable[[Any], Any]


class New(str):
    """A name that no person or list has yet: storing the row adds it."""


@dataclass
class Reader:
    """A column, the field it fills, and how a cell becomes a value. `formats` are for amounts, whose decimals depend on
    the currency of their line. `constant` stands in for the cell where every row has the same."""

    at: int
    column: str
    field: Field
    read: Read
    formats: Formats
    constant: str | None = None

    def cell(self, cells: list) -> Any:
        return self.constant or (cells[self.at] if self.at < len(cells) else None)

    def amount(self, cell: Any, currency: str) -> int | None:
        """Minor units of the currency."""
        same = not currency or currency == self.formats.currency
        return self.field.kind.parse(cell, self.formats if same else replace(self.formats, currency=currency))


class Readers:
    """Makes readers for one viewer; links and lists are looked up once."""

    def __init__(self, viewer):
        self.links, self.grows = Links(viewer), may(viewer, Do.SET_UP)

    def of(self, field: Field, formats: Formats) -> Read:
        if field.link == "person":
            return _remembering(self._person(field))
        if field.link:
            return _remembering(lambda cell: self.links.id_of(field, _text(cell)))
        if field.options:
            return self._choice(field, formats)
        return _plain(field, formats)

    def _person(self, field: Field) -> Read:
        """A manager named in the file but unknown here is added as a person who cannot sign in yet."""

        def read(cell):
            text = _text(cell)
            try:
                return self.links.id_of(field, text)
            except Invalid:
                if not self.grows or not text or len(text) > LONGEST_NAME["manager"] or self.links.several(field, text):
                    raise
            return New(field.kind.parse(text))

        return read

    def _choice(self, field: Field, formats: Formats) -> Read:
        known = field.options() if field.options else []
        options = {str(name).casefold(): o.value for o in known for name in (o.value, o.label)}
        names = ", ".join(dict.fromkeys(o.label for o in known))[:200]
        grows = self.grows and not field.custom and field.key in GROWING

        def one(text: str):
            if text.casefold() in options:
                return options[text.casefold()]
            if grows and len(text) <= LONGEST_NAME[field.key]:
                return New(text)
            raise Invalid(f"“{text[:60]}” is not one of the choices: {names}.")

        def read(cell):
            value = field.kind.parse(_text(cell), formats)
            return sorted({one(v) for v in value}) if isinstance(value, list) else None if value is None else one(value)

        return read


def _plain(field: Field, formats: Formats) -> Read:
    parse, textual, most = field.kind.parse, field.kind.textual, field.max_length

    def read(cell):
        value = parse(_text(cell) if textual else cell, formats)
        if most and isinstance(value, str) and len(value) > most:
            raise Invalid(f"At most {most} characters fit here.")
        return value

    return read


def _remembering(read: Read) -> Read:
    """The same names come again and again."""
    known: dict[Any, Any] = {}

    def look(cell):
        if cell in known:
            return known[cell]
        value = read(cell)
        if len(known) < REMEMBERED:
            known[cell] = value
        return value

    return look


def _text(cell: Any) -> str | None:
    """A whole number from a spreadsheet keeps no decimal point when it becomes text."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < 2**53 else repr(cell)
    return cell.strip() if isinstance(cell, str) else None if cell is None else str(cell)
