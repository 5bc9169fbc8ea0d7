"""How a file is to be read: which column fills which field, fixed values, formats, fields to be made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from prm.catalogue.fields import Field, Object
from prm.catalogue.keys import KEY, new_key, taken_keys
from prm.catalogue.objects import custom
from prm.core.errors import Invalid
from prm.models import CustomField
from prm.transfers import matching
from prm.transfers.finding import Found

NEW = "+"  # a column that becomes a custom field
FIGURES, DAYS = ("number", "money", "percent"), ("date", "datetime")


@dataclass
class Plan:
    """`columns`: {column: field key}; `fixed`: {field key: text}; `made`: {column: [key, kind]} for fields to be made;
    `numbers`, `days`: {column: format} where the column does not decide it by itself."""

    columns: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, settings: dict) -> Plan:
        return cls(**{k: v for k, v in (settings or {}).items() if k in cls.__dataclass_fields__})

    @property
    def source(self) -> tuple[str, str, str]:
        """What decides which columns there are."""
        return self.encoding, self.delimiter, self.sheet

    def settled(self) -> Plan:
        """The same once the fields to be made exist: they are ordinary columns then."""
        made = {column: key for column, (key, _) in self.made.items()}
        return replace(self, columns=self.columns | made, made={})

    def for_file(self, obj: Object, header: list[str], viewer) -> Plan:
        """In the order of the file, without columns it does not have and fields that do not exist (any more)."""
        keys = {f.key for f in matching.importable(obj, viewer)} - set(self.fixed)
        columns = {c: self.columns[c] for c in header if self.columns.get(c) in keys}
        return replace(
            self,
            columns=columns,
            fixed={k: text for k, text in self.fixed.items() if k in obj.by_key and obj.by_key[k].editable},
            made={c: self.made[c] for c in header if c in self.made and c not in columns},
        )


def by_name(obj: Object, header: list[str], viewer) -> Plan:
    return Plan(columns=matching.match(obj, header, viewer))


def by_hand(obj: Object, header: list[str], viewer, mapping: dict[str, str | None], found, create: bool) -> Plan:
    """A map decides for the columns it names (null: left out), names decide for the others, and with `create` what is
    left becomes custom fields, as does a key that no field has yet."""
    keys = {f.key for f in matching.importable(obj, viewer)}
    plan = Plan()
    for column, key in mapping.items():
        if column not in header:
            raise Invalid(f"The file has no column “{column}”. Its columns: {', '.join(header)}.")
        if key in keys:
            plan.columns[column] = key or ""
        elif key:
            _refuse_key(obj, key, keys, create)
            plan.made[column] = [key, found[column].kind]
    named = [c for c in header if c not in mapping]
    given = [*plan.columns.values()]
    plan.columns |= {c: k for c, k in matching.match(obj, named, viewer).items() if k not in given}
    return plan


def _refuse_key(obj: Object, key: str, keys: set[str], create: bool) -> None:
    if not create or key in obj.by_key:
        raise Invalid(f"{obj.label} has no field “{key}” to import into. There are: {', '.join(sorted(keys))}.")
    if not KEY.fullmatch(key):
        raise Invalid(f"“{key[:60]}” is no key for a new field. Use small letters, digits and _, such as order_currency.")


def with_new_fields(plan: Plan, obj: Object, header: list[str], but, found: dict[str, Found]) -> Plan:
    """Every column that is left and has values becomes a custom field of the kind found in it, save those in `but`."""
    taken = taken_keys(obj) | {key for key, _ in plan.made.values()}
    made = dict(plan.made)
    for column in header:
        if column in plan.columns or column in made or column in but or not found[column].filled:
            continue
        made[column] = [new_key(column, taken), found[column].kind]
        taken.add(made[column][0])
    return replace(plan, made=made)


def fields_of(plan: Plan, obj: Object, header: list[str]) -> dict[str, Field]:
    """{column: field} in the order of the file, as they will be once the fields to be made exist."""
    made = {c: custom(CustomField(object=obj.key, key=key, label=c, kind=kind)) for c, (key, kind) in plan.made.items()}
    fields = {c: obj.field(k) for c, k in plan.columns.items()} | made
    return {column: fields[column] for column in header if column in fields}


@dataclass(frozen=True)
class Doubt:
    """A column that can be read in two ways and has no format yet. `what`: number or date."""

    column: str
    what: str
    text: str


def doubts(plan: Plan, fields: dict[str, Field], found: dict[str, Found]) -> list[Doubt]:
    open_ones = []
    for column, f in fields.items():
        seen = found[column]
        if f.kind_key in FIGURES and not plan.numbers.get(column) and seen.number_doubt:
            open_ones.append(Doubt(column, "number", seen.number_doubt))
        if f.kind_key in DAYS and not plan.days.get(column) and seen.day_doubt:
            open_ones.append(Doubt(column, "date", seen.day_doubt))
    return open_ones


def missing(obj: Object, plan: Plan, fields: dict[str, Field]) -> list[str]:
    """Labels of the fields without which no row can be made."""
    given = {f.key for f in fields.values()} | set(plan.fixed)
    needed = [f for f in obj.fields if f.required and f.editable and f.default is None and f.key != "stage"]
    return [f.label for f in needed if f.key not in given]


def keyless(obj: Object, fields: dict[str, Field]) -> str:
    """What is said where nothing in the file tells a row from one that was imported before."""
    given = {f.key for f in fields.values()}
    if "number" in given or (obj.key == "contact" and "email" in given):
        return ""
    keys = "Contact no or E-mail" if obj.key == "contact" else obj.field("number").label
    return f"No column gives {keys}: every row is new, and importing the file again makes all of them a second time."
