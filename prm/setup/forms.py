"""Setup's handwritten forms."""

from __future__ import annotations

import re
from decimal import Decimal

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Regexp, ValidationError

from prm.catalogue.numbers import read_number
from prm.core.errors import Invalid
from prm.core import images
from prm.core.passwords import LONGEST, SHORTEST
from prm.models import Organisation, Role, Stage
from prm.models.deal import OUTCOMES
from prm.setup import choices
from prm.ui.forms import Form, pairs

LENGTHS = [SelectChoice("month", "Months"), SelectChoice("quarter", "Quarters"), SelectChoice("year", "Fiscal years")]
GRADE = re.compile(r"\s*([A-Za-z+*-]{1,3})\s+(\d{1,3})\s*")


def _name(label: str, most: int, **more):
    return StringField(
        label, [InputRequired("A name is needed."), Length(max=most)], render_kw={"maxlength": most} | more
    )


class PlaceForm(Form):
    """What the first visit and the settings ask alike."""

    organisation = _name("Name of the organisation", 120, autocomplete="organization")
    zone = SelectField(
        "Time zone", [InputRequired("Choose where your days begin and end.")], description="Days begin and end there."
    )
    currency = SelectField(
        "Currency", [InputRequired("Choose a currency.")], description="Totals over several currencies are shown in it."
    )
    fiscal_month = SelectField("First month of the fiscal year", choices=choices.months(), default="1")
    locale = SelectField("Formats", default="en", description="How dates and figures are written.")

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.zone.choices = [SelectChoice("", "Choose…"), *choices.zones()]
        self.currency.choices = [SelectChoice("", "Choose…"), *choices.currencies()]
        self.locale.choices = choices.locales()

    def place(self) -> dict:
        """The values as the organisation keeps them."""
        return {
            "name": " ".join(self.organisation.data.split()),
            "zone": self.zone.data,
            "currency": self.currency.data,
            "fiscal_month": int(self.fiscal_month.data),
            "locale": self.locale.data,
        }


class WelcomeForm(PlaceForm):
    name = _name("Your name", 200, autocomplete="name")
    email = EmailField(
        "Your e-mail",
        [InputRequired("Your address is needed: you sign in with it.")],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Choose a password.")],
        description=f"At least {SHORTEST} characters. Three or four words are easy to remember.",
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST, "maxlength": LONGEST},
    )
    sample = BooleanField("Load sample data", description="701 resellers and their orders, to look around with.")

    def values(self) -> dict:
        given = {"email": self.email.data, "password": self.password.data, "name": self.name.data}
        return given | {"organisation": self.place(), "sample": self.sample.data}


class OrganisationForm(PlaceForm):
    period_length = RadioField("Scorecards cover", choices=LENGTHS)
    brand = StringField(
        "Brand colour",
        [Regexp(r"#[0-9a-fA-F]{6}$", message="A colour looks like #4f46e5.")],
        render_kw={"type": "color"},
    )
    logo = FileField(
        "Logo",
        description="PNG, JPEG or WebP, at most 200 KB.",
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    no_logo = BooleanField("Remove the logo")
    grades = StringField(
        "Grades", description="Each letter with the lowest score it stands for, best first, the last one 0."
    )
    two_step_roles = SelectMultipleField(
        "Two-step sign-in is asked of", choices=pairs({role.value: role.label for role in Role}), validate_choice=True,
        description="Everybody may turn it on; these roles have to.",
    )  # fmt: skip
    members_see_account = BooleanField(
        "Members see account-level pages", description="Their company's own page and its scorecards."
    )

    @classmethod
    def of(cls, here: Organisation) -> OrganisationForm:
        kept = {
            key: getattr(here, key)
            for key in ("zone", "currency", "locale", "period_length", "brand", "members_see_account", "two_step_roles")
        }
        grades = ", ".join(f"{letter} {floor}" for letter, floor in here.grades)
        form = cls(data=kept | {"organisation": here.name, "fiscal_month": str(here.fiscal_month), "grades": grades})
        for field, value in ((form.zone, here.zone), (form.currency, here.currency), (form.locale, here.locale)):
            if value not in {choice.value for choice in field.choices}:
                field.choices = [*field.choices, SelectChoice(value, value)]
        return form

    def values(self) -> dict:
        kept = {key: self[key].data for key in ("period_length", "brand", "members_see_account", "two_step_roles")}
        return self.place() | kept | {"grades": read_grades(self.grades.data or "")} | self._logo()

    def _logo(self) -> dict:
        data = self.logo.data.read(images.LARGEST + 1) if self.logo.data else b""
        if data:
            return {"logo": images.data_uri(data)}
        return {"logo": ""} if self.no_logo.data else {}


def read_grades(text: str) -> list[list]:
    """“A 110, B 95, C 0” as [[letter, floor], …]; Invalid unless it falls to 0."""
    found = [GRADE.fullmatch(part) for part in text.split(",")]
    if not all(found) or not 2 <= len(found) <= 9:
        raise Invalid("Write grades like A 110, B 95, C 80, D 60, E 0.", field="grades")
    grades = [[match[1].upper(), int(match[2])] for match in found if match]
    floors = [floor for _, floor in grades]
    if (
        floors != sorted(set(floors), reverse=True)
        or floors[-1]
        or len({letter for letter, _ in grades}) != len(grades)
    ):
        raise Invalid("Each grade is named once and lower than the one before; the last one is 0.", field="grades")
    return grades


class EntryForm(Form):
    name = _name("Name", 60, autocomplete="off")


class StageForm(EntryForm):
    probability = IntegerField(
        "Probability in %", [InputRequired("A number from 0 to 100."), NumberRange(0, 100, "From 0 to 100.")]
    )
    outcome = SelectField(
        "Outcome",
        choices=[SelectChoice(*each) for each in OUTCOMES.items()],
        description="Deals in this stage count as open, won or lost.",
    )


def entry_form(table: type, row) -> EntryForm:
    keys = ("name", "probability", "outcome") if table is Stage else ("name",)
    form = StageForm if table is Stage else EntryForm
    return form(data={key: getattr(row, key) for key in keys} if row else None)


class RateForm(Form):
    currency = SelectField("Currency", [InputRequired("Choose a currency.")])
    valid_from = DateField("Valid from", [InputRequired("From which day on? Write 2026-12-31.")])
    rate = StringField(
        "Rate", [InputRequired("A number such as 1.0842.")], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.currency.choices = [SelectChoice("", "Choose…"), *choices.currencies()]
        base = Organisation.current().currency
        self.rate.description = f"What one unit of it is worth in {base}."

    def validate_rate(self, field) -> None:
        try:
            self.parsed: Decimal = read_number(field.data or "")
        except Invalid as refusal:
            raise ValidationError(refusal.message) from None

    def values(self) -> dict:
        return {"currency": self.currency.data, "valid_from": self.valid_from.data, "rate": self.parsed}
