"""Keys of fields and objects that are added: small letters, digits and _, made from what people call them."""
from __future__ import annotations

import re

from prm.catalogue.fields import Object
from prm.core.text import searchable
from prm.models import CustomField

KEY = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)


def plain(text: str) -> str:
    """A heading as it is compared: letters and digits only, marks and case off."""
    return " ".join(re.sub(r"[\W_]+", " ", searchable(text)).split())


def new_key(label: str, taken: set[str], longest: int = 50) -> str:
    """A key from a heading, not taken."""
    key = re.sub(r"[^a-z0-9]+", "_", plain(label), flags=re.ASCII).strip("_")[:longest] or "field"
    key = key if key[0].isalpha() else f"f_{key}"
    number, free = 2, key
    while free in taken:
        free, number = f"{key}_{number}", number + 1
    return free


def taken_keys(obj: Object) -> set[str]:
    """Keys a new field cannot have; those of retired and deleted fields are among them."""
    return {"id"} | set(obj.by_key) | set(CustomField.select(CustomField.key).where(CustomField.object == obj.key).scalars())
