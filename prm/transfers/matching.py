"""Which column is which field: by name first, by what a person chose for such a file before, then by hand."""

from __future__ import annotations

from hashlib import sha256

from prm.catalogue.fields import Field, Object
from prm.catalogue.keys import plain
from prm.catalogue.kinds import KINDS
from prm.core import clock
from prm.models import ImportMap

NAMES = ("first name", "given name", "last name", "surname", "family name")


def match(obj: Object, header: list[str], viewer) -> dict[str, str]:
    """{column: field key} for the columns whose name says it; each field once, but texts may be joined from several."""
    fields = importable(obj, viewer)
    exact = {plain(name): f for f in reversed(fields) for name in (f.key, f.label)}
    known = {plain(name): f for f in reversed(fields) for name in f.also} | exact
    found: dict[str, str] = {}
    for column in sorted(header, key=lambda c: plain(c) not in exact):
        field = known.get(plain(column))
        if field is None or (field.key in found.values() and not joins(field, column)):
            continue
        found[column] = field.key
    return {column: found[column] for column in header if column in found}


def joins(field: Field, column: str) -> bool:
    """Whether this column may fill a text that another one fills already: first and last name, or a long text."""
    return field.kind_key == "long_text" or (field.kind_key == "text" and plain(column) in NAMES)


def importable(obj: Object, viewer) -> list[Field]:
    """The fields a file may fill: those this viewer may write."""
    return obj.writable(viewer)


def signature(header: list[str]) -> str:
    """The same for files with the same columns, in any order."""
    return sha256("\n".join(sorted(plain(c) for c in header)).encode()).hexdigest()


def remembered(obj: Object, header: list[str]) -> ImportMap | None:
    """The settings somebody stored such a file with."""
    return ImportMap.get_or_none((ImportMap.object == obj.key) & (ImportMap.signature == signature(header)))


def remember(obj: Object, header: list[str], settings: dict) -> None:
    latest = {ImportMap.settings: settings, ImportMap.updated_at: clock.now()}
    ImportMap.insert(object=obj.key, signature=signature(header), settings=settings).on_conflict(
        conflict_target=[ImportMap.object, ImportMap.signature], update=latest
    ).execute()


KINDS_TO_MAKE = tuple(k for k in KINDS if k not in ("formula", "link", "choice", "choices"))
