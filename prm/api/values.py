"""Values of records as JSON, and back: money and decimals as strings, days and moments in ISO, links as the id they lead to."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from prm.catalogue.answer import Answer, Row, formats_of
from prm.catalogue.fields import Catalogue, Field, Object
from prm.catalogue.kinds import Formats
from prm.catalogue.links import Links
from prm.catalogue.machine import value as machine
from prm.core.errors import Invalid
from prm.core.money import currencies
from prm.models import Organisation


def record(found: Answer, row: Row, obj: Object) -> dict[str, Any]:
    """{"id": 12, field key: value, …}; a link is {"id", "title"}, or null where the viewer may not see where it leads."""
    given: dict[str, Any] = {"id": row.id}
    for column in found.columns:
        if column.link:
            id = row.links.get(column.key)
            given[column.key] = None if id is None else {"id": id, "title": row.values[column.key]}
        elif obj.by_key[column.key].kind_key == "choices":
            given[column.key] = list(row.values[column.key] or [])
        else:
            given[column.key] = machine(column, row.values[column.key], found.formats)
    return given


class Reader:
    """From what a program sent to values as services take them."""

    def __init__(self, viewer, obj: Object, known: Catalogue):
        self.viewer, self.obj, self.known, self.links = viewer, obj, known, Links(viewer)
        self.formats = formats_of(Organisation.current())

    def read(self, sent: Any, row=None) -> dict[str, Any]:
        """Invalid, with the field's key, for what cannot be read or may not be written."""
        if not isinstance(sent, dict):
            raise Invalid("Send a JSON object with the values by the keys of their fields.")
        writable = {f.key: f for f in self.obj.writable(self.viewer)}
        unknown = [key for key in sent if key not in writable]
        if unknown:
            raise Invalid(f"{self.obj.label} has no field “{str(unknown[0])[:60]}” that you may write.", field=str(unknown[0])[:60])
        formats = self._in_currency(sent, row)
        return {key: self._one(writable[key], value, formats) for key, value in sent.items()}

    def _in_currency(self, sent: dict, row) -> Formats:
        """Amounts of a deal are in its own currency."""
        code = str(sent.get("currency") or getattr(row, "currency", "") or "").upper()
        return replace(self.formats, currency=code) if code in currencies() else self.formats

    def _one(self, field: Field, value: Any, formats: Formats) -> Any:
        try:
            return self._read(field, value, formats)
        except Invalid as refusal:
            raise Invalid(refusal.message, field=field.key) from None

    def _read(self, field: Field, value: Any, formats: Formats) -> Any:
        if isinstance(value, dict) and field.link:
            value = value.get("id")
        if value is None or value == "" or value == []:
            if field.required and field.default is None:
                raise Invalid(f"{field.label} is needed.")
            return None
        if isinstance(value, dict) or (isinstance(value, list) and field.kind_key != "choices"):
            raise Invalid(f"{field.label} is one value.")
        if field.link:
            if isinstance(value, bool | float):
                raise Invalid(f"{field.label} is the id, the number or the name of a record.")
            return self.links.id_of(field, value)
        if field.options:
            return self._options(field, value)
        if isinstance(value, bool) and field.kind_key != "bool":
            raise Invalid(f"{field.label} is not yes or no.")
        if isinstance(value, int | float) and field.kind.textual:
            value = str(value)
        parsed = field.kind.parse(value, formats)
        if field.max_length and isinstance(parsed, str) and len(parsed) > field.max_length:
            raise Invalid(f"At most {field.max_length} characters fit here.")
        return parsed

    def _options(self, field: Field, value: Any) -> Any:
        by_name = {str(name).casefold(): o.value for o in self.known.options(field) for name in (o.value, o.label)}

        def one(each: Any) -> Any:
            if str(each).casefold() not in by_name:
                raise Invalid(f"“{str(each)[:60]}” is not one of the choices: {', '.join(o.label for o in self.known.options(field))[:200]}.")
            return by_name[str(each).casefold()]

        if field.kind_key == "choices":
            return sorted({one(each) for each in (value if isinstance(value, list) else [value])})
        return one(value)
