"""Inputs whose text is read by the kind of a catalogue field: what was typed stays in them when it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import (
    BooleanField, DateField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField, URLField,
)  # fmt: skip
from wtforms.validators import ValidationError

from prm.catalogue.fields import Field
from prm.catalogue.kinds import Formats
from prm.catalogue.links import Links
from prm.core.errors import Invalid
from prm.core.money import currencies

UNKNOWN = "Choose one of the options."


class Parsed:
    """What these inputs share. An input that was not sent keeps the value it was shown with."""

    spec: Field
    formats: Formats
    links: Links
    unset = False  # nothing is stored yet
    typed_link = False

    def process_formdata(self, valuelist):
        if valuelist:
            self.data = valuelist[0]

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
        if needed(self.spec) and self.parsed in (None, "", []):
            raise ValidationError(f"{self.spec.label} is needed.")


def needed(field: Field) -> bool:
    """Whether its input may not stay empty. A record without a number is given one."""
    return field.required and field.key != "number"


def _currency(form) -> str:
    """The currency an amount is typed in: yen have no decimals. That of the form, else that of the record."""
    typed = form["currency"].data if "currency" in form else getattr(form.row, "currency", "")
    code = str(typed or "").strip().upper()
    return code if code in currencies() else ""


class TextInput(Parsed, StringField):
    pass


class EmailInput(Parsed, EmailField):
    pass


class UrlInput(Parsed, URLField):
    pass


class LongInput(Parsed, TextAreaField):
    pass


class DateInput(Parsed, DateField):
    """Kept as text until the kind reads it, so that what was typed stays when it is refused."""

    def process_formdata(self, valuelist):
        Parsed.process_formdata(self, valuelist)

    def _value(self):
        return self.data.isoformat() if hasattr(self.data, "isoformat") else (self.data or "")


class Check(Parsed, BooleanField):
    def process_formdata(self, valuelist):
        BooleanField.process_formdata(self, valuelist)

    def read(self) -> bool | None:
        """A box that stays empty where nothing was stored says nothing, not no."""
        return None if self.unset and not self.data else bool(self.data)


class Pick(Parsed, SelectField):
    """One of the options, or one linked record; the stored value travels."""

    def process_formdata(self, valuelist):
        Parsed.process_formdata(self, valuelist)

    def read(self) -> Any:
        if self.data in (None, "", "None"):
            return None
        text = str(self.data)
        if not self.spec.link:
            return self._option(text)
        if text.isascii() and text.isdigit() and len(text) < 12:
            return self.links.id_of(self.spec, int(text))
        raise Invalid(UNKNOWN)

    def _option(self, text: str):
        for option in self.spec.options():
            if str(option.value) == text:
                return option.value
        raise Invalid(UNKNOWN)

    def pre_validate(self, form):
        Parsed.pre_validate(self, form)


class LinkInput(Parsed, StringField):
    """A linked record typed by its number, e-mail or name, where a select would be too long."""

    typed_link = True

    def read(self) -> Any:
        return self.links.id_of(self.spec, self.data.strip()) if self.data and self.data.strip() else None


class PickSeveral(Parsed, SelectMultipleField):
    def process_formdata(self, valuelist):
        self.data = list(valuelist)

    def read(self) -> list:
        known = {str(o.value): o.value for o in self.spec.options()} if self.spec.options else {}
        if any(text not in known for text in self.data or []):
            raise Invalid("Choose from the options.")
        return sorted(known[text] for text in self.data or [])

    def pre_validate(self, form):
        Parsed.pre_validate(self, form)


INPUTS = {
    "textarea": LongInput,
    "date": DateInput,
    "checkbox": Check,
    "select": Pick,
    "multiselect": PickSeveral,
    "email": EmailInput,
    "url": UrlInput,
}
