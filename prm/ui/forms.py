"""Forms: a base for handwritten ones, and forms built from the catalogue, so that a field nobody may write has no input.

`form.saved(service)` is the whole story of a POST: valid, not sent twice, accepted by the service; what the service
refuses becomes an error beside its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from secrets import token_urlsafe
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field as Input
from wtforms import FileField, HiddenField
from wtforms.fields import SelectChoice

from prm.access import rows
from prm.catalogue.answer import formats_of
from prm.catalogue.fields import Field, Object
from prm.catalogue.kinds import Formats
from prm.catalogue.links import Links
from prm.catalogue.objects import BUILT_IN, catalogue, objects
from prm.catalogue.records import stored
from prm.core.errors import Conflict, Invalid
from prm.core.ledger import once
from prm.models import Organisation, Person
from prm.ui.layouts import Sections, for_form
from prm.ui.parsed import INPUTS, Check, LinkInput, Pick, PickSeveral, TextInput, needed
from prm.ui.wording import Wording

VERSION = "seen-version"  # no key of a field has a dash
NUMBERED = "Left empty, one is made."


def pairs(labels: Mapping) -> list[SelectChoice]:
    """{value: label} as the choices of a select."""
    return [SelectChoice(value, label) for value, label in labels.items()]


class Form(FlaskForm):
    """A form whose answer is one call. `once_key` travels hidden, so that the same form sent twice makes one thing."""

    once_key = HiddenField(default=lambda: token_urlsafe(18))
    result: Any = None
    outcome: str = ""
    refusal: str = ""
    conflict: dict | None = None

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form, formdata):
            """What was sent as a form, never as JSON; a file only to an input for files: every other gets text."""
            if formdata is not _Auto or not form.is_submitted():
                return super().wrap_formdata(form, formdata)
            wanted = {field.name for field in form if isinstance(field, FileField)}
            files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in wanted)
            return CombinedMultiDict((files, request.form))

    def saved(self, service: Callable[..., Any], to: Callable[[Any], str] = lambda result: "") -> bool:
        """True when this is a valid POST that the service accepted (now, or the first time the form came). `to` gives
        the address to go to, kept as `outcome`; `result` is what the service returned, None for a repeated form."""
        if not self.validate_on_submit():
            return False
        try:
            self.outcome = once(f"form:{self['once_key'].data}" if self["once_key"].data else None, lambda: self._done(service, to))
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
        return {f.name: f.data for f in self if f.name not in ("csrf_token", "once_key")}

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


class ObjectForm(Form):
    """A form over one object of the catalogue. Its inputs are reached as form["status"], never as form.status: a
    field, also a custom one, may be called like something that a form does."""

    obj: Object
    viewer: Any
    row: Any = None
    fields: list[Field] = []
    sections: Sections = []

    def __setattr__(self, name, value):
        if not isinstance(value, Input):
            super().__setattr__(name, value)

    def saved(self, service, to=lambda result: "") -> bool:
        saved = super().saved(service, to)
        if self.conflict is not None:
            self._compare()
        return saved

    def values(self) -> dict[str, Any]:
        """Parsed values by key. A number that was emptied is kept, as a record always has one."""
        found = {f.key: self[f.key].parsed for f in self.fields}
        if self.row is not None and not found.get("number", "kept"):
            del found["number"]
        return found

    @property
    def seen_version(self) -> int | None:
        """The version the person saw, to notice that somebody else saved in between."""
        text = self[VERSION].data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None

    def _compare(self) -> None:
        """What somebody else stored in the meantime, beside what was typed here. Whoever has seen both may save again."""
        now = rows.get(type(self.row), self.viewer, self.row.id)
        said = Wording(self.viewer)
        self.conflict = {
            f.key: (said.of(f, stored(f, now), now), said.of(f, stored(f, self.row), self.row))
            for f in self.fields
            if stored(f, now) != stored(f, self.row)
        }
        self[VERSION].data = str(now.version)


def form_for(object: str, viewer, row=None, *, only: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> ObjectForm:
    """The form of an object for this viewer: only fields they may write exist in it. `fixed` ones are left to the view."""
    obj = catalogue(viewer)[object]
    fields = [f for f in obj.writable(viewer) if f.key not in fixed and (not only or f.key in only)]
    linked = _linked(fields, viewer, row)
    parts = for_form(obj, viewer, _in_order([f for f in fields if f.key not in linked or linked[f.key]]))
    fields = [f for _, held in parts for f in held]
    formats, links = formats_of(Organisation.current()).typed, Links(viewer)
    inputs = [(f.key, _input(f, formats, links, viewer, row, linked.get(f.key))) for f in fields]
    form_class = type("RecordForm", (ObjectForm,), {})
    # set as a whole, not as attributes of the class: see ObjectForm
    form_class._unbound_fields = [*inputs, (VERSION, HiddenField()), ("once_key", Form.once_key)]  # type: ignore[attr-defined]
    data = _given(fields, formats) if row is None else {f.key: _shown(f, row, formats, linked) for f in fields}
    form = form_class(data=data | {VERSION: str(row.version) if row is not None else ""})
    form.obj, form.viewer, form.row, form.fields, form.sections = obj, viewer, row, fields, parts
    for field in fields:
        if needed(field):
            form[field.key].flags.required = True
    return form


def _in_order(fields: list[Field]) -> list[Field]:
    """As in the catalogue; a number, which may stay empty, comes after the name."""
    return [*fields[1:2], *fields[:1], *fields[2:]] if fields and fields[0].key == "number" else fields


def _linked(fields: list[Field], viewer, row) -> dict[str, tuple[str, str] | None]:
    """Number and title of the records that typed links lead to; None where this viewer may not see the record: the
    field is then left out of the form, and so stays as it is."""
    found = {}
    for field in fields:
        id = stored(field, row) if row is not None and _typed_link(field) else None
        if id:
            obj = objects()[field.link]
            query = rows.visible(obj.table, viewer, obj.table.number, obj.title(obj.table))
            found[field.key] = query.where(obj.table.id == id).tuples().first()
    return found


def _typed_link(field: Field) -> bool:
    """Whether the record is typed, as a select of thousands helps nobody."""
    return bool(field.link) and (field.link not in BUILT_IN or BUILT_IN[field.link].extensible)


def _given(fields: list[Field], formats: Formats) -> dict[str, Any]:
    """A new record: its defaults, and what the address proposes (?partner=12)."""
    given = {f.key: _typed(f, f.default, formats) for f in fields if f.default is not None}
    given |= {f.key: f.options()[0].value for f in fields if _first_chosen(f)}
    given |= {f.key: formats.currency for f in fields if f.key == "currency"}
    return given | {f.key: request.args[f.key] for f in fields if request.args.get(f.key)}


def _first_chosen(field: Field) -> bool:
    """Whether a browser would send the first option without anybody choosing it."""
    return needed(field) and field.kind_key == "choice" and field.default is None and bool(field.options and field.options())


def _shown(field: Field, row, formats: Formats, linked: dict) -> Any:
    """A stored value as it stands in its input."""
    value = stored(field, row)
    if value in (None, ""):
        return ""
    if field.key in linked:
        return linked[field.key][0]
    return _typed(field, value, replace(formats, currency=row.currency) if field.currency else formats)


def _typed(field: Field, value: Any, formats: Formats) -> Any:
    """A stored value as a person would type it, so that a form saved unchanged changes nothing."""
    value = field.kind.load(value) if field.custom else value
    if field.kind_key in ("choices", "bool", "date") or field.link or field.options or isinstance(value, str):
        return value
    return field.kind.typed(value, formats)


def _input(field: Field, formats: Formats, links: Links, viewer, row, linked: tuple[str, str] | None):
    """The unbound input of a field, which reads its text with the field's kind."""
    cls = LinkInput if _typed_link(field) else Pick if field.link else INPUTS.get(field.kind.input, TextInput)
    facts = {"spec": field, "formats": formats, "links": links}
    more: dict[str, Any] = {}
    if cls is LinkInput:
        more = {"render_kw": {"autocomplete": "off"}}
    elif cls is Check:
        facts["unset"] = field.custom and row is not None and stored(field, row) is None
    elif cls in (Pick, PickSeveral):
        more = {"choices": _choices(field, viewer, row), "validate_choice": False}
    return type(cls.__name__, (cls,), facts)(field.label, description=_hint(field, row, linked), **more)


def _hint(field: Field, row, linked: tuple[str, str] | None) -> str:
    if linked:
        return linked[1]
    if field.key == "number":
        return NUMBERED if row is None else ""
    return field.help or {"contact": "Name, number or e-mail"}.get(field.link, "Name or number" if _typed_link(field) else "")


def _choices(field: Field, viewer, row) -> list[SelectChoice]:
    """What a select offers: retired options only where they are chosen. A first option without a value stands for nothing
    chosen, unless something must be."""
    kept = stored(field, row) if row is not None else None
    held = kept if isinstance(kept, list) else [kept]
    offered = [o for o in (field.options() if field.options else []) if not o.retired or o.value in held]
    pairs = _linkable(field, viewer) if field.link else [(str(o.value), o.label) for o in offered]
    if INPUTS.get(field.kind.input) is not PickSeveral and not needed(field) and not any(v == "" for v, _ in pairs):
        pairs = [("", "–"), *pairs]
    return [SelectChoice(value, label) for value, label in pairs]


def _linkable(field: Field, viewer) -> list[tuple[str, str]]:
    """The records a link may lead to: those the viewer may see, by title."""
    obj = objects()[field.link]
    title = obj.title(obj.table)
    found = rows.visible(obj.table, viewer, obj.table.id, title).order_by(title)
    if obj.table is Person:
        found = found.where(Person.partner.is_null())
    return [(str(id), name or "–") for id, name in found.tuples()]
