"""The form in which a person says how a file is read: columns, formats, fixed values, encoding."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from prm.catalogue.days import ORDERS
from prm.catalogue.fields import Object
from prm.catalogue.keys import new_key, taken_keys
from prm.catalogue.numbers import FORMATS
from prm.transfers import matching
from prm.transfers.plan import NEW, Plan, with_new_fields
from prm.transfers.reading import DELIMITERS, ENCODINGS
from prm.transfers.standing import Standing

LONGEST = 200


def plan_of(sent: MultiDict, standing: Standing, viewer) -> Plan:
    """The plan as the form says it; what no form offers is left out. With `keep=rest` the columns that are left out
    become new fields."""
    obj, header = standing.obj, standing.header
    plan = _said(sent, standing.plan, obj, header, viewer)
    return with_new_fields(plan, obj, header, (), standing.found) if sent.get("keep") == "rest" else plan


def _said(sent: MultiDict, before: Plan, obj: Object, header: list[str], viewer) -> Plan:
    keys, taken = {f.key for f in matching.importable(obj, viewer)}, taken_keys(obj)
    columns: dict[str, str] = {}
    made: dict[str, list[str]] = {}
    for at, column in enumerate(header):
        chosen = sent.get(f"column-{at}", "")
        if chosen in keys:
            columns[column] = chosen
        elif chosen.removeprefix(NEW) in matching.KINDS_TO_MAKE and chosen.startswith(NEW):
            key = before.made[column][0] if column in before.made else new_key(column, taken)
            made[column] = [key, chosen.removeprefix(NEW)]
            taken.add(key)
    return replace(
        before, columns=_once_each(columns, before.columns, obj), made=made, fixed=_fixed(sent, keys),
        numbers=_formats(sent, "numbers", header, FORMATS), days=_formats(sent, "days", header, ORDERS),
        encoding=_of(sent.get("encoding", ""), ENCODINGS), delimiter=_of(sent.get("delimiter", ""), DELIMITERS),
        sheet=sent.get("sheet", "")[:LONGEST],
    )  # fmt: skip


def _once_each(columns: dict[str, str], before: dict[str, str], obj: Object) -> dict[str, str]:
    """A field is filled by one column, the one chosen last; only texts are joined from several."""
    latest = {key: column for column, key in columns.items() if before.get(column) != key}
    kept: dict[str, str] = {}
    for column, key in columns.items():
        joined = matching.joins(obj.field(key), column)
        if joined or (key not in kept.values() and latest.get(key, column) == column):
            kept[column] = key
    return kept


def _fixed(sent: MultiDict, keys: set[str]) -> dict[str, str]:
    pairs = zip(sent.getlist("fixed-field"), sent.getlist("fixed-value"), strict=False)
    return {key: value.replace("\0", "")[:LONGEST] for key, value in pairs if key in keys}


def _formats(sent: MultiDict, prefix: str, header: list[str], known) -> dict[str, str]:
    chosen = {column: sent.get(f"{prefix}-{at}", "") for at, column in enumerate(header)}
    return {column: format for column, format in chosen.items() if format in known}


def _of(text: str, known) -> str:
    return text if text in known else ""
