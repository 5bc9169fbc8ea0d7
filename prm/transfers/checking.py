"""Reading every row of a file by a plan: parsed values, or the reason why a row is refused. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from prm.access import rows
from prm.access.policy import Do, may

from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field, Object
from prm.catalogue.links import Links
from prm.core.errors import Invalid
from prm.core.money import currencies
from prm.models import BusinessRole, Organisation, Role, Tier
from prm.transfers.finding import Found
from prm.transfers.plan import Plan, fields_of

GROWING = {"tier": Tier, "roles": BusinessRole}  # lists that an import by an admin may add to
SHOWN = 200


@dataclass
class Line:
    """A row of the file: its parsed values by field key, or why it is refused. `row` is the record it changes."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    cells: list = field(default_factory=list)
    existing: int | None = None

    @property
    def reason(self) -> str:
        return " ".join(self.reasons)


@dataclass
class Additions:
    """What an import adds besides its rows: managers known by name only, tiers and roles not in the lists yet."""

    people: dict[str, None] = field(default_factory=dict)
    listed: dict[str, dict[str, None]] = field(default_factory=dict)


class Checker:
    """Checks the rows of one file, for one viewer and one plan."""

    def __init__(
        self, viewer, obj: Object, plan: Plan, header: list[str], found: dict[str, Found], *, keep_cells=False
    ):
        self.keep_cells = keep_cells
        self.viewer, self.obj, self.plan = viewer, obj, plan
        self.links, self.additions = Links(viewer), Additions()
        self.grows = may(viewer, Do.SET_UP)
        base = formats_of(Organisation.current())
        fields = fields_of(plan, obj)
        self.readers = [
            (header.index(column), column, f, self._reader(f, _formats(base, plan, column, found.get(column))))
            for column, f in fields.items()
        ]
        self.currency_at = next((at for at, _, f, _ in self.readers if f.key == "currency"), None)
        self.fixed = self._fixed(base)
        self.fields = {f.key: f for f in fields.values()} | {k: obj.field(k) for k in plan.fixed}
        self.keys, self.foreign, self.emails = self._known()
        self.seen: dict[str, int] = {}

    def check(self, lines: Iterator[tuple[int, list]]) -> Iterator[Line]:
        for number, cells in lines:
            yield self.line(number, cells)

    def line(self, number: int, cells: list) -> Line:
        line = Line(number, dict(self.fixed), cells=cells if self.keep_cells else [])
        currency = self._currency(cells)
        for at, column, f, read in self.readers:
            try:
                cell = cells[at] if at < len(cells) else None
                value = read(cell, currency) if f.currency else read(cell)  # type: ignore[call-arg]
            except Invalid as refusal:
                line.reasons.append(f"{column}: {refusal.message}")
                continue
            if f.key in line.values and f.kind_key == "text" and line.values[f.key] and value:
                value = f"{line.values[f.key]} {value}"
            if value is not None or f.key not in line.values:
                line.values[f.key] = value
        if not line.reasons:
            self._whole(line)
        return line

    def _currency(self, cells: list) -> str:
        """The currency the line's amounts are in, which says how many decimals they have; empty: the organisation's."""
        cell = cells[self.currency_at] if self.currency_at is not None and self.currency_at < len(cells) else None
        code = str(cell or self.fixed.get("currency") or "").strip().upper()
        return code if code in currencies() else ""

    def _whole(self, line: Line) -> None:
        """What the cells say together: which record it is, and what it lacks."""
        key = self._key(line)
        if key:
            if key in self.seen:
                line.reasons.append(f"Line {self.seen[key]} is the same {self.obj.label.lower()}, {key}.")
                return
            self.seen[key] = line.number
            if key in self.foreign:
                line.reasons.append(f"{key} is taken by a {self.obj.label.lower()} you may not change.")
                return
            line.existing = self.keys.get(key)
        if line.existing is None:
            lacks = [
                f.label
                for f in self.obj.fields
                if f.required
                and f.editable
                and f.default is None
                and f.key not in ("stage",)
                and line.values.get(f.key) in (None, "", [])
                and f.key != "number"
            ]
            if self.obj.key == "partner" and not line.values.get("number"):
                lacks.insert(0, "Partner no")
            if lacks:
                line.reasons.append(f"{', '.join(lacks)} {'is' if len(lacks) == 1 else 'are'} empty.")
        currency = line.values.get("currency")
        if currency and currency.upper() not in currencies():
            line.reasons.append(f"“{currency[:10]}” is no currency. Write a code such as EUR.")

    def _key(self, line: Line) -> str:
        """Its number; a contact without one is known by its address."""
        number = line.values.get("number")
        if number:
            return str(number)
        email = line.values.get("email") if self.obj.key == "contact" else None
        return self.emails.get(email, email) if email else ""

    def _known(self) -> tuple[dict[str, int], set[str], dict[str, str]]:
        """Keys of the records the viewer may change, keys of the others, and numbers of contacts by address."""
        t = self.obj.table
        own = {number: id for id, number in rows.visible(t, self.viewer, t.id, t.number).tuples()}
        every = set(t.select(t.number).scalars())
        emails = {}
        if self.obj.key == "contact":
            emails = dict(rows.visible(t, self.viewer, t.email, t.number).where(t.email.is_null(False)).tuples())
            every |= {e for e in t.select(t.email).scalars() if e and e not in emails}
        return own, every - set(own), emails

    def _fixed(self, base) -> dict[str, Any]:
        values = {}
        for key, text in self.plan.fixed.items():
            f = self.obj.field(key)
            if f not in self.obj.writable(self.viewer):
                raise Invalid(f"{self.obj.label} has no field “{key}” to set.")
            try:
                values[key] = self._reader(f, base)(text)
            except Invalid as refusal:
                raise Invalid(f"{f.label}: {refusal.message}") from None
        return values

    # ── one cell ──

    def _reader(self, f: Field, formats) -> Callable[[Any], Any]:
        if f.link:
            return self._person_reader(f) if f.link == "person" else lambda cell: self.links.id_of(f, _linkable(cell))
        if f.options:
            return self._choice_reader(f, formats)
        return self._plain_reader(f, formats)

    def _plain_reader(self, f: Field, formats):
        parse, most = f.kind.parse, f.max_length

        def read(cell, currency=""):
            known = replace(formats, currency=currency) if currency and currency != formats.currency else formats
            value = parse(_text(cell) if f.kind.textual else cell, known)
            if most and isinstance(value, str) and len(value) > most:
                raise Invalid(f"At most {most} characters fit here.")
            return value

        return read

    def _person_reader(self, f: Field):
        """A manager named in the file but unknown here is added as a person who cannot sign in yet."""

        def read(cell):
            text = _linkable(cell)
            if not text or self.links.knows(f, text) or not self.grows:
                return self.links.id_of(f, text)
            if isinstance(text, str) and len(text) <= 100:
                self.additions.people[text] = None
                return text
            return self.links.id_of(f, text)

        return read

    def _choice_reader(self, f: Field, formats):
        options = {str(name).casefold(): o.value for o in f.options() for name in (o.value, o.label)}
        table = GROWING.get(f.key) if self.grows and not f.custom else None

        def one(text: str):
            found = options.get(text.casefold())
            if found is None and table is not None and len(text) <= 60:
                self.additions.listed.setdefault(f.key, {})[text] = None
                return text
            if found is None:
                names = ", ".join(dict.fromkeys(o.label for o in f.options()))
                raise Invalid(f"“{text[:60]}” is not one of the choices: {names[:200]}.")
            return found

        def read(cell):
            value = f.kind.parse(_text(cell), formats)
            if value is None:
                return None
            return sorted({one(each) for each in value}) if isinstance(value, list) else one(value)

        return read


def _text(cell):
    """A whole number from a spreadsheet keeps no decimal point when it becomes text."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if cell is None or isinstance(cell, str) else str(cell)


def _linkable(cell):
    text = _text(cell)
    return text.strip() if text else None


def _formats(base, plan: Plan, column: str, found: Found | None):
    numbers = plan.numbers.get(column) or (found.numbers if found else "")
    days = plan.days.get(column) or (found.days if found else "")
    return replace(base, numbers=numbers, days=days)


def blocked(viewer, obj: Object, plan: Plan) -> str:
    """Why this viewer cannot run such an import at all; empty when they can."""
    if plan.made and not may(viewer, Do.SET_UP):
        return "Only an admin makes new fields. Leave those columns out, or ask an admin."
    if obj.key not in ("partner", "contact", "deal"):
        return f"{obj.plural} cannot be imported."
    return "" if viewer.role in (Role.ADMIN, Role.MANAGER) else "Your role does not import."
