"""What a person last chose for each list: its columns and how many rows a page has. The address always wins."""

from __future__ import annotations

import logging
from typing import Any

from peewee import DatabaseError

from prm.models import Person

log = logging.getLogger(__name__)
LISTS = "lists"


def recalled(viewer, name: str) -> dict[str, Any]:
    """The choices for the list `name`: {"cols": [keys], "per": rows}, each only where something was chosen."""
    found = (getattr(viewer, "choices", None) or {}).get(LISTS, {}).get(name)
    return found if isinstance(found, dict) else {}


def remember(viewer, name: str, chosen: dict[str, Any]) -> None:
    """Keep what was chosen just now; None forgets. Written only where it differs."""
    before = recalled(viewer, name)
    after = {key: value for key, value in (before | chosen).items() if value is not None}
    if after == before or not getattr(viewer, "id", None) or viewer.viewed_by:
        return
    lists = (viewer.choices or {}).get(LISTS, {}) | {name: after}
    viewer.choices = (viewer.choices or {}) | {LISTS: lists}
    try:
        Person.update(choices=viewer.choices).where(Person.id == viewer.id).execute()
    except DatabaseError as error:  # a list is still read when the disk is full
        log.warning("a choice could not be remembered: %s", error)
