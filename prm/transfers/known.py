"""Which records the lines of a file are about: found by number, contacts without one by their address. Asked for a few
hundred lines at a time, so that a large table costs no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prm.access import rows
from prm.catalogue.fields import Field, Object
from prm.models import Contact

if TYPE_CHECKING:
    from prm.transfers.checking import Line


class Known:
    """`meet(lines)` gives each line the record it changes, or says why it may not be used."""

    def __init__(self, viewer, obj: Object):
        self.viewer, self.obj = viewer, obj
        self.noun = obj.label.lower()
        self.apart = [field for field in obj.fields if field.unique]
        self.lines: dict[tuple[str, str], int] = {}  # what each accepted line is about

    def meet(self, lines: list[Line]) -> None:
        by_number, by_email, taken = self._stored(lines)
        for line in lines:
            number, email = line.number, line.email
            row = by_number.get(number) if number else by_email.get(email)
            if row is None and (number or email) in taken:
                line.refuse(f"{number or email} is taken by a {self.noun} you may not change.")
            elif email and (email in taken or by_email.get(email, row) != row):
                line.refuse(f"Another contact has the address {email}.")
            line.row = row
        for field in self.apart:
            self._keep_apart(field, lines)

    def _keep_apart(self, field: Field, lines: list[Line]) -> None:
        """No two records may have the same value of this field."""
        wanted = [(line, value) for line in lines if not line.reasons and (value := _kept(field, line)) is not None]
        t = self.obj.table
        column = field.column(t)
        found = t.select(t.id, column).where(column.in_(list({value for _, value in wanted}))).tuples() if wanted else ()
        others = {value: id for id, value in found}
        for line, value in wanted:
            if others.get(value, line.row and line.row.id) != (line.row and line.row.id):
                line.refuse(f"Another {self.noun} has the same {field.label.lower()}.")

    def _stored(self, lines: list[Line]) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
        """Records the viewer may change, by number and by address, and the numbers and addresses of others."""
        numbers = {line.number for line in lines if line.number}
        emails = {line.email for line in lines if line.email}
        if not numbers and not emails:
            return {}, {}, set()
        t = self.obj.table
        either = t.number.in_(numbers) | t.email.in_(emails) if t is Contact else t.number.in_(numbers)
        own = list(rows.visible(t, self.viewer).where(either))
        taken = self._taken(either, {row.id for row in own})
        by_email = {row.email: row for row in own if row.email} if t is Contact else {}
        return {row.number: row for row in own}, by_email, taken

    def _taken(self, either, own: set[int]) -> set[str]:
        t = self.obj.table
        columns = (t.id, t.number, t.email) if t is Contact else (t.id, t.number)
        found = t.select(*columns).where(either).tuples()
        return {text for id, *texts in found if id not in own for text in texts if text}

    def claim(self, line: Line) -> bool:
        """Take the number and the address for this line; refuses it where an accepted line has them already."""
        id = str(line.row.id or "")
        keys = [(part, text) for part, text in (("id", id), ("number", line.number), ("email", line.email)) if text]
        keys += [(f"same {field.label.lower()}", str(value)) for field in self.apart if (value := _kept(field, line)) is not None]
        for key in keys:
            if key in self.lines:
                line.refuse(f"Line {self.lines[key]} {self._what(key, line)}.")
                return False
        self.lines.update(dict.fromkeys(keys, line.at))
        return True

    def _what(self, key: tuple[str, str], line: Line) -> str:
        part, text = key
        if part.startswith("same "):
            return f"has the {part}, {text}"
        what = "has the same address" if part == "email" and line.number else f"is the same {self.noun}"
        return f"{what}, {line.number or line.email or text}"

    def claim_number(self, number: str, line: Line) -> bool:
        """Take a number that was made up for a line; False where another line brought it along."""
        return self.lines.setdefault(("number", number), line.at) == line.at


def _kept(field: Field, line: Line) -> Any:
    """The value of a line as the database compares it; None where it has none."""
    value = line.values.get(field.key)
    return None if value in (None, "", []) else field.kind.store(value)


def owners(lines: list[Line]) -> dict[int, Contact]:
    """The owner contacts of deals, in one query."""
    ids = {line.values["owner"] for line in lines if line.values.get("owner")}
    return {c.id: c for c in Contact.select().where(Contact.id.in_(ids))} if ids else {}
