"""The forms of fields and objects. Of a field only the inputs that its kind has exist."""
from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms import Form as Part
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from prm.catalogue import operators
from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.rollups import FUNCTIONS
from prm.catalogue.source import named
from prm.customize.definitions import AUDIENCES, COLOURS, default_text
from prm.customize.kinds import ROLLUP, Choosable
from prm.customize.services import ICONS
from prm.models import CustomField, CustomObject
from prm.ui.forms import Form, pairs

SPARE = 3  # empty lines for further choices
QUIET = {"autocomplete": "off"}


class ObjectDefinitionForm(Form):
    label = StringField("Name of one", [InputRequired("A name is needed."), Length(max=60)], description="Such as Certification.", render_kw=QUIET)
    plural = StringField("Name of several", [InputRequired("A name is needed."), Length(max=60)], description="Such as Certifications.", render_kw=QUIET)
    help = StringField("What it is for", [Length(max=400)], description="Stands above its list.", render_kw=QUIET)
    audience = SelectField("Who sees it", choices=pairs({"partner": "Staff, and each partner its own", "staff": "Staff only"}))
    icon = SelectField("Icon", choices=[SelectChoice(icon, icon.replace("-", " ").capitalize()) for icon in ICONS])

    @classmethod
    def of(cls, row: CustomObject | None) -> ObjectDefinitionForm:
        return cls(data={key: getattr(row, key) for key in ("label", "plural", "help", "audience", "icon")} if row else None)


class ChoiceLine(Part):
    value = HiddenField()
    label = StringField("Choice", render_kw=QUIET | {"maxlength": 60})
    colour = SelectField("Colour", choices=pairs(COLOURS), validate_choice=False)
    place = StringField("Place", render_kw=QUIET | {"inputmode": "numeric", "maxlength": 3})
    retired = BooleanField("Retired")


class FieldForm(Form):
    label = StringField("Name", [InputRequired("A name is needed."), Length(max=120)], render_kw=QUIET)
    help = StringField("Help", [Length(max=400)], description="Stands under its input.", render_kw=QUIET)
    section = StringField("Heading", [Length(max=60)], description="On forms and pages it stands under this heading.", render_kw=QUIET)
    audience = SelectField("Who may know it", choices=pairs(AUDIENCES), description="Holds in lists, filters, reports, files, PDFs and the API.")
    link = SelectField("Links to")
    choices = FieldList(FormField(ChoiceLine), "Choices")
    formula = TextAreaField("Formula", [Length(max=2000)], render_kw={"rows": 3, "spellcheck": "false"})
    rollup_fn = SelectField("Work out", choices=pairs(FUNCTIONS))
    rollup_of = SelectField("Of these records")
    rollup_field = SelectField("Made of", description="For a sum, mean, least or largest.")
    filter_field = SelectField("Only those where")
    filter_op = SelectField("Condition")
    filter_value = StringField("Value", [Length(max=200)], render_kw=QUIET)
    default = StringField("Default", [Length(max=400)], description="What a new record has.", render_kw=QUIET)
    required = BooleanField("Required", description="Forms and imports refuse a record without it.")
    unique = BooleanField("Unique", description="No two records may have the same value.")
    valid = StringField("Rule", [Length(max=2000)], description="A formula that must come to yes, such as price > 100. What is empty is never wrong.",
                        render_kw=QUIET | {"spellcheck": "false"})  # fmt: skip
    valid_message = StringField("What is said where it does not hold", [Length(max=200)], render_kw=QUIET)

    kind: Choosable

    def values(self) -> dict[str, Any]:
        """For services: a roll-up as one value, choices as they were typed."""
        given = {name: value for name, value in super().values().items() if not name.startswith(("rollup_", "filter_")) and name != "choices"}
        if self.kind.has_choices:
            given["choices"] = [line.data | {"place": _place(line.data["place"], at), "label": line.data["label"] or "", "colour": line.data["colour"] or ""} for at, line in enumerate(self.choices)]
        if self.kind.key == ROLLUP:
            given["rollup"] = self._rollup()
        return given

    def _rollup(self) -> dict[str, Any]:
        object, _, link = (self.rollup_of.data or "").partition(":")
        spec = {"fn": self.rollup_fn.data, "object": object, "link": link}
        if spec["fn"] != "count":
            of, _, field = (self.rollup_field.data or "").partition(":")
            spec["field"] = field if of == object else ""
        of, _, field = (self.filter_field.data or "").partition(":")
        if field:
            spec["filters"] = [{"field": field if of == object else "", "op": self.filter_op.data, "value": self.filter_value.data or ""}]
        return spec


def _place(given: str | int | None, at: int) -> float:
    """Where a line goes: who types 2 means before what is second now."""
    text = str(given or "").strip()
    place = int(text) if text.isascii() and text.isdigit() else at + 1
    return at + 1 if place == at + 1 else place - 0.5 if place < at + 1 else place + 0.5


def field_form(known: Catalogue, obj: Object, kind: Choosable, row: CustomField | None, lines: int = 0) -> FieldForm:
    """`lines`: how many lines of choices there are, where more were asked for."""
    form = FieldForm(data=_shown(row, kind, lines))
    form.kind = kind
    if form.is_submitted() and kind.has_choices and len(form.choices) == 0:
        form.choices.append_entry()
    for name in _without(kind):
        del form[name]
    if "link" in form:
        form.link.choices = [SelectChoice("", "Choose…"), *(SelectChoice(key, o.label) for key, o in known.objects.items() if o.extensible or key == "person")]
        if row is not None:
            del form["link"]  # other records would be meant
    if kind.key == ROLLUP:
        _offer_rollup(form, known, obj)
    return form


def _without(kind: Choosable) -> list[str]:
    """The inputs that a field of this kind does not have."""
    gone = []
    if kind.key != "link":
        gone.append("link")
    if not kind.has_choices:
        gone.append("choices")
    if kind.key != "formula":
        gone.append("formula")
    if kind.key != ROLLUP:
        gone += ["rollup_fn", "rollup_of", "rollup_field", "filter_field", "filter_op", "filter_value"]
    if not kind.typed:
        gone += ["default", "required", "valid", "valid_message"]
    if not kind.can_be_unique:
        gone.append("unique")
    if kind.key in ("link", "long_text"):
        gone.append("default")
    return gone


def _shown(row: CustomField | None, kind: Choosable, lines: int) -> dict[str, Any]:
    data: dict[str, Any] = {"audience": "staff"}
    kept = []
    if row is not None:
        data = {name: getattr(row, name) for name in ("label", "help", "section", "audience", "link", "formula", "required", "unique", "valid", "valid_message")}
        data |= {"default": default_text(row)} | _rollup_shown(row.rollup or {})
        kept = [{"value": value, "label": label, "colour": more[0] if more else "", "retired": len(more) > 1 and more[1], "place": at}
                for at, (value, label, *more) in enumerate(row.choices or (), 1)]  # fmt: skip
    spare = max(lines - len(kept), SPARE)
    data["choices"] = kept + [{"place": len(kept) + at} for at in range(1, spare + 1)]
    return data


def _rollup_shown(spec: dict[str, Any]) -> dict[str, Any]:
    if not spec:
        return {}
    object = spec["object"]
    shown = {"rollup_fn": spec["fn"], "rollup_of": f"{object}:{spec['link']}", "rollup_field": f"{object}:{spec.get('field', '')}"}
    for each in spec.get("filters", ())[:1]:
        shown |= {"filter_field": f"{object}:{each['field']}", "filter_op": each["op"], "filter_value": str(each.get("value", ""))}
    return shown


def _offer_rollup(form: FieldForm, known: Catalogue, obj: Object) -> None:
    linking = [(o, f) for o in known.objects.values() for f in o.fields if f.link == obj.key and not f.worked_out]
    form.rollup_of.choices = [SelectChoice("", "Choose…")] + [
        SelectChoice(f"{o.key}:{f.key}", o.plural if f.key == o.partner or obj.key == f.key else f"{o.plural}, by {f.label.lower()}") for o, f in linking
    ]
    others = {o.key: o for o, _ in linking}.values()
    figures = [(o, f) for o in others for f in o.fields if not f.worked_out and (f.kind.summable or f.kind_key in ("date", "datetime"))]
    form.rollup_field.choices = [SelectChoice("", "–")] + [SelectChoice(f"{o.key}:{f.key}", named(f"{o.label} ", f.label)) for o, f in figures]
    filters = [(o, f) for o in others for f in o.fields if not f.worked_out]
    form.filter_field.choices = [SelectChoice("", "All of them")] + [SelectChoice(f"{o.key}:{f.key}", named(f"{o.label} ", f.label)) for o, f in filters]
    form.filter_op.choices = pairs({o.key: o.key for o in operators.OPERATORS if o.arity in (0, 1)})
