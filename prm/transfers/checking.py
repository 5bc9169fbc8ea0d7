"""Reading the rows of a file by a plan: what each would make or change, or the reason why it is refused. Nothing is
stored here; storing goes through the same steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from prm.access.policy import Do, may
from prm.catalogue import records
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field, Object
from prm.catalogue.kinds import Formats
from prm.core.bulk import batches
from prm.core.errors import Invalid
from prm.core.money import currencies
from prm.models import Deal, Organisation, Partner, Role, Stage
from prm.transfers.cells import New, Reader, Readers
from prm.transfers.finding import Found
from prm.transfers.known import Known, owners
from prm.transfers.plan import Plan, fields_of

BATCH = 500
MADE, CHANGED, UNCHANGED, REFUSED = "made", "changed", "unchanged", "refused"


@dataclass
class Line:
    """A row of the file: its values by field key, the record it makes or changes, and what comes of it. `cells` are
    kept for a preview only; `new` are names that storing adds to people and lists, by field key."""

    at: int
    cells: list
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    outcome: str = ""
    row: Any = None
    before: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    number: str = ""
    email: str = ""

    @property
    def reason(self) -> str:
        return " ".join(self.reasons)

    def refuse(self, reason: str) -> None:
        self.reasons.append(reason)
        self.outcome = REFUSED


class Checker:
    """Checks the rows of one file, for one viewer and one plan."""

    def __init__(self, viewer, obj: Object, plan: Plan, header: list[str], found: dict[str, Found]):
        fields = fields_of(plan, obj, header)
        self.viewer, self.obj = viewer, replace(obj, fields=(*obj.fields, *(fields[c] for c in plan.made)))
        base = formats_of(Organisation.current())
        self.known, makes = Known(viewer, obj), Readers(viewer)
        every = []
        for column, f in fields.items():
            formats = _formats(base, plan, column, found.get(column))
            every.append(Reader(header.index(column), column, f, makes.of(f, formats), formats))
        self.readers = [r for r in every if not r.field.currency]
        self.amounts = [r for r in every if r.field.currency] + _fixed_amounts(obj, plan, base)
        self.fixed = fixed_values(viewer, obj, plan, makes)
        self.required = [f for f in obj.fields if f.required and f.editable]
        self.first_stage = Stage.select().order_by(Stage.position).first() if obj.table is Deal else None

    def check(self, rows: Iterator[tuple[int, list]], size: int = BATCH) -> Iterator[list[Line]]:
        """The lines, a batch at a time: what they are about is asked for all of them at once."""
        for group in batches(rows, size):
            lines = [self._read(at, cells) for at, cells in group]
            fit = [line for line in lines if not line.reasons]
            self.known.meet(fit)
            self.owners = owners(fit) if self.obj.table is Deal else {}
            for line in fit:
                if not line.reasons:
                    self._settle(line)
            yield lines

    # ── what the cells say, each for itself ──

    def _read(self, at: int, cells: list) -> Line:
        line = Line(at, cells, dict(self.fixed))
        for reader in self.readers:
            try:
                self._put(line, reader, reader.read(reader.cell(cells)))
            except Invalid as refusal:
                line.refuse(f"{reader.column}: {refusal.message}")
        if not line.values.get("number"):
            line.values.pop("number", None)  # an empty one is no number to change to
        line.number = line.values.get("number", "")
        line.email = line.values.get("email") or ""
        self._read_amounts(line, self._currency(line))
        return line

    def _currency(self, line: Line) -> str:
        """The currency the line's amounts are in, which says how many decimals they have; empty: not said."""
        code = str(line.values.get("currency") or "").upper()
        if code and code not in currencies():
            line.refuse(f"“{code[:10]}” is no currency. Write a code such as EUR.")
        return code if code in currencies() else ""

    def _read_amounts(self, line: Line, currency: str) -> None:
        for reader in self.amounts:
            try:
                line.values[reader.field.key] = reader.amount(reader.cell(line.cells), currency)
            except Invalid as refusal:
                line.refuse(f"{reader.column or reader.field.label}: {refusal.message}")

    def _put(self, line: Line, reader: Reader, value: Any) -> None:
        """Several columns may fill one text: first and last name."""
        key = reader.field.key
        if value is not None and line.values.get(key) and reader.field.kind_key in ("text", "long_text"):
            value = reader.field.kind.parse(f"{line.values[key]} {value}")
        if value is not None or key not in line.values:
            line.values[key] = value

    # ── what they say together ──

    def _settle(self, line: Line) -> None:
        stored = getattr(line.row, "currency", "")
        if stored and not line.values.get("currency"):
            self._read_amounts(line, stored)
        try:
            self._refuse_incomplete(line)
            self._apply(line)
        except Invalid as refusal:
            line.refuse(refusal.message)
        if not line.reasons and self.known.claim(line):
            made = line.row.id is None
            line.outcome = MADE if made else CHANGED if line.changes or line.new else UNCHANGED

    def _refuse_incomplete(self, line: Line) -> None:
        """An empty cell leaves what has a default as it is; what is needed may not be empty."""
        values = line.values
        for f in self.obj.fields:
            if f.key in values and values[f.key] in (None, "", []) and (f.default is not None or f.key in DEFAULTED):
                del values[f.key]
        lacks = [f.label for f in self.required if self._lacks(f, line)]
        if lacks:
            raise Invalid(f"{' and '.join(lacks)} {'is' if len(lacks) == 1 else 'are'} empty.")
        if self.obj.key == "contact" and line.row is None and not (line.number or line.email or values.get("name")):
            raise Invalid("Name and E-mail are empty: nobody could tell who this is.")

    def _lacks(self, f, line: Line) -> bool:
        if f.key in DEFAULTED or f.default is not None:
            return False
        given = f.key in line.values
        return (given or line.row is None) and line.values.get(f.key) in (None, "", [])

    def _apply(self, line: Line) -> None:
        """The record as it will be, but for names that do not exist yet."""
        if line.row is None:
            line.row = self._blank(line)
        else:
            line.before = dict(line.row.__data__)
        line.new = {key: value for key, value in line.values.items() if _is_new(value)}
        known = {key: value for key, value in line.values.items() if key not in line.new}
        line.changes = records.apply(self.obj, line.row, known)
        if self.owners and line.row.owner_id in self.owners:
            line.row.owner = self.owners[line.row.owner_id]
        records.check(self.obj, line.row)

    def _blank(self, line: Line):
        row = records.blank(self.obj)
        if isinstance(row, Deal):
            row.stage = self.first_stage
        if isinstance(row, Partner) and self.viewer.role == Role.MANAGER and not self.viewer.sees_all:
            line.values.setdefault("manager", self.viewer.id)
        return row


DEFAULTED = ("stage", "currency")  # filled in where a new record has none


def _is_new(value: Any) -> bool:
    return isinstance(value, New) or (isinstance(value, list) and any(isinstance(v, New) for v in value))


def fixed_values(viewer, obj: Object, plan: Plan, readers: Readers | None = None) -> dict[str, Any]:
    """The values that are the same for every row; Invalid names the field."""
    readers, base = readers or Readers(viewer), formats_of(Organisation.current())
    writable, values = {f.key: f for f in obj.writable(viewer)}, {}
    for key, text in plan.fixed.items():
        if key not in writable:
            raise Invalid(f"{obj.label} has no field “{key}” to set.", field=key)
        try:
            values[key] = readers.of(writable[key], _typed(writable[key], text, base))(text)
        except Invalid as refusal:
            raise Invalid(f"{writable[key].label}: {refusal.message}", field=key) from None
    return {key: value for key, value in values.items() if not writable[key].currency}


def _fixed_amounts(obj: Object, plan: Plan, base: Formats) -> list[Reader]:
    """Amounts that are the same for every row are still read in each row's currency."""
    fields = [obj.field(key) for key in plan.fixed if key in obj.by_key and obj.field(key).currency]
    return [Reader(0, "", f, str, _typed(f, text, base), text) for f in fields if (text := plan.fixed[f.key])]


def _typed(f: Field, text: str, base: Formats) -> Formats:
    """A value that means one thing is taken as it stands, as a script writes it; any other as people here write it."""
    try:
        f.kind.parse(text, base)
    except Invalid:
        return base.typed
    return base


def _formats(base: Formats, plan: Plan, column: str, found: Found | None) -> Formats:
    numbers = plan.numbers.get(column) or (found.numbers if found else "")
    days = plan.days.get(column) or (found.days if found else "")
    return replace(base, numbers=numbers, days=days)


def blocked(viewer, obj: Object, plan: Plan) -> str:
    """Why this viewer cannot run such an import at all; empty when they can."""
    if plan.made and not may(viewer, Do.SET_UP):
        return "Only an admin makes new fields. Leave those columns out, or ask an admin."
    if not obj.extensible:
        return f"{obj.plural} cannot be imported."
    return "" if may(viewer, Do.IMPORT) else "Your role does not import."
