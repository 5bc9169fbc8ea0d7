"""The first weeks of a portal as a list: what comes after what, and what is done, noticed from what is there. The home page shows
what is left of it, Setup all of it."""
from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from peewee import fn

from prm.access import rows
from prm.access.policy import Do, may
from prm.models import Deal, Organisation, Partner, Person, Portal, Scorecard, Target, Wave

LATER = (Do.SET_UP, Do.BUILD_SURVEYS)
UNNAMED = "Alongside"  # what a portal is called before anybody named its organisation


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    href: str
    done: bool
    pressing: bool  # without it there is nothing to look at


def steps(viewer) -> list[Step]:
    """In their order; those the viewer's role cannot take are left out."""
    org, there = Organisation.current(), _there(viewer)
    branded = bool(org.logo) or org.brand != Organisation.brand.default
    every = (
        (Do.SET_UP, "Settle the organisation", "Name, time zone, currency and fiscal year.", url_for("setup.organisation"), org.name != UNNAMED),
        (Do.IMPORT, "Import your partners", "A spreadsheet with a row for each partner.", url_for("transfers.new", object="partner"), there["partner"]),
        (Do.IMPORT, "Import their deals or orders", "Each with its partner, amount and date.", url_for("transfers.new", object="deal"), there["deal"]),
        (Do.EDIT_KPIS, "Give the KPIs targets", "Proposed from your own data, by tier.", url_for("kpis.index"), there["target"]),
        (Do.SEE_SCORECARDS, "Look at the scorecards", "One for each partner and period; publish what partners may see.", url_for("scorecards.index"), there["scorecard"]),
        (Do.SET_UP, "Show your brand", "Your logo and colour, on pages and PDFs.", url_for("setup.organisation") + "#look", branded),
        (Do.SET_UP, "Make a portal from a template", "A menu, a home page and pages of your own for your partners.", url_for("portals.index"), there["portal"]),
        (Do.SET_UP, "Publish it", "Look at it as one of its members first.", url_for("portals.index"), there["published"]),
        (Do.ENABLE_PARTNERS, "Let a partner in", "They get an invite, choose a password, and see their own side.", url_for("contacts.enable"), there["insider"]),
        (Do.BUILD_SURVEYS, "Ask them something", "Six surveys are ready to be sent.", url_for("surveys.index"), there["asked"]),
    )  # fmt: skip
    return [Step(*rest, pressing=do not in LATER) for do, *rest in every if may(viewer, do)]


def _there(viewer) -> dict[str, bool]:
    """Whether the viewer sees a partner, a deal …, and whether anybody of a partner is in; in one query."""
    asked = {
        "partner": rows.visible(Partner, viewer, Partner.id),
        "deal": rows.visible(Deal, viewer, Deal.id),
        "target": rows.visible(Target, viewer, Target.id),
        "scorecard": rows.visible(Scorecard, viewer, Scorecard.id),
        "portal": rows.visible(Portal, viewer, Portal.id),
        "published": rows.visible(Portal, viewer, Portal.id).where(Portal.published.is_null(False)),
        "insider": rows.visible(Person, viewer, Person.id).where(Person.partner.is_null(False)),
        "asked": rows.visible(Wave, viewer, Wave.id).where((Wave.how == "mail") & Wave.sent_at.is_null(False)),
    }
    found = Organisation.select(*(fn.EXISTS(each.limit(1)) for each in asked.values())).tuples().get()
    return dict(zip(asked, map(bool, found), strict=True))
