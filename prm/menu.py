"""What is offered: the features, and the sidebar in its order. A feature that is not listed here does not exist."""
from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module

from flask import Flask, url_for

from prm.access import rows
from prm.access.policy import Do, may
from prm.catalogue.objects import objects
from prm.ui.portal import Here, here

# Each module has a blueprint `bp`.
FEATURES: list[str] = [
    "prm.accounts.views",
    "prm.home.views",
    "prm.partners.views",
    "prm.contacts.views",
    "prm.deals.views",
    "prm.records.views",
    "prm.kpis.views",
    "prm.scorecards.views",
    "prm.reports.views",
    "prm.dashboards.views",
    "prm.papers.views",
    "prm.subscriptions.views",
    "prm.surveys.views",
    "prm.search.views",
    "prm.setup.views",
    "prm.api.views",
    "prm.audit.views",
    "prm.customize.views",
    "prm.portals.views",
    "prm.people.views",
    "prm.transfers.views",
]


@dataclass(frozen=True)
class Entry:
    """`key` is the blueprint: an entry is current on every page of its feature (of its object, for records). `ours` is what the partner side calls it;
    `account` entries are about the whole company, which a portal may keep from its members."""

    key: str
    label: str
    icon: str
    do: Do
    endpoint: str = ""
    href: str = ""
    ours: str = ""
    account: bool = False
    covers: tuple[str, ...] = ()  # further blueprints whose pages belong to it


@dataclass(frozen=True)
class Group:
    title: str
    entries: tuple[Entry, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "",
        (
            Entry("home", "Home", "house", Do.SEE_HOME),
            Entry("partners", "Partners", "handshake", Do.SEE_PARTNERS, ours="Your company", account=True),
            Entry("deals", "Deals", "briefcase", Do.SEE_DEALS),
            Entry("contacts", "Contacts", "users", Do.SEE_CONTACTS),
        ),
    ),
    Group(
        "Measure",
        (
            Entry("scorecards", "Scorecards", "award", Do.SEE_SCORECARDS, account=True),
            Entry("kpis", "KPIs", "target", Do.SEE_KPIS),
            Entry("reports", "Reports", "chart-column", Do.SEE_REPORTS),
            Entry("dashboards", "Dashboards", "layout-dashboard", Do.SEE_REPORTS),
            Entry("surveys", "Surveys", "clipboard-list", Do.SEE_SURVEYS),
        ),
    ),
    Group(
        "Administration",
        (
            Entry("transfers", "Import", "upload", Do.IMPORT),
            Entry("people", "People", "user-check", Do.SEE_PEOPLE),
            Entry("setup", "Setup", "settings", Do.SET_UP, covers=("customize", "portals", "audit")),
        ),
    ),
)


def init_app(app: Flask) -> None:
    for path in FEATURES:
        app.register_blueprint(import_module(path).bp)


def menu(viewer) -> list[Group]:
    """The groups with the entries this viewer may open, with their addresses; empty groups are left out."""
    keys = tuple(entry.key for group in GROUPS for entry in group.entries if _may_open(viewer, entry))
    groups = list(_offered(keys, viewer.is_staff, url_for("home.index")))
    if own := _own_objects(viewer):
        groups[0] = replace(groups[0], entries=(*groups[0].entries, *own))
    found = here()
    return [Group("", _of_portal(found, groups))] if found else groups


def _of_portal(found: Here, groups: list[Group]) -> tuple[Entry, ...]:
    """The selection of a portal, in its order, of what the viewer may open anyway; and its own pages."""
    every = {entry.key: entry for group in groups for entry in group.entries}
    entries: list[Entry] = []
    for key in found.content.menu:
        if key == "records":
            entries += [entry for of, entry in every.items() if of.startswith("records/")]
        elif key.startswith("page:") and (own := found.content.page(key[5:])):
            entries.append(Entry(f"pages/{own['slug']}", own["title"], "file-text", Do.SEE_HOME, href=url_for("portals.own_page", slug=own["slug"])))
        elif key in every:
            entries.append(every[key])
    return tuple(entries)


def _own_objects(viewer) -> list[Entry]:
    """The objects that an admin made; each is current on the pages of its own records."""
    if not may(viewer, Do.SEE_RECORDS):
        return []
    own = [obj for obj in objects().values() if obj.custom and (viewer.is_staff or obj.audience)]
    return [Entry(f"records/{o.key}", o.plural, o.icon, Do.SEE_RECORDS, href=url_for("records.index", object=o.key)) for o in own]


def _may_open(viewer, entry: Entry) -> bool:
    return may(viewer, entry.do) and (not entry.account or rows.sees_account(viewer))


@lru_cache(maxsize=64)
def _offered(keys: tuple[str, ...], staff: bool, _root: str) -> tuple[Group, ...]:
    """Kept, as there are only as many menus as roles; the root is part of every address."""
    groups = (
        replace(group, entries=tuple(_placed(entry, staff) for entry in group.entries if entry.key in keys)) for group in GROUPS
    )
    return tuple(group for group in groups if group.entries)


def _placed(entry: Entry, staff: bool) -> Entry:
    label = entry.label if staff else entry.ours or entry.label
    return replace(entry, label=label, href=url_for(entry.endpoint or f"{entry.key}.index"))
