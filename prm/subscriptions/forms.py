"""The form of a subscription: when, to whom, on what condition, and in the mail or as files."""
from __future__ import annotations

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional

from prm.models import Organisation, Person, Subscription
from prm.models.subscription import EVERY, FORMS
from prm.subscriptions.times import LAST_DAY, WEEKDAYS
from prm.ui.forms import Form, pairs

COMPARED = {"below": "is below", "at least": "is at least"}


class SubscriptionForm(Form):
    every = SelectField("How often", choices=pairs(EVERY), default="week")
    weekday = SelectField("On", choices=pairs({str(at): day for at, day in enumerate(WEEKDAYS)}), default="0")
    day = IntegerField("On day of the month", [Optional()], default=1, render_kw={"min": 1, "max": LAST_DAY, "inputmode": "numeric"})
    hour = SelectField("At", choices=pairs({str(hour): f"{hour:02d}:00" for hour in range(24)}), default="8")
    zone = StringField("Time zone", render_kw={"list": "zones", "autocomplete": "off", "maxlength": 64, "spellcheck": "false"})
    key = SelectField("Only if")
    op = SelectField("Compared", choices=pairs(COMPARED), default="below")
    value = StringField("Value", render_kw={"inputmode": "decimal", "autocomplete": "off", "maxlength": 30})
    form = RadioField("How", choices=pairs(FORMS), default="inline")
    people = SelectMultipleField("Who gets it", coerce=int, description="Everybody gets the figures that they may see themselves.")

    @classmethod
    def of(cls, viewer, readers: list[Person], figures: dict[str, str], known: Subscription | None, getting: list[int], is_board: bool) -> SubscriptionForm:
        made = cls(data=_data(known, getting) if known else {"zone": Organisation.current().zone, "people": [viewer.id]})
        made.key.choices = pairs({"": "Always"} | figures)
        made.people.choices = pairs({person.id: f"{person.display} ({person.access.label})" for person in readers})
        if is_board:
            made.form.choices = pairs(FORMS | {"files": "PDF attached"})
        return made

    def facts(self) -> dict:
        """For prm.subscriptions.services.checked."""
        day = int(self.weekday.data) if self.every.data in ("day", "week") else self.day.data
        given = {name: self[name].data or "" for name in ("every", "zone", "key", "op", "value", "form")}
        return given | {"on_day": day, "hour": int(self.hour.data)}


def _data(known: Subscription, getting: list[int]) -> dict:
    weekly = known.every in ("day", "week")
    return {
        "every": known.every, "weekday": str(known.on_day) if weekly else "0", "day": 1 if weekly else known.on_day, "hour": str(known.hour),
        "zone": known.zone, "form": known.form, "people": getting, **known.condition,
    }  # fmt: skip

