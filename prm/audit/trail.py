"""The audit trail: Activity rows, which every change leaves in its own transaction. There is no way in the portal to change one."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from peewee import JOIN, ModelSelect, fn
from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.core import clock
from prm.core.errors import Invalid
from prm.models import Activity, Organisation, Partner, Person
from prm.ui.sheets import SheetColumn

MOST = 100_000  # lines of one file
COLUMNS = [
    SheetColumn("When (UTC)", "datetime"), SheetColumn("Who"), SheetColumn("E-mail"), SheetColumn("Did"), SheetColumn("To"), SheetColumn("Table"),
    SheetColumn("Id", "number"), SheetColumn("Partner"), SheetColumn("From address"), SheetColumn("Details"),
]  # fmt: skip


def find(viewer, args: MultiDict) -> ModelSelect:
    """What the filters of the address ask for, newest first. Invalid for a day that is none."""
    found = rows.visible(Activity, viewer, Activity, Person, Partner).join(Person, JOIN.LEFT_OUTER).switch(Activity).join(Partner, JOIN.LEFT_OUTER, on=Activity.partner == Partner.id)
    if text := args.get("q", "").replace("\0", "").strip()[:200]:
        title = Activity.facts["title"].as_text()
        found = found.where(Person.name.contains(text) | Person.email.contains(text) | title.contains(text) | Partner.name.contains(text) | (Activity.address == text))
    if verb := args.get("verb", ""):
        found = found.where(Activity.verb == verb[:60])
    zone = clock.zone(Organisation.current().zone)
    if first := _day(args.get("from", "")):
        found = found.where(Activity.at >= datetime.combine(first, time(), zone).astimezone(UTC))
    if last := _day(args.get("to", "")):
        found = found.where(Activity.at < datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC))
    return found.order_by(Activity.id.desc())


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2200:
        raise Invalid(f"“{text[:20]}” is no day. Write 2026-12-31.")
    return found


def verbs(viewer) -> list[str]:
    """What has been done at least once."""
    return [verb for (verb,) in rows.visible(Activity, viewer, Activity.verb).distinct().order_by(Activity.verb).tuples()]


def lines(found: ModelSelect) -> Iterator[list[Any]]:
    """For a file, in the order in which things happened."""
    count = found.select(fn.COUNT(Activity.id)).order_by().scalar()
    if count > MOST:
        raise Invalid(f"These are {count:,} lines; one file holds {MOST:,}. Narrow them by day first.")
    for row in found.order_by(Activity.id).iterator():
        who, facts = row.actor if row.actor_id else None, dict(row.facts or {})
        yield [
            row.at.replace(tzinfo=None), who.display if who else "Alongside", (who.email or "") if who else "", row.verb, str(facts.pop("title", "") or ""), row.subject,
            row.subject_id, row.partner.name if row.partner_id else "", row.address, _said(facts),
        ]  # fmt: skip


def _said(facts: dict) -> str:
    """Old and new values, and whatever else was kept with it."""
    fields, _ = facts.pop("fields", None) or {}, facts.pop("kinds", None)
    changes = [f"{key}: {old} → {new}" for key, (old, new) in fields.items()]
    return "; ".join([*changes, *(f"{key}: {value}" for key, value in facts.items())])[:5000]
