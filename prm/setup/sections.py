"""Setup's table of contents: every page on which something is set up, by section, found by any word that stands on it."""
from __future__ import annotations

from dataclasses import dataclass, replace

from flask import url_for

from prm.access.policy import Do, may
from prm.core.text import searchable


@dataclass(frozen=True)
class Entry:
    """`words` are those that people look for and that stand neither in the name nor in the text. `counted` names the table whose
    rows are counted beside it."""

    name: str
    icon: str
    text: str
    endpoint: str
    do: Do
    words: str = ""
    anchor: str = ""
    counted: str = ""
    given: tuple[tuple[str, str], ...] = ()
    href: str = ""

    @property
    def line(self) -> str:
        return searchable(self.name, self.text, self.words)


@dataclass(frozen=True)
class Section:
    title: str
    entries: tuple[Entry, ...]


def _list(kind: str) -> tuple[tuple[str, str], ...]:
    return (("kind", kind),)


SECTIONS = (
    Section("Organisation", (
        Entry("Organisation", "building-2", "Name, time zone, currency, fiscal year, formats", "setup.organisation", Do.SET_UP,
              "basics begin end written first month days totals over several currencies shown locale language dates figures"),
        Entry("Logo and colour", "sun", "How the portal looks to you and your partners", "setup.organisation", Do.SET_UP,
              "brand picture image theme png jpeg webp remove", anchor="look"),
        Entry("Exchange rates", "trending-up", "What other currencies are worth, from a day on", "setup.exchange", Do.SET_UP,
              "rate valid unit money convert currency", counted="Rate"),
    )),
    Section("Portals", (
        Entry("Portals", "globe", "What partners enter: look, menu, home page, own pages, members", "portals.index", Do.SET_UP,
              "publish draft live paused brand logo colour welcome cover picture template preview slug address host markdown navigation roll back history",
              counted="Portal"),
    )),
    Section("Partners and tiers", (
        Entry("Tiers", "award", "The levels of your partners", "setup.entries", Do.SET_UP, "gold silver order add", counted="Tier", given=_list("tiers")),
        Entry("Stages", "list-filter", "The way of a deal, with probability and outcome", "setup.entries", Do.SET_UP,
              "pipeline open won lost add order", counted="Stage", given=_list("stages")),
        Entry("Business roles", "briefcase", "What contacts do at their company", "setup.entries", Do.SET_UP,
              "job title sponsor sales technical add order", counted="BusinessRole", given=_list("roles")),
        Entry("Account-level pages", "eye", "What members of a partner see of their whole company", "setup.organisation", Do.SET_UP,
              "members scorecards own page audience", anchor="scoring"),
    )),
    Section("Objects and fields", (
        Entry("Objects and fields", "database", "Fields of your own, objects of your own, layouts", "customize.index", Do.SET_UP,
              "custom field object record formula roll-up choice required unique default help audience validation rule section heading layout page form "
              "text number money percent date link e-mail certification training campaign retire delete restore kind"),
    )),
    Section("KPIs and periods", (
        Entry("KPIs and targets", "target", "What is measured, its weight, and what is aimed at", "kpis.index", Do.EDIT_KPIS, "metric score goal attainment starters"),
        Entry("Scorecard periods and grades", "gauge", "Months, quarters or fiscal years, and what makes an A", "setup.organisation", Do.SET_UP,
              "length cover letter lowest score members", anchor="scoring"),
        Entry("Closed periods", "lock", "Periods whose results do not change any more", "kpis.periods", Do.CLOSE_PERIODS, "close recompute reopen freeze"),
    )),
    Section("Surveys", (
        Entry("Surveys", "clipboard-list", "Ask partners by mail, and read what they say", "surveys.index", Do.BUILD_SURVEYS, "nps csat question feedback questionnaire"),
    )),
    Section("People and access", (
        Entry("People", "users", "Invite, disable, change access", "people.index", Do.SEE_PEOPLE,
              "user role login password session admin manager analyst executive member staff last seen", counted="Person"),
        Entry("Two-step sign-in", "key-round", "Of which roles a code is asked besides the password", "setup.organisation", Do.SET_UP,
              "totp two-factor 2fa authenticator app security signing in admin channel manager analyst executive partner member", anchor="signing"),
        Entry("Access proof", "shield", "How many rows and which fields each person really gets", "audit.access", Do.SEE_AUDIT, "matrix role object permission rights audit view as export"),
        Entry("Audit trail", "history", "Who did what, when, and from where", "audit.index", Do.SEE_AUDIT, "log history activity change address export who when"),
        Entry("Enable a partner", "send", "Invite a contact into the portal", "contacts.enable", Do.ENABLE_PARTNERS, "invite portal user access"),
    )),
    Section("Mail", (
        Entry("Outbox", "mail", "Every mail, its state, and its link to copy", "setup.outbox", Do.SEE_OUTBOX, "smtp sent queued refused bounced letter e-mail", counted="Mail"),
    )),
    Section("Data", (
        Entry("Import", "upload", "Spreadsheets into partners, contacts, deals and records", "transfers.index", Do.IMPORT, "csv excel xlsx upload migrate undo"),
        Entry("Report folders", "folder", "Where shared reports lie", "reports.folders", Do.PUBLISH_REPORTS, "report sharing order"),
    )),
)  # fmt: skip


def sections(viewer, text: str = "") -> list[Section]:
    """What this viewer may change, narrowed to what has every word of `text`."""
    words = searchable(text[:200]).split()
    found = []
    for section in SECTIONS:
        fits = [e for e in section.entries if may(viewer, e.do) and all(w in f"{searchable(section.title)} {e.line}" for w in words)]
        if fits:
            found.append(replace(section, entries=tuple(replace(e, href=_address(e)) for e in fits)))
    return found


def _address(entry: Entry) -> str:
    return url_for(entry.endpoint, **dict(entry.given)) + (f"#{entry.anchor}" if entry.anchor else "")
