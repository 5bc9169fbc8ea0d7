"""Which portal somebody enters. A portal is a skin, a menu and a membership: the pages, rows and fields behind it are the same for
all, so a portal can show nobody anything that rows.py and the catalogue do not."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from prm.core.prepared import Prepared
from prm.models import Organisation, Partner, Person, Portal


@dataclass(frozen=True)
class Content:
    """All that is published as one. `menu` and `home` are keys in their order (prm/portals/content.py knows them), pages of its own
    as "page:slug". `pages`: [{"slug", "title", "text"}]. `members`: lists by "statuses", "tiers", "types" and chosen "partners".
    `apply`: whether the form for who wants to become a partner is "open", its "intro", and the "fields" it asks for."""

    name: str = ""
    colour: str = ""
    logo: str = ""
    cover: str = ""
    welcome: str = ""
    menu: list[str] = field(default_factory=list)
    home: list[str] = field(default_factory=list)
    pages: list[dict[str, str]] = field(default_factory=list)
    members: dict[str, list] = field(default_factory=dict)
    apply: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: dict[str, Any] | None) -> Content:
        return cls(**{key: value for key, value in (kept or {}).items() if key in cls.__dataclass_fields__})

    def page(self, slug: str) -> dict[str, str] | None:
        return next((page for page in self.pages if page["slug"] == slug), None)


RULES = {"statuses": Partner.status, "tiers": Partner.tier, "types": Partner.type}
ATTRIBUTES = {"statuses": "status", "tiers": "tier_id", "types": "type"}


def members(content: Content):
    """The condition over Partner: whoever was chosen, and whoever fits every list that has something in it. Without any list that
    is everybody, and with chosen ones alone those alone."""
    lists = {name: content.members.get(name) or [] for name in RULES}
    chosen = Partner.id.in_(content.members.get("partners") or [0])
    if not any(lists.values()):
        return chosen if content.members.get("partners") else Partner.id.is_null(False)
    fits = Partner.id.is_null(False)
    for name, values in lists.items():
        if values:
            fits &= RULES[name].in_(values)
    return fits | chosen


def fits(content: Content, partner: Partner) -> bool:
    """The same for one partner that is in memory."""
    lists = {name: content.members.get(name) or [] for name in RULES}
    chosen = content.members.get("partners") or []
    if partner.id in chosen:
        return True
    if not any(lists.values()):
        return not chosen
    return all(not values or getattr(partner, ATTRIBUTES[name]) in values for name, values in lists.items())


_OPEN = Prepared(lambda: Portal.select().where(Portal.state != "draft").order_by(Portal.id), Portal)


def open_portals() -> list[Portal]:
    """Live and paused ones."""
    return _OPEN.all()


def pictures() -> Iterator[str]:
    """Logos and covers of every portal, of drafts too: each is asked for by what is in it."""
    for portal in Portal.select(Portal.draft, Portal.published):
        for content in (portal.published or {}, portal.draft or {}):
            yield from (content.get("logo", ""), content.get("cover", ""))


def portals_of(partner: Partner) -> list[Portal]:
    """The portals that people of this partner enter, live ones first."""
    mine = [portal for portal in open_portals() if fits(Content.of(portal.published), partner)]
    return sorted(mine, key=lambda portal: portal.state != "live")


def dressed(org: Organisation, content: Content) -> Organisation:
    """The organisation as this portal shows it: name, colour and logo are the portal's where it has some."""
    shown = copy(org)
    shown.__data__ = dict(org.__data__)
    for name, value in (("name", content.name), ("brand", content.colour), ("logo", content.logo)):
        if value:
            shown.__data__[name] = value
    return shown


def portal_of(partner: Partner | None) -> Portal | None:
    """The live portal that people of this partner arrive in."""
    return _first(_live(), partner) if partner is not None else None


def _live() -> list[Portal]:
    return [portal for portal in open_portals() if portal.state == "live"]


def _first(portals: list[Portal], partner: Partner) -> Portal | None:
    return next((portal for portal in portals if fits(Content.of(portal.published), partner)), None)


def wear(portal: Portal | None) -> None:
    """From here on, in this request: it takes it off itself at its end."""
    if portal is not None:
        Organisation.wear(dressed(Organisation.current(), Content.of(portal.published)))


@contextmanager
def dressed_as(portal: Portal | None) -> Iterator[None]:
    """In here the organisation looks as in this portal: for mails and PDFs."""
    if portal is None:
        yield
        return
    token = Organisation.wear(dressed(Organisation.current(), Content.of(portal.published)))
    try:
        yield
    finally:
        Organisation.forget(token)


def as_seen_by(person: Person):
    """The same for a person: staff see the organisation as it is."""
    return dressed_as(portal_of(person.partner) if person.partner_id else None)


class Wardrobe:
    """The portals of many partners, read once: for a mailing."""

    def __init__(self, partner_ids: set[int]):
        self._live = _live()
        self._partners = {p.id: p for p in Partner.select().where(Partner.id.in_(partner_ids or {0}))} if self._live else {}

    def of(self, partner_id: int | None) -> Portal | None:
        partner = self._partners.get(partner_id)
        return _first(self._live, partner) if partner else None
