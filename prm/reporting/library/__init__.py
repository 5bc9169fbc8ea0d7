"""Reports that are ready to be read and copied: what a channel manager asks in the first week, each a plain question.

A file is {"name", "description", "folder", "content"}; its name is its address.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prm.core.errors import Missing
from prm.reporting.content import Content

FOLDERS = ("Pipeline", "Revenue", "Winning", "Partners", "Performance")


@dataclass(frozen=True)
class Ready:
    """A report of the library. `key` stands in its address."""

    key: str
    name: str
    description: str
    folder: str
    content: Content


@cache
def ready() -> tuple[Ready, ...]:
    """All of them, folder by folder, in the order of their names."""
    found = (_read(path) for path in Path(__file__).parent.glob("*.json"))
    return tuple(sorted(found, key=lambda each: (FOLDERS.index(each.folder), each.name)))


def ready_one(key: str) -> Ready:
    """The one at this address, or Missing."""
    for each in ready():
        if each.key == key:
            return each
    raise Missing()


def _read(path: Path) -> Ready:
    data = json.loads(path.read_text("utf-8"))
    return Ready(path.stem, data["name"], data["description"], data["folder"], Content.parse(data["content"]))
