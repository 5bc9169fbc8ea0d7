"""The first steps of a portal, and which of them are done: shown until there is something to look at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from peewee import fn

from prm.access import rows
from prm.access.policy import Do, may
from prm.models import Deal, Organisation, Partner, Person, Scorecard, Target


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    href: str
    done: bool


def steps(viewer) -> list[Step]:
    """In their order; those the viewer's role cannot take are left out."""
    there, invited = _there(viewer)
    every = (
        (Do.IMPORT, "Import your partners", "A spreadsheet with a row for each partner.", url_for("transfers.new", object="partner"), there[Partner]),
        (Do.IMPORT, "Import their deals or orders", "Each with its partner, amount and date.", url_for("transfers.new", object="deal"), there[Deal]),
        (Do.EDIT_KPIS, "Give the KPIs targets", "Proposed from your own data, by tier.", url_for("kpis.index"), there[Target]),
        (Do.SEE_SCORECARDS, "Look at the scorecards", "One for each partner and period; publish what partners may see.", url_for("scorecards.index"), there[Scorecard]),
        (Do.ENABLE_PARTNERS, "Let a partner in", "They get an invite, choose a password, and see their own side.", url_for("contacts.enable"), invited),
    )  # fmt: skip
    return [Step(*rest) for do, *rest in every if may(viewer, do)]


def _there(viewer) -> tuple[dict[type, bool], bool]:
    """Which tables the viewer sees a row of, and whether anybody of a partner is in; in one query."""
    tables = (Partner, Deal, Target, Scorecard)
    insiders = rows.visible(Person, viewer, Person.id).where(Person.partner.is_null(False))
    asked = [rows.visible(table, viewer, table.id).limit(1) for table in tables] + [insiders.limit(1)]
    *found, invited = Organisation.select(*(fn.EXISTS(each) for each in asked)).tuples().get()
    return dict(zip(tables, map(bool, found), strict=True)), bool(invited)
