"""The rows behind one figure of a report, as a list page of their own."""
from __future__ import annotations

import json

from werkzeug.datastructures import MultiDict

from prm.catalogue import words
from prm.catalogue.answer import context
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid
from prm.reporting.asking import GONE, rows_behind
from prm.reporting.content import Content
from prm.ui.answered import STEPS, given_values
from prm.ui.downloads import download
from prm.ui.lists import List, listing
from prm.ui.page import page

COLUMNS = {
    "deal": ("title", "partner", "stage", "amount", "closed_on"),
    "partner": ("name", "tier", "territory", "manager", "status"),
    "contact": ("name", "partner", "roles", "email"),
}
MOST_COLUMNS = 6
MOST = 2**53  # a raw value is an id, a number of months or millionths


def rows_page(content: Content, viewer, args: MultiDict, path: str, *, name: str, back: str):
    """A file has every one of them."""
    table, said = behind(content, viewer, args, path)
    if table.format:
        return download(table)
    return page("reports/rows.html", block="rows", table=table, name=name, back=back, words=said)


def behind(content: Content, viewer, args: MultiDict, path: str) -> tuple[List, str]:
    """A list page of them, and in words what they are. Invalid for coordinates that are none."""
    viewer = getattr(viewer, "_get_current_object", lambda: viewer)()
    known = catalogue(viewer)
    changed = content.changed(given_values(content, args))
    part = args.get("part", "0")
    if part not in [str(at) for at in range(len(changed.parts))]:
        raise Invalid(GONE)
    question = changed.parts[int(part)].question
    base = rows_behind(question, _place(args.get("at", "[]")), args.get("m", ""), viewer, known=known)
    obj = known[base.object]
    columns = COLUMNS.get(base.object) or tuple(f.key for f in obj.fields if f.kind_key != "long_text")[:MOST_COLUMNS]
    kept = [*STEPS, *(k for k in args if k not in ("q", "page"))]
    table = listing(base.object, viewer, args, columns=columns, base=base, name=f"report.{base.object}", path=path, kept=kept)
    return table, words.say(base, context(base, viewer, known=known).source) if viewer.is_staff else ""


def _place(text: str) -> tuple:
    """[[0,"Gold"],[1,24313]] as (group, raw value) pairs."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) > 5 or not all(_is_step(step) for step in found):
        raise Invalid(GONE)
    return tuple((number, raw) for number, raw in found)


def _is_step(step) -> bool:
    return (
        isinstance(step, list) and len(step) == 2 and type(step[0]) is int
        and (step[1] is None or type(step[1]) is bool or (type(step[1]) is str and len(step[1]) <= 500)
             or (type(step[1]) is int and abs(step[1]) < MOST))
    )  # fmt: skip
