"""One page of rows of a table that is no object of the catalogue: people, mails."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import ModelSelect
from werkzeug.datastructures import MultiDict

from prm.ui.asked import MOST_PAGES, whole
from prm.ui.lists import List

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
    """The page of these rows that the address asks for; the last one where there are not so many."""
    count = found.count()
    page = min(whole(args, "page", 1, MOST_PAGES), max(1, -(-count // PER)))
    return Paged(list(found.paginate(page, PER)), count, page, args, path)
