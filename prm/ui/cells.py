"""The cells of an answer: a value as text, and the page of the record it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from flask_login import current_user

from prm.access import rows
from prm.access.policy import Do, may
from prm.catalogue.answer import Amount, Answer, Column, Row
from prm.catalogue.kinds import KINDS, Formats
from prm.catalogue.objects import objects
from prm.core import formats as written

# The page of a record, by its object. Names, not imports: the features stand above this floor.
PAGES = {
    "partner": "partners.show",
    "contact": "contacts.show",
    "deal": "deals.show",
    "kpi": "kpis.show",
    "scorecard": "scorecards.show",
    "person": "people.show",
}
NEEDS = {"person": Do.SEE_PEOPLE, "kpi": Do.SEE_KPIS}  # pages that not everybody may open
OF_ACCOUNT = ("partner", "scorecard")  # nor, where the portal keeps it from members, those about the whole company
BADGES = ("status", "stage", "outcome", "state", "registration")

LONGEST = 40  # what is longer is cut short on the screen, and whole in a tip
DRAWN = ("badge", "tier", "grade", "score", "url", "email")


@dataclass(slots=True)
class Cell:
    """What a template needs to draw one value."""

    text: str
    href: str = ""
    css: str = ""
    kind: str = ""
    sub: str = ""
    value: object = None
    tone: str = ""  # the colour of a choice
    bare: bool = True  # the text alone is drawn


def text(column: Column, value, formats: Formats) -> str:
    """A value for people; an empty one is a dash."""
    if value is None:
        return written.DASH
    if isinstance(value, Amount):
        return written.money(value.minor, value.currency, formats.locale)
    if column.kind_key == "period" or isinstance(value, str):
        return value
    return KINDS[column.kind_key].show(value, formats)


class Addresses:
    """Addresses of records that whoever is looking may open, built once per object: a list has hundreds of links."""

    def __init__(self):
        self._stems: dict[str, str] = {}

    def of(self, object: str, id) -> str:
        if not object or id is None:
            return ""
        if object not in PAGES:
            return self._of_added(object, id)
        if object not in self._stems:
            open = object not in NEEDS or may(current_user, NEEDS[object])
            open = open and (object not in OF_ACCOUNT or rows.sees_account(current_user))
            self._stems[object] = url_for(PAGES[object], id=0).removesuffix("0") if open else ""
        stem = self._stems[object]
        return f"{stem}{id}" if stem else ""


    def _of_added(self, object: str, id) -> str:
        """Records of the portal's own objects share one page."""
        if object not in self._stems:
            obj = objects().get(object)
            self._stems[object] = url_for("records.show", object=object, id=0).removesuffix("0") if obj and obj.custom else ""
        return f"{self._stems[object]}{id}" if self._stems[object] else ""


def cells(answer: Answer, row: Row, addresses: Addresses) -> list[Cell]:
    """The cells of a row; the first leads to the record itself, linked ones to theirs."""
    found = []
    for at, column in enumerate(answer.columns):
        numeric, look, drawn = _shape(column.kind_key, column.field_key)
        value = row.values[column.key]
        href = addresses.of(answer.object.key, row.id) if at == 0 else ""
        if column.link and not href:
            href = addresses.of(column.link, row.links.get(column.key))
        written_out = row.title if at == 0 and value is None and row.title else text(column, value, answer.formats)
        bare = not href and len(written_out) <= LONGEST and (value is None or not drawn)
        tone = column.colours.get(value, "") if column.colours else ""
        found.append(Cell(written_out, href, numeric, look, "", value, tone, bare and not tone))
    return found


@lru_cache(maxsize=1024)
def _shape(kind_key: str, field_key: str) -> tuple[str, str, bool]:
    """The class of a column, how its values look where text alone is too plain, and whether it is."""
    kind = KINDS.get(kind_key)
    look = field_key if field_key in ("tier", "grade", "score") else "badge" if field_key in BADGES else kind_key
    return "num" if kind is not None and kind.numeric else "", look, look in DRAWN
