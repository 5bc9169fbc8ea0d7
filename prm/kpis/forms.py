"""The form of a KPI: what it is called, what it asks in up to three figures and a formula, and how it is judged."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.kinds import KINDS
from prm.catalogue.question import Question
from prm.core.errors import Invalid
from prm.core.formats import percent
from prm.core.periods import Period
from prm.kpis import services
from prm.kpis.definitions import VALUE
from prm.models import Kpi, KpiVersion, Organisation, Person
from prm.ui.forms import Form

KEYS = ("a", "b", "c")
CONDITIONS = 4
UNITS = {"number": "Number", "money": "Money", "percent": "Percent"}
LENGTHS = {"month": "Month", "quarter": "Quarter", "year": "Fiscal year"}
CADENCES = {"quarter": "Every quarter", "half": "Twice a year", "year": "Once a year"}
SOURCES = {"question": "Worked out from records", "entered": "Typed in, period by period"}
MONTHS = "different months"
FUNCTIONS = {
    "count": "Number of records", "sum": "Total of", "mean": "Mean of", "median": "Median of", "min": "Lowest",
    "max": "Highest", "count distinct": "Number of different", MONTHS: "Number of months with",
}  # fmt: skip
OPERATORS = (
    "is", "is not", "contains", "does not contain", "starts with", "is empty", "is not empty", "above", "at least", "below",
    "at most", "in", "before", "after",
)  # fmt: skip


def _pick(label: str, choices: dict[str, str], **more) -> SelectField:
    return SelectField(label, choices=[SelectChoice(*each) for each in choices.items()], **more)


def _lines() -> dict[str, Any]:
    """The inputs of three figures and four conditions."""
    made: dict[str, Any] = {}
    for key in KEYS:
        made[f"fn_{key}"] = SelectField(f"Figure {key}")
        made[f"of_{key}"] = SelectField(f"Field of figure {key}")
    for at in range(1, CONDITIONS + 1):
        made[f"field_{at}"] = SelectField(f"Field of condition {at}")
        made[f"op_{at}"] = _pick(f"Comparison of condition {at}", {o: o for o in OPERATORS})
        made[f"value_{at}"] = StringField(f"Value of condition {at}", render_kw={"maxlength": 200, "autocomplete": "off"})
    return made


class KpiForm(Form):
    name = StringField("Name", [InputRequired("A name is needed."), Length(max=120)], render_kw={"maxlength": 120})
    description = TextAreaField("What it says", [Length(max=2000)], description="Partners read this on their scorecard.")
    owner = SelectField("Owner")
    cadence = _pick("Reviewed", CADENCES, default="year")
    source = _pick("Values are", SOURCES)
    object = SelectField("Records")
    date_field = SelectField("Dated by", description="A record counts in the period of this date.")
    formula = StringField(
        "Formula", [Length(max=400)], description="Of the figures above, such as (a − b) / a. Left empty, it is a.",
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    unit = _pick("Shown as", UNITS)
    direction = _pick("Better is", {"higher": "more", "lower": "less"})
    period_length = _pick("Period", LENGTHS, default="quarter")
    weight = StringField("Weight", default="1", description="How much it counts in the score.")
    green = StringField("On target from", default="100%", description="Attainment of the target.")
    amber = StringField("Close from", default="80%", description="Below it is behind.")
    start = SelectField("The new definition is valid from", description="Earlier periods keep the one they were judged by.")

    kpi: Kpi | None = None

    def values(self) -> dict[str, Any]:
        formats = formats_of(Organisation.current()).typed
        return {
            "name": " ".join(self.name.data.split()),
            "description": (self.description.data or "").strip(),
            "owner": int(self.owner.data) if self.owner.data else None,
            "cadence": self.cadence.data,
            "source": self.source.data,
            "question": self.question() if self.source.data == "question" else {},
            "date_field": self.date_field.data if self.source.data == "question" else "",
            "unit": self.unit.data,
            "direction": self.direction.data,
            "period_length": self.period_length.data,
            **{key: _number(self, key, kind, formats) for key, kind in FIGURES.items()},
        }

    def question(self) -> dict[str, Any]:
        """What the inputs say as a question; Invalid names the input where it cannot be one."""
        measures = [m for key in KEYS if (m := self._measure(key))]
        if not measures:
            raise Invalid("Choose a figure.", field="fn_a")
        formula = (self.formula.data or "").strip()
        if formula in ("", measures[0]["key"]) and len(measures) == 1:
            measures = [measures[0] | {"key": VALUE}]
        else:
            measures.append({"key": VALUE, "formula": formula or measures[0]["key"]})
        data = {"object": self.object.data, "filters": self._conditions(), "measures": measures}
        try:
            Question.parse(data)
        except Invalid as refusal:
            raise Invalid(refusal.message, field="formula") from None
        return data

    def _measure(self, key: str) -> dict[str, Any] | None:
        function, path = self[f"fn_{key}"].data, self[f"of_{key}"].data
        if not function:
            return None
        if function == "count":
            return {"key": key, "fn": "count"}
        if not path:
            raise Invalid("Which field?", field=f"of_{key}")
        if function == MONTHS:
            return {"key": key, "fn": "count distinct", "field": path, "by": "month"}
        return {"key": key, "fn": function, "field": path}

    def _conditions(self) -> list[dict[str, Any]]:
        lines = [(self[f"field_{at}"].data, self[f"op_{at}"].data, self[f"value_{at}"].data) for at in range(1, CONDITIONS + 1)]
        return [
            {"field": field, "op": op} | ({} if op.endswith("empty") else {"value": value}) for field, op, value in lines if field
        ]


LinedForm = type("LinedForm", (KpiForm,), _lines())
FIGURES = {"weight": "number", "green": "percent", "amber": "percent"}


def _number(form: KpiForm, key: str, kind: str, formats):
    try:
        value = KINDS[kind].parse(form[key].data, formats)
    except Invalid as refusal:
        raise Invalid(refusal.message, field=key) from None
    if value is None:
        raise Invalid("A number is needed.", field=key)
    return value


def kpi_form(viewer, known: Catalogue, kpi: Kpi | None = None) -> KpiForm:
    """The form as this viewer may fill it, with the newest definition in it."""
    form = LinedForm(data=_shown(kpi, services.newest(kpi)) if kpi else _fresh(known))
    form.kpi = kpi
    form.object.choices = [SelectChoice(o.key, o.plural) for o in countable(known)]
    obj = known[form.object.data] if form.object.data in known.objects else known["deal"]
    _offer_fields(form, known, obj)
    form.owner.choices = [SelectChoice("", "–"), *_staff(viewer)]
    if kpi is None or kpi.state == "draft":
        del form["start"]  # a definition that judges nothing yet has no earlier one
    else:
        periods = starts(form.period_length.data if form.period_length.data in LENGTHS else "quarter")
        form.start.choices = [SelectChoice(p.start.isoformat(), p.label) for p in periods]
    return form


def countable(known: Catalogue) -> list[Object]:
    """What belongs to a partner and has a date; figures that are results themselves would go in circles."""
    return [o for o in known.objects.values() if o.partner and o.date_fields and o.key not in ("kpi_result", "scorecard")]


def starts(length: str) -> list[Period]:
    """The current period and the next ones: where a change may begin."""
    first = services.current_period(length)
    return [first.shift(count) for count in range(5)]


def _offer_fields(form: KpiForm, known: Catalogue, obj: Object) -> None:
    own = [(f.key, f.label, f) for f in obj.fields]
    reached = [(f"partner.{f.key}", f"Partner: {f.label}", f) for f in known["partner"].fields if f.kind_key != "long_text"]
    none = SelectChoice("", "–")
    form.date_field.choices = [SelectChoice(key, label) for key, label, f in own if f.kind_key in ("date", "datetime")]
    for key in KEYS:
        form[f"fn_{key}"].choices = [none, *(SelectChoice(*each) for each in FUNCTIONS.items())]
        form[f"of_{key}"].choices = [none, *(SelectChoice(k, label) for k, label, f in own if f.kind_key != "long_text")]
    for at in range(1, CONDITIONS + 1):
        form[f"field_{at}"].choices = [none, *(SelectChoice(k, label) for k, label, _ in (*own, *reached))]


def _staff(viewer) -> list[SelectChoice]:
    found = rows.visible(Person, viewer).where(Person.partner.is_null() & Person.email.is_null(False)).order_by(Person.name)
    return [SelectChoice(str(person.id), person.display) for person in found]


def _fresh(known: Catalogue) -> dict[str, Any]:
    return {
        "source": "question", "object": "deal", "date_field": "closed_on", "fn_a": "sum", "of_a": "amount",
        "field_1": "outcome", "op_1": "is", "value_1": "won", "unit": "money",
        "period_length": Organisation.current().period_length,
    }  # fmt: skip


def _shown(kpi: Kpi, version: KpiVersion) -> dict[str, Any]:
    """The definition in force as it stands in the inputs."""
    here = Organisation.current()
    shown = {key: getattr(version, key) for key in ("source", "date_field", "unit", "direction", "period_length")}
    shown |= {"name": kpi.name, "description": kpi.description, "cadence": kpi.cadence}
    shown |= {"owner": str(kpi.owner_id or ""), "weight": KINDS["number"].typed(version.weight, formats_of(here).typed)}
    shown |= {key: percent(getattr(version, key), here.locale) for key in ("green", "amber")}
    return shown | (_question_shown(version.question) if version.source == "question" else {"object": "deal"})


def _question_shown(question: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"object": question["object"], "formula": ""}
    figures = [m for m in question["measures"] if not m.get("formula")]
    formula = next((m["formula"] for m in question["measures"] if m.get("formula")), "")
    for key, measure in zip(KEYS, figures, strict=False):
        shown[f"fn_{key}"] = MONTHS if measure.get("by") == "month" else measure.get("fn", "count")
        shown[f"of_{key}"] = measure.get("field", "")
    shown["formula"] = formula
    for at, condition in enumerate(question.get("filters", ())[:CONDITIONS], 1):
        value = condition.get("value", "")
        shown |= {
            f"field_{at}": condition.get("field", ""), f"op_{at}": condition.get("op", "is"),
            f"value_{at}": ", ".join(map(str, value)) if isinstance(value, list) else str(value),
        }  # fmt: skip
    return shown


def representable(question: dict[str, Any]) -> bool:
    """Whether the inputs can hold this definition; one made elsewhere may have more to it."""
    figures = [m for m in question.get("measures", ()) if not m.get("formula")]
    filters = question.get("filters", ())
    plain = all(f.get("field") and not isinstance(f.get("value"), list) and f.get("op", "is") in OPERATORS for f in filters)
    keys = [m["key"] for m in figures]
    named = keys == list(KEYS[: len(keys)]) or len(figures) == 1
    return plain and named and len(figures) <= len(KEYS) and len(filters) <= CONDITIONS and not question.get("logic")


class TargetForm(Form):
    """`scope` is everyone, tier-3, or partner; then `partner` is typed by name or number."""

    scope = SelectField("For")
    partner = StringField("Partner", description="Only for the target of one partner.", render_kw={"autocomplete": "off"})
    start = SelectField("Valid from")
    value = StringField("Target", description="Left empty, the target ends there.", render_kw={"autocomplete": "off"})


class EntryForm(Form):
    """Values of one period, a partner a line."""

    period = SelectField("Period")
    lines = TextAreaField(
        "Values", [InputRequired("Write a partner and a value on each line.")],
        description="A partner's number or name, then its value: P00012; 4.5. Lines copied from a spreadsheet fit too.",
    )  # fmt: skip
