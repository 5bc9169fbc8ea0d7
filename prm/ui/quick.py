"""Quick filters: a select over the values of a field, for those that people use all day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prm.access import rows
from prm.catalogue.fields import Field, Object
from prm.core.db import db
from prm.ui.asked import Asked

STRETCHES = (
    "today", "this week", "this month", "last month", "this quarter", "last quarter", "this year", "last year",
    "last 90 days", "last 4 quarters",
)  # fmt: skip
MOST = 200
_WRITTEN: dict[tuple, tuple[str, list]] = {}  # by field: for whoever sees every row it is one SQL, asked with every list


@dataclass(frozen=True)
class Choice:
    """A select; `empty` is what it says while nothing is chosen."""

    name: str
    label: str
    empty: str
    options: list[tuple[str, str]]
    chosen: str


def choices(asked: Asked, paths: Sequence[str]) -> list[Choice]:
    """The selects of a list. One with several values in the address is left to its chip, as a select has only one."""
    found = [made for path in paths if (made := _choice(asked, path))]
    return [c for c in found if c.options and len(asked.args.getlist(c.name)) < 2]


def _choice(asked: Asked, path: str) -> Choice | None:
    field = asked.field(path)
    if field is None:
        return None
    name, low = f"f.{path}", field.label.lower()
    if field.kind_key in ("date", "datetime"):
        options = [(words, f"{field.label}: {words}") for words in STRETCHES]
        return Choice(f"{name}.in", field.label, f"{field.label}: any time", options, asked.args.get(f"{name}.in", ""))
    if field.kind_key == "bool":
        options = [("yes", f"{field.label}: yes"), ("no", f"{field.label}: no")]
    elif field.options:
        options = [(o.label, o.label) for o in asked.known.options(field)]
    else:
        options = _in_use(asked, path, field)
    empty = f"All {low}" if field.kind_key == "choices" else f"Any {low}"
    return Choice(name, field.label, empty, options, asked.args.get(name, ""))


def _in_use(asked: Asked, path: str, field: Field) -> list[tuple[str, str]]:
    """The values people have typed, of the rows this viewer sees."""
    links, _ = asked.known.find(asked.obj, path)
    obj = asked.known[links[-1].link] if links else asked.obj
    target = asked.known[field.link] if field.link else None
    tables = [obj.table, *([target.table] if target else [])]
    key = (type(db.obj), obj.table, field.key, field.kind_key, field.link)
    if any(rows.condition(t, asked.viewer) is not None for t in tables):
        found = db.execute(_used(asked.viewer, obj, field, target))
    else:
        if key not in _WRITTEN:
            _WRITTEN[key] = _used(asked.viewer, obj, field, target).sql()
        found = db.execute_sql(*_WRITTEN[key])
    return [(v, v) for (v,) in found.fetchall() if v]


def _used(viewer, obj: Object, field: Field, target: Object | None):
    column = field.column(obj.table)
    if target is None:
        found = rows.visible(obj.table, viewer, column).where(column != "").distinct().order_by(column)
    else:
        used, title = rows.visible(obj.table, viewer, column), target.title(target.table)
        found = rows.visible(target.table, viewer, title).where(target.table.id.in_(used)).order_by(title)
    return found.limit(MOST)
