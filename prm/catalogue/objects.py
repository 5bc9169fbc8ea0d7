"""The catalogue: an explicit list of objects and their fields. Custom fields join it as ordinary ones."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace

from peewee import JOIN, Case, fn

from prm.catalogue.fields import Audience, Catalogue, Field, Object, Option
from prm.catalogue.kinds import KINDS
from prm.catalogue.rollups import rolled_up
from prm.catalogue.uniqueness import index_name
from prm.core.db import SCALE
from prm.core.prepared import Prepared
from prm.models import (
    Activity, Answer, BusinessRole, Contact, CustomField, CustomObject, Deal, Kpi, KpiResult, Partner, Person, Role, Scorecard, Stage, Survey, SurveyQuestion, Tier,
    Wave, records_of,
)  # fmt: skip
from prm.models.deal import OUTCOMES, REGISTRATIONS
from prm.models.kpi import STATUSES as KPI_STATUSES
from prm.models.partner import STATUSES
from prm.models.survey import QUESTION_KINDS
from prm.models.survey import STATES as SURVEY_STATES

STAFF, PARTNER, EDIT = Audience.STAFF, Audience.PARTNER, Audience.PARTNER_EDIT


def _fixed(choices: dict[str, str]):
    return lambda: [Option(value, label) for value, label in choices.items()]


def _listed(table):
    rows = Prepared(lambda: table.select().order_by(table.position, table.id), table)
    return lambda: [Option(row.id, row.name) for row in rows.all()]


def _names(table):
    rows = Prepared(lambda: table.select().order_by(table.position, table.id), table)
    return lambda: [Option(row.name, row.name) for row in rows.all()]


def _of(name: str, key: str | None = None, label: str = "", kind: str = "text", **more) -> Field:
    """A field that is a column of the table, written through the attribute of the same name."""
    more.setdefault("attribute", name)
    column = KINDS[kind].column
    return Field(
        key or name, label or name.replace("_", " ").capitalize(), kind, lambda t: column(getattr(t, name)), **more
    )


def _read(name: str, label: str, kind: str, **more) -> Field:
    """A column that nobody writes by hand."""
    return _of(name, label=label, kind=kind, attribute="", **more)


PARTNER_OBJECT = Object(
    "partner", "Partner", "Partners", Partner,
    icon="handshake",
    title=lambda t: t.name,
    date_fields=("since", "created_at"),
    fields=(
        _of("number", label="Partner no", audience=PARTNER, required=True, max_length=60,
            also=("partner number", "account number", "account no", "number", "no", "id", "key", "reseller key", "partner id")),
        _of("name", audience=PARTNER, required=True, also=("partner", "partner name", "company", "account", "account name", "reseller")),
        _of("status", kind="choice", audience=PARTNER, options=_fixed(STATUSES), required=True, default="active"),
        _of("type", audience=PARTNER, suggest=True, max_length=80, also=("partner type", "business type")),
        _of("tier", kind="choice", audience=PARTNER, options=_listed(Tier), also=("level", "partner tier")),
        _of("territory", audience=PARTNER, suggest=True, max_length=80, also=("region", "area")),
        _of("manager", kind="link", link="person", audience=PARTNER, also=("channel manager", "account manager", "partner manager", "owner")),
        _of("parent", label="Parent partner", kind="link", link="partner", also=("parent", "parent account")),
        _of("website", kind="url", audience=PARTNER, max_length=400, also=("url", "web", "homepage")),
        _of("since", label="Partner since", kind="date", audience=PARTNER, also=("start date", "joined", "member since")),
        _of("notes", kind="long_text", help="Staff only: partners never see this."),
        _read("created_at", "Added", "datetime"),
        _read("updated_at", "Changed", "datetime"),
    ),
)  # fmt: skip

CONTACT_OBJECT = Object(
    "contact", "Contact", "Contacts", Contact,
    icon="users",
    title=lambda t: fn.COALESCE(fn.NULLIF(t.name, ""), t.email, t.number),
    partner="partner",
    date_fields=("created_at",),
    fields=(
        _of("number", label="Contact no", audience=PARTNER, max_length=60, help="Left empty, one is made.",
            also=("contact number", "contact id", "number", "no", "id", "key")),
        _of("name", audience=EDIT, also=("contact", "contact name", "full name", "first name", "last name", "given name", "surname", "family name")),
        _of("partner", kind="link", link="partner", audience=PARTNER, required=True,
            also=("partner no", "partner number", "partner name", "company", "account", "account no")),
        _of("email", label="E-mail", kind="email", audience=EDIT, also=("email", "mail", "e-mail address", "email address")),
        _of("phone", audience=EDIT, max_length=60, also=("telephone", "tel", "phone number", "mobile")),
        _of("roles", kind="choices", audience=EDIT, options=_names(BusinessRole), also=("role", "business role", "job", "job title", "function")),
        _of("primary", label="Primary contact", kind="bool", audience=PARTNER, default=False, also=("main contact", "is primary")),
        _read("no_surveys_at", "Refuses surveys since", "datetime"),
        _read("created_at", "Added", "datetime"),
    ),
    key_field="number",
)  # fmt: skip

DEAL_OBJECT = Object(
    "deal", "Deal", "Deals", Deal,
    icon="briefcase",
    title=lambda t: fn.COALESCE(fn.NULLIF(t.title, ""), t.number),
    partner="partner",
    date_fields=("closed_on", "created_on", "expected_close"),
    fields=(
        _of("number", label="Deal no", audience=PARTNER, max_length=60, help="Left empty, one is made.",
            also=("deal number", "order no", "order number", "opportunity id", "invoice no", "number", "no", "id", "key", "reference")),
        _of("title", audience=EDIT, also=("deal", "deal name", "name", "opportunity", "opportunity name", "subject")),
        _of("partner", kind="link", link="partner", audience=PARTNER, required=True,
            also=("partner no", "partner number", "partner name", "reseller", "account", "account no", "sold by")),
        _of("customer", audience=EDIT, also=("end customer", "client", "customer name")),
        _of("owner", label="Owner contact", kind="link", link="contact", audience=EDIT, also=("owner", "contact", "contact email")),
        _of("stage", kind="choice", audience=PARTNER, options=_listed(Stage), required=True, also=("phase", "deal stage")),
        _read("outcome", "Outcome", "choice", audience=PARTNER, options=_fixed(OUTCOMES)),
        _of("amount", kind="money", audience=EDIT, total=lambda t: t.amount_base, currency=lambda t: t.currency,
            also=("value", "revenue", "total", "deal value", "order amount", "sales amount")),
        _of("currency", audience=EDIT, suggest=True, max_length=3, also=("currency code",)),
        _of("created_on", label="Created on", kind="date", audience=PARTNER, also=("created", "registered on", "create date", "open date")),
        _of("closed_on", label="Closed on", kind="date", audience=PARTNER,
            also=("closed", "close date", "order date", "invoice date", "won on", "date")),
        _of("expected_close", label="Expected close", kind="date", audience=EDIT, also=("expected close date", "expected", "forecast date")),
        _of("source", audience=PARTNER, suggest=True, max_length=80, also=("lead source",)),
        _of("registration", label="Registration status", kind="choice", audience=PARTNER, options=_fixed(REGISTRATIONS)),
        _of("notes", kind="long_text", help="Staff only: partners never see this."),
        _read("created_at", "Added", "datetime"),
        _read("updated_at", "Changed", "datetime"),
    ),
)  # fmt: skip

PERSON_OBJECT = Object(
    "person", "Person", "People", Person,
    title=lambda t: fn.COALESCE(fn.NULLIF(t.name, ""), t.email),
    key_field="email",
    date_fields=("created_at",),
    fields=(
        _read("name", "Name", "text", audience=PARTNER),
        _read("email", "E-mail", "email", audience=PARTNER),
        _read("role", "Access role", "choice", options=_fixed({r.value: r.label for r in Role})),
        _read("partner", "Partner", "link", link="partner"),
        _read("last_seen_at", "Last seen", "datetime"),
        _read("created_at", "Added", "datetime"),
    ),
)  # fmt: skip

KPI_OBJECT = Object(
    "kpi", "KPI", "KPIs", Kpi,
    title=lambda t: t.name,
    key_field="name",
    audience=STAFF,
    fields=(
        _read("name", "Name", "text", audience=PARTNER),
        _read("description", "Description", "long_text", audience=PARTNER, help="Printed on scorecards: partners read it."),
        _read("owner", "Owner", "link", link="person"),
        _read("state", "State", "choice", options=_fixed({"draft": "Draft", "active": "Active", "retired": "Retired"})),
    ),
)  # fmt: skip

RESULT_OBJECT = Object(
    "kpi_result", "KPI result", "KPI results", KpiResult,
    title=lambda t: t.period,
    key_field="",
    partner="partner",
    date_fields=("starts_on",),
    audience=STAFF,
    fields=(
        _read("kpi", "KPI", "link", link="kpi"),
        _read("partner", "Partner", "link", link="partner"),
        _read("period", "Period", "text"),
        _read("starts_on", "Period start", "date"),
        _read("value", "Value", "number"),
        _read("target", "Target", "number"),
        _read("attainment", "Attainment", "percent"),
        _read("status", "Status", "choice", options=_fixed(KPI_STATUSES)),
        _read("rows", "Rows behind it", "number"),
        _read("computed_at", "Computed", "datetime"),
    ),
)  # fmt: skip

SCORECARD_OBJECT = Object(
    "scorecard", "Scorecard", "Scorecards", Scorecard,
    title=lambda t: t.period,
    key_field="",
    partner="partner",
    date_fields=("starts_on",),
    fields=(
        _read("partner", "Partner", "link", link="partner", audience=PARTNER),
        _read("period", "Period", "text", audience=PARTNER),
        _read("starts_on", "Period start", "date", audience=PARTNER),
        _read("state", "State", "choice", options=_fixed({"draft": "Draft", "published": "Published"}), audience=PARTNER),
        _read("score", "Score", "number", audience=PARTNER),
        _read("grade", "Grade", "text", audience=PARTNER),
        _read("rank", "Rank", "number", audience=PARTNER),
        _read("note", "Note", "long_text", audience=PARTNER),
        _read("published_at", "Published", "datetime", audience=PARTNER),
    ),
)  # fmt: skip

ACTIVITY_OBJECT = Object(
    "activity", "Activity", "Activities", Activity,
    title=lambda t: t.verb,
    key_field="",
    partner="partner",
    date_fields=("at",),
    fields=(
        _read("verb", "What", "text", audience=PARTNER),
        _read("actor", "Who", "link", link="person", audience=PARTNER),
        _read("partner", "Partner", "link", link="partner", audience=PARTNER),
        _read("at", "When", "datetime", audience=PARTNER),
    ),
)  # fmt: skip

SURVEY_OBJECT = Object(
    "survey", "Survey", "Surveys", Survey,
    title=lambda t: t.title,
    key_field="title",
    audience=STAFF,
    fields=(
        _read("title", "Title", "text"),
        _read("state", "State", "choice", options=_fixed(SURVEY_STATES)),
        _read("anonymous", "Anonymous", "bool"),
        _read("owner", "Owner", "link", link="person"),
        _read("created_at", "Added", "datetime"),
    ),
)  # fmt: skip

SURVEY_QUESTION_OBJECT = Object(
    "survey_question", "Survey question", "Survey questions", SurveyQuestion,
    title=lambda t: t.wording,
    key_field="code",
    audience=STAFF,
    fields=(
        _read("wording", "Wording", "text"),
        _read("code", "Code", "text"),
        _read("row", "Row", "text"),
        _read("kind", "Kind", "choice", options=_fixed(QUESTION_KINDS)),
        _read("survey", "Survey", "link", link="survey"),
        _read("position", "Place", "number"),
    ),
)  # fmt: skip

WAVE_OBJECT = Object(
    "survey_wave", "Survey wave", "Survey waves", Wave,
    title=lambda t: t.label,
    key_field="label",
    audience=STAFF,
    fields=(
        _read("label", "Label", "text"),
        _read("number", "Number", "number"),
        _read("survey", "Survey", "link", link="survey"),
        _read("sent_at", "Sent", "datetime"),
    ),
)  # fmt: skip


def _nps(t):
    """100 for a promoter, 0 for a passive, −100 for a detractor: the mean of it is the Net Promoter Score."""
    points = Case(None, [(t.number >= 9, 100), (t.number >= 7, 0)], -100)
    asked = t.question.in_(SurveyQuestion.select(SurveyQuestion.id).where(SurveyQuestion.kind == "nps"))
    return Case(None, [(asked & t.number.is_null(False), points * SCALE)])


ANSWER_OBJECT = Object(
    "survey_answer", "Survey answer", "Survey answers", Answer,
    title=lambda t: t.text,
    key_field="",
    partner="partner",
    date_fields=("day",),
    audience=STAFF,
    fields=(
        _read("question", "Question", "link", link="survey_question"),
        _read("text", "Answer", "long_text"),
        _read("number", "Points", "number", help="Stars, points, the place of a choice on its scale: means are made of it."),
        Field("nps", "NPS", "number", _nps, help="100 promoter, 0 passive, −100 detractor: its mean is the Net Promoter Score."),
        _read("survey", "Survey", "link", link="survey"),
        _read("wave", "Wave", "link", link="survey_wave"),
        _read("partner", "Partner", "link", link="partner"),
        _read("contact", "Contact", "link", link="contact"),
        _read("day", "Answered on", "date"),
    ),
)  # fmt: skip

OBJECTS = (
    PARTNER_OBJECT, CONTACT_OBJECT, DEAL_OBJECT, PERSON_OBJECT, KPI_OBJECT, RESULT_OBJECT, SCORECARD_OBJECT, ACTIVITY_OBJECT,
    ANSWER_OBJECT, SURVEY_OBJECT, SURVEY_QUESTION_OBJECT, WAVE_OBJECT,
)  # fmt: skip
BUILT_IN = {obj.key: obj for obj in OBJECTS}
Added = tuple[list[CustomField], list[CustomObject]]
_held: ContextVar[list[Added] | None] = ContextVar("what was added to the catalogue", default=None)
_ADDED = Prepared(
    lambda: CustomObject.select(CustomObject, CustomField)
    .join(CustomField, JOIN.FULL_OUTER, on=CustomField.object == CustomObject.key)
    .order_by(CustomObject.position, CustomObject.id, CustomField.position, CustomField.id),
    CustomObject, CustomField,
)  # fmt: skip


def hold_fields():
    """From now on what was added is read once: for a request that only looks. Gives what `release` takes."""
    return _held.set([])


def release_fields(token) -> None:
    _held.reset(token)


def _added() -> Added:
    held = _held.get()
    if held is None:
        return _look()
    if not held:
        held.append(_look())
    return held[0]


def _look() -> Added:
    """Fields and objects in one query, as every page asks it: those that are neither retired nor deleted."""
    fields, made = [], dict[int, CustomObject]()
    for obj, field in _ADDED.all():
        if obj.id is not None and obj.deleted_at is None:
            made[obj.id] = obj
        if field.id is not None and field.retired_at is None and field.deleted_at is None:
            fields.append(field)
    return fields, list(made.values())


def objects() -> dict[str, Object]:
    """Every object by its key, without the fields that were added: where a link leads to, whoever asks."""
    return BUILT_IN | {row.key: custom_object(row) for row in _added()[1]}


def object_of(key: str) -> Object | None:
    """One object without the fields that were added, a deleted one too."""
    row = None if key in BUILT_IN else CustomObject.get_or_none(CustomObject.key == key)
    return custom_object(row) if row else BUILT_IN.get(key)


def catalogue(viewer) -> Catalogue:
    """Every object with its custom fields, as this viewer may know it. One query, or none while they are held."""
    rows, made = _added()
    found: dict[str, Object] = {}
    known = Catalogue(found)
    added: dict[str, list[Field]] = {}
    for row in rows:
        added.setdefault(row.object, []).append(rolled_up(row, viewer, known) if row.kind == "rollup" else custom(row))
    every = (*OBJECTS, *map(custom_object, made))
    living = {obj.key for obj in every}
    known_here = {obj.key for obj in every if viewer.is_staff or obj.audience}
    for obj in every:
        if obj.key in known_here:
            whole = _with(obj, _reachable(added.get(obj.key), living))
            found[obj.key] = _cut(whole.for_viewer(viewer), known_here)
    return known


def _reachable(fields: list[Field] | None, objects: set[str]) -> list[Field]:
    """Without links to what is not there (any more)."""
    return [f for f in fields or () if not f.link or f.link in objects]


def _cut(obj: Object, objects: set[str]) -> Object:
    """A viewer who may not know an object has no link to it either."""
    if obj.whole is None:
        return obj
    return replace(obj, fields=tuple(f for f in obj.fields if not (f.custom and f.link) or f.link in objects))


def _with(obj: Object, fields: list[Field] | None) -> Object:
    if not fields:
        return obj
    dates = tuple(f.key for f in fields if f.kind_key == "date") if obj.custom else ()
    return replace(obj, fields=(*obj.fields, *fields), date_fields=(*dates, *obj.date_fields))


def custom_object(row: CustomObject) -> Object:
    """An ordinary object from a row of `custom_object`: a number, a name and a partner, to which its own fields come."""
    return Object(
        row.key, row.label, row.plural, records_of(row.id),
        title=_title_of_record,
        partner="partner",
        date_fields=("created_at",),
        audience=Audience[row.audience.upper()],
        icon=row.icon, custom=True, help=row.help,
        fields=_RECORD_FIELDS,
    )  # fmt: skip


def _title_of_record(t):
    return fn.COALESCE(fn.NULLIF(t.name, ""), t.number)


_RECORD_FIELDS = (
    _of("number", label="Number", audience=PARTNER, max_length=60, help="Left empty, one is made.", also=("no", "id", "key")),
    _of("name", audience=PARTNER, required=True, also=("title",)),
    _of("partner", kind="link", link="partner", audience=PARTNER, required=True,
        also=("partner no", "partner number", "partner name", "company", "account", "account no", "reseller")),
    _read("created_at", "Added", "datetime"),
    _read("updated_at", "Changed", "datetime"),
)  # fmt: skip


def custom(row: CustomField) -> Field:
    """An ordinary field from a row of `custom_field`."""
    kind = KINDS[row.kind]
    choices = [Option(*choice) for choice in row.choices or []]
    return Field(
        row.key, row.label, row.kind,
        lambda t: kind.path(t.custom, row.key),
        audience=Audience[row.audience.upper()],
        link=row.link,
        options=(lambda: choices) if choices else None,
        custom=True, required=row.required, default=row.default, help=row.help, formula=row.formula,
        unique=index_name(row) if row.unique else "", valid=row.valid, valid_message=row.valid_message, section=row.section,
    )  # fmt: skip
