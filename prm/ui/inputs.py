"""Which HTML a form field becomes, and the attributes that tie it to its hint and its error."""
from __future__ import annotations

from typing import Any

from flask import Flask
from wtforms import Field, RadioField
from wtforms.widgets import CheckboxInput, FileInput, HiddenInput, Select, TextArea


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(input_kind=input_kind, input_attributes=input_attributes)


def input_kind(field: Field) -> str:
    """hidden, check, boxes (several of), options (one of, all shown), select, textarea, file or input."""
    widget = field.widget
    if isinstance(field, RadioField):
        return "options"
    if isinstance(widget, Select):
        return "boxes" if widget.multiple else "select"
    kinds = {HiddenInput: "hidden", CheckboxInput: "check", FileInput: "file", TextArea: "textarea"}
    return next((kind for of, kind in kinds.items() if isinstance(widget, of)), "input")


def input_attributes(field: Field, hint: str, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, and for a screen reader: the error or hint that describes the input, and whether it is wrong."""
    attributes = dict(given)
    if field.errors or hint:
        attributes["aria-describedby"] = f"{field.id}-note"
    if field.errors:
        attributes["aria-invalid"] = "true"
    if suggestions(field):
        attributes["list"] = f"{field.id}-list"
    return attributes


def suggestions(field: Field) -> list:
    """Values offered for a text that may also be another one."""
    return getattr(field, "suggestions", [])
