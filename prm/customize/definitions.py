"""What a definition of a field must be before it is kept: each refusal names the input and says what to do."""
from __future__ import annotations

from typing import Any

from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.formula import Formula
from prm.catalogue.keys import new_key
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import custom
from prm.catalogue.question import Filter
from prm.catalogue.records import in_order
from prm.catalogue.rollups import kind_of
from prm.catalogue.source import Source, formats_of
from prm.core import clock
from prm.core.errors import Invalid
from prm.customize.kinds import CHOOSABLE, ROLLUP
from prm.models import CustomField, Organisation

MOST_FIELDS, MOST_CHOICES = 200, 200
COLOURS = {"": "None", "good": "Green", "warn": "Amber", "bad": "Red", "info": "Blue", "accent": "Brand"}
AUDIENCES = {"staff": "Staff only", "partner": "Partners see it", "partner_edit": "Partners see and edit it"}


def check(viewer, known: Catalogue, obj: Object, row: CustomField) -> None:
    """Invalid unless `row` can be a field of `obj`."""
    kind = CHOOSABLE[row.kind]
    _check_name(obj, row)
    if row.audience not in AUDIENCES:
        raise Invalid("Choose who may know it.", field="audience")
    if not kind.typed:
        row.required, row.default, row.unique = False, None, False
        if row.audience == "partner_edit":
            raise Invalid("It is worked out: nobody edits it. Choose another audience.", field="audience")
    if kind.has_choices:
        _check_choices(row)
    if row.kind == "link" and row.link not in known.objects:
        raise Invalid("Choose what it links to.", field="link")
    if row.kind == "formula":
        _check_formula(obj, row)
    if row.kind == ROLLUP:
        _check_rollup(viewer, known, obj, row)
    if row.valid:
        _check_valid(obj, row)
    row.valid_message = row.valid_message if row.valid else ""


def _check_name(obj: Object, row: CustomField) -> None:
    row.label = " ".join((row.label or "").split())
    row.section = " ".join((row.section or "").split())
    if not row.label:
        raise Invalid("A name is needed.", field="label")
    for field in obj.fields:
        if field.key != row.key and field.label.casefold() == row.label.casefold():
            raise Invalid(f"{obj.label} has a field called {field.label} already.", field="label")


def _check_choices(row: CustomField) -> None:
    """Two choices of one name could not be told apart by anybody who types them."""
    seen = set()
    for _, label, colour, _ in row.choices:
        if label.casefold() in seen:
            raise Invalid(f"There are two choices called {label}.", field="choices")
        if colour not in COLOURS:
            raise Invalid("Choose one of the colours.", field="choices")
        seen.add(label.casefold())
    values = {value.casefold(): value for value, *_ in row.choices}
    for value, label, *_ in row.choices:
        if values.get(label.casefold(), value) != value:
            raise Invalid(f"“{label}” is what another choice was called first, and still is in filters and files. Choose another name.", field="choices")
    if not row.choices:
        raise Invalid("Write at least one choice.", field="choices")
    if len(row.choices) > MOST_CHOICES:
        raise Invalid(f"At most {MOST_CHOICES} choices fit here. A link to records of an object of your own may serve you better.", field="choices")


def choices_of(given: list[dict[str, Any]], before: list) -> list[list]:
    """Choices as the form gave them, in their order: those without a name are left out, new ones get a value."""
    old = {choice[0] for choice in before}
    values = {each["value"] for each in given if each["value"] in old}
    found = []
    for each in sorted(given, key=lambda each: each["place"]):
        label = " ".join(each["label"].split())
        if not label:
            continue
        value = each["value"] if each["value"] in old else new_key(label, values)
        values.add(value)
        found.append([value, label[:60], each["colour"], bool(each["retired"])])
    return found


def _check_formula(obj: Object, row: CustomField) -> None:
    parsed = _parsed(obj, row, row.formula, "formula")
    if row.key in parsed.names:
        raise Invalid("A formula cannot need itself.", field="formula")
    others = tuple(f for f in obj.fields if f.formula and f.key != row.key)
    in_order((*others, custom(row)))


def _check_valid(obj: Object, row: CustomField) -> None:
    if len(row.valid_message) < 3:
        raise Invalid("Say what is wrong where the rule does not hold.", field="valid_message")
    _parsed(obj, row, row.valid, "valid")


def _parsed(obj: Object, row: CustomField, text: str, name: str) -> Formula:
    """Over fields of the record; those behind a link and roll-ups are not known when it is saved."""
    names = {f.key for f in obj.fields if not f.worked_out and (f.editable or f.custom)} | ({row.key} if row.key else set())
    try:
        parsed = Formula.parse(text, names)
    except Invalid as refusal:
        raise Invalid(f"{refusal.message} Fields to use: {', '.join(sorted(names)[:40])}.", field=name) from None
    if parsed.shares or parsed.changes:
        raise Invalid("share() and change() are for reports: a record has no total.", field=name)
    return parsed


def _check_rollup(viewer, known: Catalogue, obj: Object, row: CustomField) -> None:
    spec = row.rollup or {}
    row.rollup = spec | {"kind": kind_of(spec, known)}
    other = known[spec["object"]]
    if other.field(spec["link"]).link != obj.key:
        raise Invalid("Choose records that link here.", field="rollup_of")
    org = Organisation.current()
    try:
        Source(known, other, viewer, formats_of(org), clock.today(org.zone)).all_of(tuple(Filter(**each) for each in spec.get("filters", ())))
    except Invalid as refusal:
        raise Invalid(refusal.message, field="filter_value") from None
    if any(known.find(other, each["field"])[1].worked_out for each in spec.get("filters", ())):
        raise Invalid("A roll-up cannot go by another roll-up.", field="filter_field")


def default_of(row: CustomField, text: str) -> Any:
    """What a new record has: the text as it is stored; None for none."""
    if not text.strip() or not CHOOSABLE[row.kind].typed:
        return None
    field, formats = custom(row), formats_of(Organisation.current()).typed
    if row.kind == "link":
        raise Invalid("A link has no default.", field="default")
    try:
        if row.kind == "choice":
            return _choice(row, text)
        if row.kind == "choices":
            return sorted(_choice(row, part) for part in text.split(",") if part.strip())
        return field.kind.store(KINDS[row.kind].parse(text, formats))
    except Invalid as refusal:
        raise Invalid(refusal.message, field="default") from None


def _choice(row: CustomField, text: str) -> str:
    wanted = text.strip().casefold()
    found = next((value for value, label, *_ in row.choices if wanted in (label.casefold(), value.casefold())), None)
    if found is None:
        raise Invalid(f"“{text.strip()[:40]}” is none of the choices.", field="default")
    return found


def default_text(row: CustomField) -> str:
    """The default as a person would type it."""
    if row.default is None:
        return ""
    labels = {value: label for value, label, *_ in row.choices or ()}
    if row.kind in ("choice", "choices"):
        values = row.default if isinstance(row.default, list) else [row.default]
        return ", ".join(labels.get(value, value) for value in values)
    kind = KINDS[row.kind]
    value = kind.load(row.default)
    return kind.show(value, formats_of(Organisation.current())) if isinstance(value, bool) else str(kind.typed(value, formats_of(Organisation.current()).typed))


