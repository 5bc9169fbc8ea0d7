"""Activity rows as sentences: who did what to which field, old and new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prm.access import rows
from prm.catalogue.fields import Field, Object
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.models import Activity, Person

MOST = 30


@dataclass(frozen=True)
class Story:
    who: str
    text: str
    at: datetime
    changes: list[tuple[str, str, str]]  # label, old, new
    subject: str
    subject_id: int | None
    title: str


def of_record(viewer, row, limit: int = MOST) -> list[Story]:
    """The history of one record, newest first."""
    found = rows.visible(Activity, viewer).where(
        (Activity.subject == row._meta.table_name) & (Activity.subject_id == row.id)
    )
    return stories(viewer, list(found.order_by(Activity.id.desc()).limit(limit)))


def stories(viewer, activities: list[Activity]) -> list[Story]:
    """Sentences of these rows; a field the viewer may not know is left out of them."""
    actors = {a.actor_id for a in activities if a.actor_id}
    names = {p.id: p.display for p in rows.visible(Person, viewer).where(Person.id.in_(actors or {0}))}
    known = catalogue(viewer)
    return [_story(a, names, known) for a in activities]


def _story(activity: Activity, names: dict[int, str], known) -> Story:
    noun, _, verb = activity.verb.partition(".")
    facts = activity.facts or {}
    try:
        obj = known[noun]
    except Invalid:
        obj = None
    changes = _changes(obj, facts.get("fields") or {}) if obj else []
    who = names.get(activity.actor_id, "Somebody" if activity.actor_id else "Alongside")
    label = obj.label.lower() if obj else noun.replace("_", " ")
    title = str(facts.get("title") or "")
    return Story(
        who, f"{verb.replace('_', ' ')} {label}", activity.at, changes, activity.subject, activity.subject_id, title
    )


def _changes(obj: Object, fields: dict) -> list[tuple[str, str, str]]:
    return [
        (obj.by_key[key].label, _text(obj.by_key[key], old), _text(obj.by_key[key], new))
        for key, (old, new) in fields.items()
        if key in obj.by_key
    ]


def _text(field: Field, value) -> str:
    """A stored value in plain words; amounts and links say what they can without asking the database for each."""
    if value in (None, "", []):
        return "–"
    if field.options:
        return next((o.label for o in field.options() if o.value == value), str(value))
    if field.kind_key == "money":
        return f"{value / 100:,.2f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "another" if field.link else str(value)[:200]
