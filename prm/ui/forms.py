"""Forms: a base for handwritten ones, and forms built from the catalogue, so that a field nobody may write has no input.

`form.saved(service)` is the whole story of a POST: valid, not sent twice, accepted by the service; what the service
refuses becomes an error beside its field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField, DateField, EmailField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, URLField,
)  # fmt: skip
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field, Object
from prm.catalogue.kinds import Formats
from prm.catalogue.links import Links
from prm.catalogue.objects import OBJECTS, catalogue
from prm.catalogue.records import stored
from prm.core.errors import Conflict, Invalid
from prm.core.ledger import once
from prm.core.money import currencies
from prm.models import Organisation, Person

LONG = ("partner", "contact", "deal")  # links that are typed, as a select of thousands helps nobody


class Form(FlaskForm):
    """A form whose answer is one call. `once_key` travels hidden, so that the same form sent twice makes one thing."""

    once_key = HiddenField(default=lambda: token_urlsafe(18))
    result: Any = None
    outcome: str = ""
    refusal: str = ""
    conflict: dict | None = None

    def saved(self, service: Callable[..., Any], to: Callable[[Any], str] = lambda result: "") -> bool:
        """True when this is a valid POST that the service accepted (now, or the first time the form came). `to` gives
        the address to go to, kept as `outcome`; `result` is what the service returned, None for a repeated form."""
        if not self.validate_on_submit():
            return False
        try:
            self.outcome = once(self.once_key.data or None, lambda: self._done(service, to))
        except Conflict as refusal:
            self.refusal, self.conflict = refusal.message, refusal.theirs
            return False
        except Invalid as refusal:
            self.refuse(refusal)
            return False
        return True

    def _done(self, service, to) -> str:
        self.result = service(self.values())
        return to(self.result)

    def values(self) -> dict[str, Any]:
        return {f.name: f.data for f in self if f.name not in ("csrf_token", "once_key", "version")}

    def refuse(self, refusal: Invalid) -> None:
        """Show what a service refused: beside its field, or at the top."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.refusal = refusal.message
        else:
            field.errors = [*field.errors, refusal.message]

    @property
    def status(self) -> int:
        """200 as shown first, 422 refused, 409 changed by somebody else in between."""
        if self.conflict is not None:
            return 409
        return 422 if self.is_submitted() and (self.errors or self.refusal) else 200


class _Parsed:
    """A WTForms field whose text is read by the kind of a catalogue field."""

    spec: Field
    formats: Formats
    links: Links

    def process_formdata(self, valuelist):
        self.raw_text = valuelist[0] if valuelist else ""
        self.data = self.raw_text

    def value(self) -> Any:
        """The parsed value, Invalid with the field's key where the text cannot be read."""
        try:
            return self.read()
        except Invalid as refusal:
            raise Invalid(refusal.message, field=self.spec.key) from None

    def read(self) -> Any:
        text = self.data
        if text is None or (isinstance(text, str) and not text.strip()):
            return None
        return self.spec.kind.parse(text, self.formats)

    def pre_validate(self, form):
        if self.spec.currency:
            self.formats = replace(self.formats, currency=_currency(form) or self.formats.currency)
        try:
            self.parsed = self.value()
        except Invalid as refusal:
            raise ValidationError(refusal.message) from None
        if self.spec.max_length and isinstance(self.parsed, str) and len(self.parsed) > self.spec.max_length:
            raise ValidationError(f"At most {self.spec.max_length} characters.")
        if self.spec.required and self.parsed in (None, "", []) and self.spec.key != "number":
            raise ValidationError(f"{self.spec.label} is needed.")


def _currency(form) -> str:
    """The currency an amount is typed in: yen have no decimals. That of the form, else that of the record."""
    typed = form["currency"].data if "currency" in form else getattr(form.row, "currency", "")
    code = str(typed or "").strip().upper()
    return code if code in currencies() else ""


class TextInput(_Parsed, StringField):
    pass


class EmailInput(_Parsed, EmailField):
    pass


class UrlInput(_Parsed, URLField):
    pass


class LongInput(_Parsed, TextAreaField):
    pass


class DateInput(_Parsed, DateField):
    """Kept as text until the kind reads it, so that what was typed stays when it is refused."""

    def process_formdata(self, valuelist):
        _Parsed.process_formdata(self, valuelist)

    def _value(self):
        return self.data.isoformat() if hasattr(self.data, "isoformat") else (self.data or "")


class Check(_Parsed, BooleanField):
    def process_formdata(self, valuelist):
        BooleanField.process_formdata(self, valuelist)

    def read(self) -> bool:
        return bool(self.data)


class Pick(_Parsed, SelectField):
    """One of the options, or one linked record; the stored value travels."""

    def process_formdata(self, valuelist):
        self.data = valuelist[0] if valuelist else ""

    def read(self) -> Any:
        if self.data in (None, "", "None"):
            return None
        if self.spec.link:
            return self.links.id_of(
                self.spec, int(self.data) if str(self.data).isdigit() and len(str(self.data)) < 12 else "?"
            )
        return self._option(str(self.data))

    def _option(self, text: str):
        for option in self.spec.options():
            if str(option.value) == text:
                return option.value
        raise Invalid("Choose one of the options.")

    def pre_validate(self, form):
        _Parsed.pre_validate(self, form)


class LinkInput(_Parsed, StringField):
    """A linked record typed by its number, e-mail or name, where a select would be too long."""

    def read(self) -> Any:
        return self.links.id_of(self.spec, self.data.strip()) if self.data and self.data.strip() else None


class PickSeveral(_Parsed, SelectMultipleField):
    def process_formdata(self, valuelist):
        self.data = list(valuelist)

    def read(self) -> list:
        known = {str(o.value): o.value for o in self.spec.options()} if self.spec.options else {}
        if any(text not in known for text in self.data or []):
            raise Invalid("Choose from the options.")
        return sorted(known[text] for text in self.data or [])

    def pre_validate(self, form):
        _Parsed.pre_validate(self, form)


INPUTS = {
    "textarea": LongInput,
    "date": DateInput,
    "checkbox": Check,
    "select": Pick,
    "multiselect": PickSeveral,
    "email": EmailInput,
    "url": UrlInput,
}


def form_for(object: str, viewer, row=None, *, only: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> ObjectForm:
    """The form of an object for this viewer: only fields they may write exist in it. `fixed` ones are left to the view."""
    obj = catalogue(viewer)[object]
    fields = [f for f in obj.writable(viewer) if f.key not in fixed and (not only or f.key in only)]
    formats, links = formats_of(Organisation.current()).typed, Links(viewer)
    inputs = {f.key: _input(f, formats, links, viewer, row) for f in fields}
    form_class = type("RecordForm", (ObjectForm,), {**inputs, "version": HiddenField()})
    data = {f.key: _shown(f, row, formats) for f in fields} if row is not None else _given(fields, formats)
    form = form_class(data=data | {"version": str(row.version) if row is not None else ""})
    form.obj, form.row, form.fields = obj, row, fields
    return form


class ObjectForm(Form):
    """A form over one object of the catalogue."""

    obj: Object
    row: Any = None
    fields: list[Field] = []

    def values(self) -> dict[str, Any]:
        return {f.key: self._fields[f.key].parsed for f in self.fields}

    @property
    def seen_version(self) -> int | None:
        """The version the person saw, to notice that somebody else saved in between."""
        text = self._fields["version"].data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _given(fields: list[Field], formats: Formats) -> dict[str, Any]:
    """A new record: its defaults, and what the address proposes (?partner=12)."""
    given = {f.key: _typed(f, f.default, formats) for f in fields if f.default is not None}
    return given | {f.key: request.args[f.key] for f in fields if request.args.get(f.key)}


def _shown(field: Field, row, formats: Formats) -> Any:
    """A stored value as it stands in its input."""
    value = stored(field, row)
    if value in (None, ""):
        return ""
    if field.link in LONG:
        return _number(field, value)
    return _typed(field, value, replace(formats, currency=row.currency) if field.currency else formats)


def _typed(field: Field, value: Any, formats: Formats) -> Any:
    """A stored value as a person would type it, so that a form saved unchanged changes nothing."""
    value = field.kind.load(value) if field.custom else value
    if field.kind_key in ("choices", "bool", "date") or field.link or field.options or isinstance(value, str):
        return value
    return field.kind.typed(value, formats)


def _number(field: Field, id: int) -> str:
    """The linked record as one would type it."""
    obj = next(o for o in OBJECTS if o.key == field.link)
    return obj.table.select(obj.table.number).where(obj.table.id == id).scalar() or ""


def _input(field: Field, formats: Formats, links: Links, viewer, row):
    cls = INPUTS.get(field.kind.input, TextInput)
    made = type(cls.__name__, (cls,), {"spec": field, "formats": formats, "links": links})
    more: dict[str, Any] = {"validators": [Optional()] if cls not in (Check, Pick, PickSeveral) else []}
    if field.link in LONG:
        made = type("LinkInput", (LinkInput,), {"spec": field, "formats": formats, "links": links})
        more = {"render_kw": {"autocomplete": "off"}}
    elif field.link:
        made = type("Pick", (Pick,), {"spec": field, "formats": formats, "links": links})
        more = {"choices": _choices(_linkable(field, viewer)), "validate_choice": False}
    elif issubclass(cls, Pick | PickSeveral):
        options = [(str(o.value), o.label) for o in (field.options() if field.options else [])]
        empty = [] if field.required or cls is PickSeveral else [("", "–")]
        pairs = empty + [o for o in options if o[0] or not empty]
        more = {"choices": _choices(pairs), "validate_choice": False}
    return made(field.label, description=field.help, **more)


def _choices(pairs: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _linkable(field: Field, viewer) -> list[tuple[str, str]]:
    """The records a link may lead to: those the viewer may see, by title."""
    obj = next(o for o in OBJECTS if o.key == field.link)
    title = obj.title(obj.table)
    found = rows.visible(obj.table, viewer, obj.table.id, title).order_by(title)
    if obj.table is Person:
        found = found.where(Person.partner.is_null())
    return [("", "–"), *((str(id), name or "–") for id, name in found.tuples())]
