"""Fills every text that a person can write with something, as if each guard on the way in had failed."""
from __future__ import annotations

from peewee import CharField, JSONField, TextField

from prm.core.db import db
from prm.models import TABLES

# Codes, keys and addresses that the portal writes itself, or takes from a list.
OURS = {
    "activity": {"verb", "subject"}, "custom_field": {"object", "key", "kind", "audience", "link", "formula", "valid"}, "custom_object": {"key", "icon", "audience"}, "layout": {"object", "role"}, "portal": {"slug", "host", "template", "state"}, "portal_picture": {"file", "kind"}, "application": {"state", "email"}, "api_token": {"scope"}, "deal": {"registration", "currency"},
    "import": {"object", "file", "state"}, "import_map": {"object", "signature"}, "import_row": {"outcome", "undone"}, "job": {"kind", "key"},
    "kpi": {"state", "cadence"}, "kpi_version": {"source", "date_field", "unit", "direction", "period_length"}, "link": {"hash", "purpose"},
    "mail": {"state", "message_id", "key", "to", "link"}, "organisation": {"zone", "locale", "brand", "logo", "period_length", "currency", "mail_from"},
    "partner": {"status"}, "person": {"email", "password_hash", "role", "theme"}, "receipt": {"key", "outcome"}, "schedule": {"kind"}, "hit": {"key"},
    "scorecard": {"period", "state", "grade", "pdf"}, "session": {"hash"}, "stage": {"outcome"}, "contact": {"email"}, "closed_period": {"key"},
    "survey": {"state", "again", "open_hash"}, "survey_question": {"code", "row", "kind"}, "wave": {"how", "every", "ask"}, "invitation": {"key_hash", "held"},
    "response": {"language"}, "answer": {"choice"}, "ballot": {"language"}, "rate": {"currency"}, "kpi_entry": {"period"}, "kpi_result": {"period", "status"},
}  # fmt: skip
STRUCTURED = ("kpi_version", "import", "import_map", "custom_field", "layout", "organisation")  # JSON that only the portal writes
NAMES = {"code", "languages", "choice", "object", "kind", "key", "verb", "field", "fields", "op", "period", "state", "measures", "filters", "fn", "columns", "logo", "brand", "length", "locale", "currency",
         "zone", "status", "direction", "unit", "start", "end", "date_field", "source", "as_of", "cadence", "colour", "cover", "menu", "home", "slug", "statuses"}  # fmt: skip


def plant(text: str, *, address: str = "") -> int:
    """Write it everywhere, made unique by the row's id where that must be; web addresses get `address`. Returns how many
    columns of rows were written."""
    with db.atomic():
        return sum(_plant(table, text, address or text) for table in TABLES)


def _plant(table, text: str, address: str) -> int:
    count = 0
    for row in table.select():
        for field in table._meta.sorted_fields:
            if field.name in NAMES or field.name in OURS.get(table._meta.table_name, ()):
                continue
            if isinstance(field, CharField | TextField) and not isinstance(field, JSONField):
                value = address if field.name == "website" else text
                setattr(row, field.name, (f"{row.id}{value}" if field.unique or field.name == "number" else value)[: getattr(field, "max_length", None)])
                count += 1
            elif isinstance(field, JSONField) and table._meta.table_name not in STRUCTURED:
                setattr(row, field.name, inside(getattr(row, field.name), text))
        row.save()
    return count


def inside(value, text: str):
    """JSON with the text in the place of every text that a person wrote."""
    if isinstance(value, dict):
        return {key: each if key in NAMES else inside(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [inside(each, text) for each in value]
    return text if isinstance(value, str) and not _is_figure(value) else value


def _is_figure(value: str) -> bool:
    return not value or value[0].isdigit() or value.lstrip("-")[:1].isdigit()
