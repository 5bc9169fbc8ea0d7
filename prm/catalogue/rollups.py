"""Roll-ups: how many records link to this one, or the sum, mean, least or largest of what they hold. Worked out with every
question, of the rows and fields that its viewer may see: nothing is stored, so nothing is ever stale."""
from __future__ import annotations

from peewee import SQL, Case, Cast, Value, fn

from prm.catalogue.fields import Audience, Catalogue, Field
from prm.catalogue.kinds import KINDS
from prm.catalogue.question import Filter
from prm.catalogue.source import Source, formats_of
from prm.core import clock
from prm.core.db import SCALE
from prm.core.errors import Invalid
from prm.models import CustomField, Organisation

FUNCTIONS = {"count": "How many", "sum": "Sum", "mean": "Mean", "min": "Least", "max": "Largest"}
NOTHING = Value(None)


def rolled_up(row: CustomField, viewer, known: Catalogue) -> Field:
    """An ordinary field from a row of `custom_field`; empty for a viewer who may not know what it is made of."""
    spec = row.rollup or {}
    return Field(
        row.key, row.label, spec.get("kind", "number"),
        lambda t: _column(t, spec, viewer, known),
        audience=Audience[row.audience.upper()], custom=True, worked_out=True, help=row.help, section=row.section,
    )  # fmt: skip


def kind_of(spec: dict, known: Catalogue) -> str:
    """What comes out of it; Invalid, naming the input, where it cannot be worked out."""
    function, other = spec.get("fn"), known[spec.get("object", "")]
    if function not in FUNCTIONS:
        raise Invalid("Choose what is to be worked out.", field="rollup_fn")
    if not other.field(spec.get("link", "")).link:
        raise Invalid("Choose records that link here.", field="rollup_of")
    if function == "count":
        return "number"
    field = other.by_key.get(spec.get("field", ""))
    if field is None:
        raise Invalid("Choose the field that it is made of.", field="rollup_field")
    if field.worked_out or not can_be_made_of(function, field.kind_key):
        raise Invalid(f"{field.label} has no {FUNCTIONS[function].lower()}: choose a figure.", field="rollup_field")
    return "number" if field.kind_key == "formula" else field.kind_key


def can_be_made_of(function: str, kind: str) -> bool:
    """Figures can be put together in every way; of days there is a first and a last."""
    return KINDS[kind].summable or (function in ("min", "max") and kind in ("date", "datetime"))


def _column(t, spec: dict, viewer, known: Catalogue):
    """The SQL over the rows that link to the row of `t`."""
    org = Organisation.current()
    try:
        other = known[spec["object"]]
        inner = Source(known, other, viewer, formats_of(org), clock.today(org.zone), t=other.table.alias())
        link = other.field(spec["link"])
        figure = None if spec["fn"] == "count" else inner.bind(spec["field"]).comparable
        where = inner.all_of(tuple(Filter(**each) for each in spec.get("filters", ())))
    except (Invalid, KeyError):
        return NOTHING
    made = _figure(spec["fn"], figure)
    return inner.select(made, where=where).where(link.column(inner.t) == t.id)


def _figure(function: str, column):
    if function == "count":
        return fn.COUNT(SQL("*")) * SCALE
    if function in ("min", "max"):
        return getattr(fn, function.upper())(column)
    total = Cast(fn.SUM(column), "bigint")
    if function == "sum":
        return total
    count = fn.NULLIF(fn.COUNT(column), 0)
    return (total * 2 + Case(None, [(total < 0, -1 * count)], count)) / (count * 2)  # whole units, half away from zero

