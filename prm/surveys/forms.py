"""The forms of surveys that are not built from the questions themselves."""
from __future__ import annotations

from wtforms import BooleanField, DateField, FileField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from prm.models.survey import AGAIN, EVERY
from prm.surveys import letters
from prm.surveys.sending import LONGEST_PAUSE, MOST_REMINDERS
from prm.ui.forms import Form, pairs


class NewForm(Form):
    title = StringField("Title", [Length(max=200)], render_kw={"maxlength": 200, "autocomplete": "off"})
    anonymous = BooleanField("Anonymous", description="Nobody can tell who said what, not even from the database. Cannot be changed once it was sent.")


class ImportForm(Form):
    file = FileField("File", [InputRequired("Choose a file.")], render_kw={"accept": ".json,.lss,application/json"}, description="A survey saved as JSON from here, or a LimeSurvey structure (.lss).")


class AnswersForm(Form):
    file = FileField("File", [InputRequired("Choose a file.")], render_kw={"accept": ".csv,text/csv"}, description="An answer export of LimeSurvey: columns named code, or code[part].")


class SettingsForm(Form):
    anonymous = BooleanField("Anonymous", description="Nobody can tell who said what, not even from the database.")
    again = RadioField("A second answer by the same link", choices=pairs(AGAIN))
    rest_days = IntegerField("Days of rest", [NumberRange(0, 3650, "A number of days from 0 to 3650.")], render_kw={"inputmode": "numeric"},
                             description="Nobody is asked who was asked by any survey in so many days. 0 asks everybody.")  # fmt: skip


class SendForm(Form):
    subject = StringField("Subject", [InputRequired("A mail needs a subject."), Length(max=200)], render_kw={"maxlength": 200})
    text = TextAreaField("Text", [InputRequired("A mail needs a text."), Length(max=10_000)], render_kw={"rows": 9})
    ask = SelectField("Question in the mail", description="Its answers stand in the mail as links. They open the form with the value chosen; nothing is stored before it is sent.")
    label = StringField("Name of this wave", [Length(max=80)], render_kw={"maxlength": 80, "placeholder": "Such as “Autumn 2026”"})
    send_at = DateTimeLocalField("Send at", [Optional()], description="Left empty: now.")
    closes_at = DateTimeLocalField("Answers until", [Optional()], description="Left empty: until the survey is closed.")
    remind_days = IntegerField("Remind after days", [Optional(), NumberRange(0, LONGEST_PAUSE)], default=7, render_kw={"inputmode": "numeric"})
    remind_times = IntegerField("How often at most", [Optional(), NumberRange(0, MOST_REMINDERS)], default=2, render_kw={"inputmode": "numeric"}, description="Only those who have not answered. 0: never.")
    every = SelectField("Repeat", choices=pairs(EVERY), default="")

    @classmethod
    def of(cls, content, *, repeats: bool) -> SendForm:
        made = cls(data={"subject": letters.usual_subject(content), "text": letters.usual_text(content)})
        asks = {q.code: content.say(q.text) for q in letters.askable(content)}
        made.ask.choices = pairs({"": "None"} | {code: words if len(words) < 70 else words[:69] + "…" for code, words in asks.items()})
        if not repeats:
            made.every.choices = pairs({"": EVERY[""]})
        if not made.is_submitted() and asks:
            made.ask.data = next(iter(asks))
        return made


class ActionForm(Form):
    said = TextAreaField("You said", [InputRequired("What did they say?"), Length(max=500)], render_kw={"rows": 2, "maxlength": 500, "placeholder": "Quotes take too long."})
    did = TextAreaField("We did, or will do", [InputRequired("What do you do about it?"), Length(max=500)], render_kw={"rows": 2, "maxlength": 500, "placeholder": "Quotes under 10,000 are now made in the portal."})
    owner = SelectField("Who sees to it", coerce=int)
    due_on = DateField("Until", [Optional()])
