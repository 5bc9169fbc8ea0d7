"""Surveys: what is asked in versions, whom it is sent to in waves, and what was answered.

The answers of an anonymous survey are never in one row with an invitation: an invitation only knows that it was used. What
was answered waits in `Ballot`, without a time and under a random id, until so many are there that nobody can tell whose is
whose; then they become responses together, in a random order.
"""
from __future__ import annotations

from secrets import randbits

from peewee import BigIntegerField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from prm.core.db import Exact, Moment, Table, created
from prm.core.mail import Mail
from prm.models.contact import Contact
from prm.models.partner import Partner
from prm.models.person import Person

STATES = {"draft": "Draft", "open": "Open", "closed": "Closed"}
AGAIN = {"last": "The last answer counts until the survey is closed", "refused": "An answer that was handed in stays as it is"}
EVERY = {"": "Once", "month": "Every month", "quarter": "Every three months", "half": "Every six months", "year": "Every year"}
QUESTION_KINDS = {
    "nps": "Likely to recommend, 0 to 10", "stars": "Stars", "scale": "Scale", "slider": "Slider", "yes_no": "Yes or no", "choice": "One choice",
    "choices": "Several choices", "ranking": "Ranking", "matrix": "Matrix", "short_text": "Short text", "long_text": "Long text", "number": "Number",
    "date": "Date", "text": "Text block",
}  # fmt: skip
REST_DAYS = 30
ENOUGH = 5  # answers, before any are shown of an anonymous survey


class Survey(Table):
    """`content` is what is being built, `version` the one that people answer now (0: none yet). `before` is the content
    before the last change, for undo. `rest_days`: nobody is asked who was asked by any survey in so many days."""

    title = CharField(200)
    state = CharField(6, default="draft")
    anonymous = BooleanField(default=False)
    again = CharField(8, default="last")
    content = JSONField(default=dict)
    before = JSONField(null=True)
    version = IntegerField(default=0)
    rest_days = IntegerField(default=REST_DAYS)
    open_hash = CharField(64, default="", index=True)  # of the key of its open link; empty: there is none
    shared = BooleanField(default=False)  # partners may read the results
    owner = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    deleted_at = Moment(null=True)
    created_at = created()
    updated_at = created()


class SurveyVersion(Table):
    """What was asked under this number, word for word."""

    survey = ForeignKeyField(Survey, backref="versions", on_delete="CASCADE", index=False)
    number = IntegerField()
    content = JSONField()
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()

    class Meta:
        indexes = ((("survey", "number"), True),)


class SurveyQuestion(Table):
    """A question of a survey, or a row of one that is a matrix or a ranking, in its newest wording."""

    survey = ForeignKeyField(Survey, backref="questions", on_delete="CASCADE", index=False)
    code = CharField(60)
    row = CharField(60, default="")
    kind = CharField(12)
    wording = TextField(default="")
    position = IntegerField(default=0)

    class Meta:
        indexes = ((("survey", "code", "row"), True),)


class Wave(Table):
    """One sending to chosen contacts (`how` mail), or what came by the open link or out of a file. `recipients` is
    {"question": {…}} or {"contacts": [ids]}; `ask` the code of the question that stands in the mail. `every` makes the next
    wave at `next_at`."""

    survey = ForeignKeyField(Survey, backref="waves", on_delete="CASCADE", index=False)
    number = IntegerField()
    how = CharField(6, default="mail")  # mail, open, file
    label = CharField(80, default="")
    recipients = JSONField(default=dict)
    subject = CharField(200, default="")
    text = TextField(default="")
    ask = CharField(60, default="")
    send_at = Moment(null=True)
    sent_at = Moment(null=True)
    closes_at = Moment(null=True)
    remind_days = IntegerField(default=0)  # 0: never
    remind_times = IntegerField(default=0)
    every = CharField(8, default="")
    next_at = Moment(null=True)
    trouble = TextField(default="")  # why it could not be sent
    author = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    created_at = created()

    class Meta:
        indexes = ((("survey", "number"), True),)


    @classmethod
    def next_number(cls, survey_id: int) -> int:
        last = cls.select(cls.number).where(cls.survey == survey_id).order_by(cls.number.desc()).limit(1).scalar()
        return (last or 0) + 1


class Invitation(Table):
    """A contact of a wave: asked with a link of their own, or held back, and why. `draft` are the pages saved so far of a
    named survey. Of an anonymous one no times are kept but that of the mail."""

    wave = ForeignKeyField(Wave, backref="invitations", on_delete="CASCADE", index=False)
    contact = ForeignKeyField(Contact, on_delete="CASCADE", index=False)
    partner = ForeignKeyField(Partner, on_delete="CASCADE")
    key_hash = CharField(64, null=True, unique=True)
    mail = ForeignKeyField(Mail, null=True, on_delete="SET NULL")
    held = TextField(default="")
    asked_at = Moment(null=True)
    opened_at = Moment(null=True)
    started_at = Moment(null=True)
    answered = BooleanField(default=False)
    answered_at = Moment(null=True)
    draft = JSONField(null=True)  # {"answers": {code: value}, "language": "en"}
    reminded = IntegerField(default=0)
    reminded_at = Moment(null=True)

    class Meta:
        indexes = ((("wave", "contact"), True), (("contact", "asked_at"), False))


class Response(Table):
    """Answers handed in together. `sealed`: of an anonymous survey, without invitation, contact, partner and time; its
    `day` is that of the wave."""

    survey = ForeignKeyField(Survey, backref="responses", on_delete="CASCADE")
    wave = ForeignKeyField(Wave, on_delete="CASCADE")
    version = IntegerField()
    language = CharField(12, default="en")
    invitation = ForeignKeyField(Invitation, null=True, unique=True, on_delete="SET NULL")
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL", index=False)
    partner = ForeignKeyField(Partner, null=True, on_delete="SET NULL", index=False)
    day = DateField()
    submitted_at = Moment(null=True)
    sealed = BooleanField(default=False)


class Answer(Table):
    """One thing that was answered: a question, a row of a matrix, a chosen box, a place of a ranking. `choice` is the code
    of what was chosen, `text` what it said then, or what was written; `number` what is counted with: points, stars, the
    place of a choice on its scale, the place in a ranking. What follows repeats the response's, so that figures need no join."""

    response = ForeignKeyField(Response, backref="answers", on_delete="CASCADE")
    question = ForeignKeyField(SurveyQuestion, on_delete="CASCADE", index=False)
    choice = CharField(60, default="")
    number = Exact(null=True)
    text = TextField(default="")
    tags = JSONField(default=list)
    survey = ForeignKeyField(Survey, on_delete="CASCADE", index=False)
    wave = ForeignKeyField(Wave, on_delete="CASCADE", index=False)
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL", index=False)
    partner = ForeignKeyField(Partner, null=True, on_delete="SET NULL", index=False)
    day = DateField()
    sealed = BooleanField(default=False)

    class Meta:
        indexes = ((("survey", "question", "wave", "choice", "number"), False), (("partner", "day"), False), (("question", "day"), False))


class Ballot(Table):
    """What was handed in to an anonymous survey and is not mixed with others yet."""

    id = BigIntegerField(primary_key=True, default=lambda: randbits(62) + 1)
    wave = ForeignKeyField(Wave, backref="ballots", on_delete="CASCADE")
    version = IntegerField()
    language = CharField(12, default="en")
    answers = JSONField(default=dict)


class SurveyAction(Table):
    """You said, we did: what a result leads to, who sees to it and until when. Done, everybody who was asked hears of it, once."""

    survey = ForeignKeyField(Survey, backref="actions", on_delete="CASCADE")
    said = TextField()
    did = TextField(default="")
    owner = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    due_on = DateField(null=True)
    done_at = Moment(null=True)
    told = IntegerField(default=0)
    created_at = created()
