"""Which fields of an object a page and a form show, in which order and under which headings: as an admin laid it out for the
viewer's role, else as the catalogue has them."""
from __future__ import annotations

from prm.catalogue.fields import Field, Object
from prm.models import CustomField, Layout

FURTHER = "Further fields"
Sections = list[tuple[str, list[Field]]]


def sections(obj: Object, viewer) -> Sections:
    """Headings with their fields; the first heading is empty."""
    return as_laid_out(obj, laid_out(obj.key, role_of(viewer)))


def as_laid_out(obj: Object, kept: Layout | None) -> Sections:
    if kept is None:
        return usual(obj)
    named = [(heading, [obj.by_key[key] for key in keys if key in obj.by_key]) for heading, keys in kept.sections]
    return [(heading, fields) for heading, fields in named if fields]


def laid_out(object: str, role: str) -> Layout | None:
    """The layout for this role, or else the one for every role."""
    found = {row.role: row for row in Layout.select().where((Layout.object == object) & Layout.role.in_((role, "")))}
    return found.get(role) or found.get("")


def add(row: CustomField) -> None:
    """A new field is on the pages that were laid out before it was made. In the transaction that makes it."""
    for layout in Layout.select().where(Layout.object == row.object):
        under = row.section or FURTHER
        at = next((at for at, (heading, _) in enumerate(layout.sections) if heading == under), None)
        if at is None:
            layout.sections = [*layout.sections, [under, [row.key]]]
        else:
            layout.sections = [[heading, [*keys, row.key] if here == at else keys] for here, (heading, keys) in enumerate(layout.sections)]
        layout.save(only=[Layout.sections])


def role_of(viewer) -> str:
    return str(getattr(viewer, "role", "") or "")


def usual(obj: Object) -> Sections:
    """The built-in fields, then those that were added under the headings they name."""
    found: dict[str, list[Field]] = {"": [f for f in obj.fields if not f.custom]}
    for field in (f for f in obj.fields if f.custom):
        found.setdefault(field.section or FURTHER, []).append(field)
    return [(heading, fields) for heading, fields in found.items() if fields]


def for_form(obj: Object, viewer, fields: list[Field]) -> Sections:
    """The same with only these fields, in their order where nobody laid it out. What must be filled is there even where the layout
    leaves it out."""
    kept = laid_out(obj.key, role_of(viewer))
    wanted = {f.key: at for at, f in enumerate(fields)}
    found = [(heading, [f for f in held if f.key in wanted]) for heading, held in as_laid_out(obj, kept)]
    if kept is None:
        found = [(heading, sorted(held, key=lambda f: wanted[f.key])) for heading, held in found]
    shown = {f.key for _, held in found for f in held}
    left = [f for f in fields if f.required and f.key not in shown]
    if left:
        found = [("", [*left, *(found.pop(0)[1] if found and not found[0][0] else [])]), *found]
    return [(heading, held) for heading, held in found if held]
