"""From what a person typed to the row they mean: by its number or e-mail, else by a name that only one visible row has."""

from __future__ import annotations

from functools import cached_property

from prm.access import rows
from prm.catalogue.fields import Field, Object
from prm.catalogue.objects import objects
from prm.core.errors import Invalid
from prm.core.text import searchable
from prm.models import Person


class Links:
    """Resolves link values for one viewer; reads each linked object's keys and names once, so a batch costs one query."""

    def __init__(self, viewer):
        self.viewer = viewer
        self._known: dict[str, tuple[dict[str, int], dict[str, list[int]], set[int]]] = {}

    @cached_property
    def objects(self) -> dict[str, Object]:
        return objects()

    def id_of(self, field: Field, value) -> int | None:
        """The id meant by `value` (an id as int, a key, or a name); Invalid when nobody or several could be meant."""
        if value is None or value == "":
            return None
        keys, names, ids = self._of(field.link)
        if isinstance(value, int) and not isinstance(value, bool):
            if value in ids:
                return value
            raise Invalid(f"There is no such {self.objects[field.link].label.lower()}.")
        text = searchable(str(value))
        if text in keys:
            return keys[text]
        found = names.get(text, [])
        if len(found) == 1:
            return found[0]
        noun = self.objects[field.link].label.lower()
        shown = str(value)[:80]
        if found:
            raise Invalid(
                f"{len(found)} {self.objects[field.link].plural.lower()} are called “{shown}”. Use the number instead."
            )
        raise Invalid(f"There is no {noun} “{shown}”.")

    def several(self, field: Field, name: str) -> bool:
        """Whether more than one could be meant, so that the name decides nothing."""
        return len(self._of(field.link)[1].get(searchable(name), ())) > 1

    def _of(self, link: str):
        if link not in self._known:
            self._known[link] = self._read(link)
        return self._known[link]

    def _read(self, link: str):
        obj, keys, names, ids = self.objects[link], {}, {}, set()
        t = obj.table
        key = getattr(t, obj.key_field) if obj.key_field else t.id
        found = rows.visible(t, self.viewer, t.id, key, obj.title(t), *([t.email] if link == "contact" else []))
        if t is Person:
            found = found.where(Person.partner.is_null())  # a manager is one of the staff
        for id, number, title, *more in found.tuples():
            ids.add(id)
            for text in (number, *more):
                if text:
                    keys[searchable(str(text))] = id
            if title:
                names.setdefault(searchable(title), []).append(id)
        return keys, names, ids
