"""What a field, an object and the catalogue of them are. The lists themselves are in objects.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

from prm.catalogue.kinds import KINDS, Kind
from prm.core.errors import Invalid

NO_FIELD = "There is no field “{}” here."
EXTENSIBLE = ("partner", "contact", "deal")  # of the built-in objects
NAMING = ("name", "number", "title", "customer", "email", "phone", "website")


class Audience(IntEnum):
    """Who may know a field: it holds in lists, filters, sorts, groups, formulas, exports, PDFs and error texts."""

    STAFF = 0
    PARTNER = 1
    PARTNER_EDIT = 2


@dataclass(frozen=True)
class Option:
    """One choice: `value` is what the database holds, `label` what people see and type."""

    value: Any
    label: str
    colour: str = ""  # a tone of the theme: good, warn, bad, info, accent
    retired: bool = False  # shown where it is stored, no longer offered


@dataclass(frozen=True)
class Field:
    """A field of an object. `column(t)` is its SQL over the table or an alias `t`; `total(t)` what is summed and
    compared instead, where that differs (money in the base currency). `link` names the object a link leads to."""

    key: str
    label: str
    kind_key: str
    column: Callable[[Any], Any]
    audience: Audience = Audience.STAFF
    total: Callable[[Any], Any] | None = None
    link: str = ""
    options: Callable[[], list[Option]] | None = None
    attribute: str = ""  # where services write it; empty: computed, nobody writes it
    custom: bool = False
    required: bool = False
    suggest: bool = False  # offer the values in use
    default: Any = None
    help: str = ""
    also: tuple[str, ...] = ()  # further column headings an import knows it by
    currency: Callable[[Any], Any] | None = None
    formula: str = ""
    max_length: int | None = None
    worked_out: bool = False  # by every question anew: a roll-up of the rows that link here
    unique: str = ""  # the index that keeps its values apart (uniqueness.py)
    valid: str = ""  # a formula over the row that must come to yes …
    valid_message: str = ""  # … else this is said
    section: str = ""

    @cached_property
    def kind(self) -> Kind:
        return KINDS[self.kind_key]

    def labelled(self, options: list[Option]) -> Callable[[Any], Any]:
        """How several choices are read: each by its label."""
        labels, raw = {o.value: o.label for o in options}, self.kind.raw
        return lambda found: [labels.get(value, value) for value in raw(found) or ()] or None

    @property
    def tells_who(self) -> bool:
        """Whether its values say who somebody is: conditions on it are not told to one partner, as they may name another."""
        return bool(self.link) or self.key in NAMING

    @property
    def editable(self) -> bool:
        return bool(self.attribute) or (self.custom and not self.formula and not self.worked_out)

    def comparable(self, t):
        """The SQL that is filtered, sorted and summed."""
        return (self.total or self.column)(t)


@dataclass(frozen=True)
class Object:
    """A noun one can ask about. `key_field` finds a row again on import, `title_field` names it on screens."""

    key: str
    label: str
    plural: str
    table: Any
    fields: tuple[Field, ...]
    title: Callable[[Any], Any]
    key_field: str = "number"
    date_fields: tuple[str, ...] = ()
    partner: str = ""  # the link that says whose row it is
    audience: Audience = Audience.PARTNER
    icon: str = "layers"
    custom: bool = False
    help: str = ""
    whole: Object | None = None  # with the fields a viewer may not know, for what is worked out from them

    @property
    def extensible(self) -> bool:
        """Whether fields can be added to it, and its records imported."""
        return self.custom or self.key in EXTENSIBLE

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {f.key: f for f in self.fields}

    def field(self, key: str) -> Field:
        """The field, or Invalid: an unknown and a forbidden one are told alike (the viewer's catalogue lacks both)."""
        if key not in self.by_key:
            raise Invalid(NO_FIELD.format(key))
        return self.by_key[key]

    def for_viewer(self, viewer) -> Object:
        """The same object with only the fields this viewer may know."""
        if viewer.is_staff:
            return self
        return replace(self, fields=tuple(f for f in self.fields if f.audience), whole=self)

    def writable(self, viewer) -> list[Field]:
        floor = Audience.STAFF if viewer.is_staff else Audience.PARTNER_EDIT
        return [f for f in self.fields if f.editable and f.audience >= floor]


@dataclass(frozen=True)
class Catalogue:
    """Every object, custom fields joined in, as one viewer may know it."""

    objects: Mapping[str, Object] = field(default_factory=dict)
    _options: dict = field(default_factory=dict, repr=False, compare=False)

    def options(self, of: Field) -> list[Option]:
        """The choices of a field, read once for as long as this catalogue is held: a request, or a question."""
        if of.options not in self._options:
            self._options[of.options] = of.options() if of.options else []
        return self._options[of.options]

    def __getitem__(self, key: str) -> Object:
        if key not in self.objects:
            raise Invalid(f"There is no “{key}” to ask about. There are: {', '.join(self.objects)}.")
        return self.objects[key]

    def find(self, obj: Object, path: str) -> tuple[list[Field], Field]:
        """Walk a path such as `partner.tier`: the links on the way, and the field at its end."""
        *steps, last = str(path).split(".")
        if len(steps) > 4:
            raise Invalid(NO_FIELD.format(path))
        links = []
        for step in steps:
            link = obj.by_key.get(step)
            if link is None or not link.link or link.link not in self.objects:
                raise Invalid(NO_FIELD.format(path))
            links.append(link)
            obj = self.objects[link.link]
        if last not in obj.by_key:
            raise Invalid(NO_FIELD.format(path))
        return links, obj.by_key[last]
