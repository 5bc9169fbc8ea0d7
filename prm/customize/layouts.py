"""Which fields a page and a form show, in which order and under which headings: for every role, or for one."""
from __future__ import annotations

from dataclasses import dataclass

from prm.access.policy import Do, check_may
from prm.catalogue.fields import Field, Object
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import Activity, Layout, Role
from prm.ui import layouts as shown

EVERY = "Every role"
LONGEST_HEADING = 60


@dataclass(frozen=True)
class Line:
    """A field on the layout page; `heading` is what it stands under, `shown` whether it is on pages at all."""

    field: Field
    heading: str
    shown: bool


def roles() -> dict[str, str]:
    return {"": EVERY} | {role.value: role.label for role in Role}


def known_to(obj: Object, role: str) -> list[Field]:
    """The fields that somebody of this role may know."""
    partner_side = role and not Role(role).is_staff
    return [f for f in obj.fields if f.audience or not partner_side]


def lines(obj: Object, role: str) -> list[Line]:
    """Every field once, as the pages of this role have them now; those left out at the end."""
    here = shown.as_laid_out(obj, shown.laid_out(obj.key, role))
    known = known_to(obj, role)
    found = [Line(f, heading, True) for heading, fields in here for f in fields if f in known]
    placed = {line.field.key for line in found}
    return found + [Line(f, "", False) for f in known if f.key not in placed]


def has_own(obj: Object, role: str) -> bool:
    return Layout.select().where((Layout.object == obj.key) & (Layout.role == role)).exists()


def save(viewer, obj: Object, role: str, given: list[tuple[str, str, bool]]) -> None:
    """`given`: (field key, heading, shown) in their order."""
    check_may(viewer, Do.SET_UP)
    known, sections = {f.key for f in known_to(obj, role)}, dict[str, list[str]]()
    for key, heading, is_shown in given:
        heading = " ".join(heading.split())[:LONGEST_HEADING]
        if is_shown and key in known and not any(key in keys for keys in sections.values()):
            sections.setdefault(heading, []).append(key)
    if not sections:
        raise Invalid("A page without any field would be empty. Show at least one.")
    first = {"": sections.pop("")} if "" in sections else {}
    with db.atomic():
        Layout.delete().where((Layout.object == obj.key) & (Layout.role == role)).execute()
        Layout.create(object=obj.key, role=role, sections=list(map(list, (first | sections).items())))
        Activity.record(viewer, "layout.changed", None, title=f"{obj.plural}, {roles()[role].lower()}", object=obj.key)


def reset(viewer, obj: Object, role: str) -> None:
    """As it was before anybody laid it out."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        Layout.delete().where((Layout.object == obj.key) & (Layout.role == role)).execute()
        Activity.record(viewer, "layout.reset", None, title=f"{obj.plural}, {roles()[role].lower()}", object=obj.key)
