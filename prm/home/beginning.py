"""The first steps of a portal, and which of them are done: shown until there is something to look at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from prm.access import rows
from prm.access.policy import Do, may
from prm.models import Deal, Partner, Person, Scorecard, Target


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    href: str
    done: bool


def steps(viewer) -> list[Step]:
    """In their order; those the viewer's role cannot take are left out."""
    there = {table: rows.visible(table, viewer).exists() for table in (Partner, Deal, Target, Scorecard)}
    invited = rows.visible(Person, viewer).where(Person.partner.is_null(False)).exists()
    every = (
        (Do.IMPORT, "Import your partners", "A spreadsheet with a row for each partner.", url_for("transfers.new", object="partner"), there[Partner]),
        (Do.IMPORT, "Import their deals or orders", "Each with its partner, amount and date.", url_for("transfers.new", object="deal"), there[Deal]),
        (Do.EDIT_KPIS, "Give the KPIs targets", "Proposed from your own data, by tier.", url_for("kpis.index"), there[Target]),
        (Do.SEE_SCORECARDS, "Look at the scorecards", "One for each partner and period; publish what partners may see.", url_for("scorecards.index"), there[Scorecard]),
        (Do.ENABLE_PARTNERS, "Let a partner in", "They get an invite, choose a password, and see their own side.", url_for("contacts.enable"), invited),
    )  # fmt: skip
    return [Step(*rest) for do, *rest in every if may(viewer, do)]
