"""One page of rows of a table that is no object of the catalogue: people, mails."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import ModelSelect
from werkzeug.datastructures import MultiDict

from prm.ui.lists import MOST_PAGES, List

PER = 50


@dataclass
class Paged:
    """What `ui.pager` draws."""

    records: list
    count: int
    page: int
    args: MultiDict
    path: str
    per: int = PER

    first, last, pages, nearby, url = List.first, List.last, List.pages, List.nearby, List.url


def paged(found: ModelSelect, args: MultiDict, path: str) -> Paged:
    """The page of these rows that the address asks for."""
    text = args.get("page", "")
    page = max(1, min(int(text), MOST_PAGES)) if text.isascii() and text.isdigit() and len(text) < 12 else 1
    return Paged(list(found.paginate(page, PER)), found.count(), page, args, path)
