"""Kinds that are picked: yes or no, one choice, several choices, another record."""
from __future__ import annotations

import json
import re

from peewee import Cast, fn

from prm.catalogue.kinds.base import Kind, clean, whole
from prm.core.db import is_sqlite
from prm.core.errors import Invalid

YES, NO = ("yes", "y", "true", "1", "on", "x"), ("no", "n", "false", "0", "off")
MOST_CHOICES = 50


class Bool(Kind):
    key, label, input = "bool", "Yes/no", "checkbox"

    def read(self, value, formats):
        text = clean(value).casefold()
        if text not in YES + NO:
            raise Invalid(f"“{text[:40]}” is neither yes nor no.")
        return text in YES

    def path(self, document, key):
        """`true` reads as 1 on SQLite and as true on PostgreSQL: each compares with what Python calls True."""
        return Cast(fn.NULLIF(document[key].as_text(), ""), "integer" if is_sqlite() else "boolean")

    def raw(self, found):
        return None if found is None else bool(found)

    def show(self, value, formats):
        return "Yes" if value else "No"


class Choice(Kind):
    """The value of one option; which options there are, the field knows."""

    key, label, input = "choice", "Choice", "select"


class Choices(Kind):
    """Values of several options: a sorted list in JSON, without doubles."""

    key, label, orderable, input = "choices", "Several choices", False, "multiselect"

    def read(self, value, formats):
        if not isinstance(value, list | tuple):
            text = clean(value)
            value = re.split(r"[;|\n]" if re.search(r"[;|\n]", text) else ",", text)
        found = sorted({text for part in value if (text := clean(part))})
        if len(found) > MOST_CHOICES:
            raise Invalid(f"At most {MOST_CHOICES} choices fit here.")
        return found or None

    def path(self, document, key):
        return document[key]

    def raw(self, found):
        if isinstance(found, str):
            found = json.loads(found) if found else None
        return found or None

    def show(self, value, formats):
        return ", ".join(value)

    def machine(self, value, formats):
        """With semicolons where a choice has a comma in it, so that it is read back."""
        return ("; " if any("," in choice for choice in value) else ", ").join(value)

    plain = machine


class Link(Kind):
    """The id of another record. What a person types for it (a number, a name) is resolved by links.py."""

    key, label, input = "link", "Link to a record", "combobox"

    def read(self, value, formats):
        return value if isinstance(value, int) and not isinstance(value, bool) else Kind.read(self, value, formats)

    def path(self, document, key):
        return whole(document[key])
