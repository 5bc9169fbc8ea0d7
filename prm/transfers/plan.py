"""How a file is to be read: which column fills which field, fixed values, formats, fields to be made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from typing import Any

from prm.catalogue.fields import Catalogue, Field, Object
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import custom
from prm.core.errors import Invalid
from prm.models import CustomField
from prm.transfers import matching
from prm.transfers.finding import Found, find


NEW = "+"  # a column that becomes a custom field
MONEY_AND_NUMBERS = ("number", "money", "percent")


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


def survey(sheet) -> dict[str, Found]:
    """What the the cells of each column look like: kind, formats, doubts."""
    columns: list[list] = [[] for _ in sheet.header]
    for line, cells in sheet.rows():
        for values, cell in zip(columns, cells, strict=False):
            values.append((line, cell))
    return {name: find(values) for name, values in zip(sheet.header, columns, strict=True)}


def chosen(
    known: Catalogue,
    obj: Object,
    header: list[str],
    viewer,
    mapping: dict[str, str] | None,
    create: bool,
    found: dict[str, Found],
) -> Plan:
    """A plan from a mapping given by hand (it alone decides then), or from what was confirmed before, or from names."""
    if mapping is None:
        before = matching.remembered(obj, header)
        if before is not None:
            return Plan.of(before)
        plan = Plan(columns=matching.match(obj, header, viewer))
    else:
        plan = Plan(columns=_checked(known, obj, header, viewer, mapping))
    if create:
        plan.made = _made(obj, header, plan, mapping or {}, found)
    return plan


def _checked(known: Catalogue, obj: Object, header: list[str], viewer, mapping: dict[str, str]) -> dict[str, str]:
    keys = {f.key for f in matching.importable(obj, viewer)}
    columns = {}
    for column, key in mapping.items():
        if column not in header:
            raise Invalid(f"The file has no column “{column}”. Its columns: {', '.join(header)}.")
        if not key:
            continue
        if key not in keys:
            raise Invalid(f"{obj.label} has no field “{key}” to import into. There are: {', '.join(sorted(keys))}.")
        columns[column] = key
    return columns


def _made(obj: Object, header: list[str], plan: Plan, mapping: dict, found: dict[str, Found]) -> dict[str, list[str]]:
    taken = set(obj.by_key) | set(CustomField.select(CustomField.key).where(CustomField.object == obj.key).scalars())
    made = {}
    for column in header:
        if column in plan.columns or column in mapping or not found[column].filled:
            continue
        key = matching.new_key(column, taken)
        taken.add(key)
        made[column] = [key, found[column].kind]
    return made


def fields_of(plan: Plan, obj: Object) -> dict[str, Field]:
    """{column: field} as they will be once the fields to be made exist."""
    made = {c: custom(CustomField(object=obj.key, key=key, label=c, kind=kind)) for c, (key, kind) in plan.made.items()}
    return {c: obj.field(k) for c, k in plan.columns.items()} | made


def doubts(plan: Plan, fields: dict[str, Field], found: dict[str, Found]) -> list[tuple[str, str, str]]:
    """(column, "numbers" or "days", example) for each column that can be read in two ways and has no format yet."""
    open_ones = []
    for column, field_ in fields.items():
        seen = found.get(column)
        if seen is None:
            continue
        if field_.kind_key in MONEY_AND_NUMBERS and not plan.numbers.get(column) and seen.number_doubt:
            open_ones.append((column, "numbers", seen.number_doubt))
        if field_.kind_key in ("date", "datetime") and not plan.days.get(column) and seen.day_doubt:
            open_ones.append((column, "days", seen.day_doubt))
    return open_ones


def make_fields(obj: Object, plan: Plan) -> list[CustomField]:
    """The custom fields of the plan, made for real; part of the transaction of the import."""
    rows = []
    position = CustomField.select().where(CustomField.object == obj.key).count()
    for column, (key, kind) in plan.made.items():
        if kind not in KINDS:
            raise Invalid(f"There is no kind “{kind}”.")
        rows.append(
            CustomField.create(object=obj.key, key=key, label=column[:120], kind=kind, position=position + len(rows))
        )
    return rows


def missing(obj: Object, plan: Plan, fields: Iterable[Field]) -> list[str]:
    """Labels of the fields without which no row can be made."""
    given = {f.key for f in fields} | set(plan.fixed)
    return [
        f.label
        for f in obj.fields
        if f.required and f.editable and f.default is None and f.key not in given and f.key not in ("number", "stage")
    ]
