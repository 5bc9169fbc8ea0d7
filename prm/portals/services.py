"""What an admin does with portals. Everything changes the draft; publishing puts it in force as one, as a version."""
from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from peewee import JOIN, IntegrityError, ModelSelect

from prm.access import rows
from prm.access.policy import Do, check_may, may
from prm.access.portals import Content, members
from prm.core import clock, files, images
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.models import Activity, Partner, Person, Portal, PortalPicture, PortalVersion, Tier
from prm.models.partner import STATUSES
from prm.portals import applying
from prm.portals.content import ENTRIES, PAGE, SECTIONS, TEMPLATES
from prm.portals.writing import LONGEST

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
HOST = re.compile(r"(?=.{4,200}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_PORTALS, MOST_PAGES, MOST_PICTURES = 20, 50, 200
COVER, PICTURE = 600 * 1024, 2 * 2**20  # bytes


def by_slug(viewer, slug: str) -> Portal:
    found = rows.visible(Portal, viewer).where(Portal.slug == slug).first()
    if found is None:
        raise Missing()
    return found


def make(viewer, template: str, name: str, slug: str = "") -> Portal:
    check_may(viewer, Do.SET_UP)
    if template not in TEMPLATES:
        raise Invalid("Choose a template.")
    chosen, name = TEMPLATES[template], " ".join(name.split())[:80]
    if not name:
        raise Invalid("A name is needed.", field="name")
    slug = slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or template
    content = Content(
        name=name, welcome=chosen.welcome, menu=list(chosen.menu), home=list(chosen.home),
        pages=[{"slug": s, "title": title, "text": text} for s, title, text in chosen.pages], members={"statuses": ["active"]},
    )  # fmt: skip
    with db.atomic():
        if Portal.select().count() >= MOST_PORTALS:
            raise Invalid(f"There are {MOST_PORTALS} portals already.")
        _check_slug(slug, None)
        portal = Portal.create(slug=slug, template=template, draft=asdict(content))
        Activity.record(viewer, "portal.created", portal, title=name)
    return portal


def _check_slug(slug: str, portal: Portal | None) -> None:
    if not SLUG.fullmatch(slug):
        raise Invalid("An address has small letters, digits and dashes, such as gold-partners.", field="slug")
    if Portal.select().where((Portal.slug == slug) & (Portal.id != (portal.id if portal else 0))).exists():
        raise Invalid(f"There is a portal at /p/{slug}/ already.", field="slug")


def _change(viewer, portal: Portal, what: str, values: dict[str, Any]) -> Portal:
    """Put values into the draft, whatever else was put there meanwhile."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        now = Portal.get_by_id(portal.id)
        Portal.update(draft=now.draft | values, updated_at=clock.now()).where(Portal.id == portal.id).execute()
        Activity.record(viewer, "portal.changed", portal, title=values.get("name") or now.draft.get("name", ""), what=what)
    return Portal.get_by_id(portal.id)


def brand(viewer, portal: Portal, values: dict[str, Any]) -> Portal:
    """Name, address, colour, logo, cover and welcome text."""
    name, colour = " ".join((values["name"] or "").split())[:80], (values["colour"] or "").strip().lower()
    if not name:
        raise Invalid("A name is needed.", field="name")
    if colour and not COLOUR.fullmatch(colour):
        raise Invalid("A colour looks like #4f46e5.", field="colour")
    host = (values["host"] or "").strip().lower()
    if host and not HOST.fullmatch(host):
        raise Invalid("A host name looks like partners.example.com.", field="host")
    changed = {"name": name, "colour": colour, "welcome": (values["welcome"] or "").strip()[:2000]}
    for key, largest in (("logo", images.LARGEST), ("cover", COVER)):
        if values.get(key):
            changed[key] = images.data_uri(values[key], field=key, largest=largest)
        elif values.get(f"no_{key}"):
            changed[key] = ""
    slug = values["slug"].strip().lower()
    try:
        with db.atomic():
            _check_slug(slug, portal)
            Portal.update(slug=slug, host=host or None).where(Portal.id == portal.id).execute()
            return _change(viewer, portal, "brand", changed)
    except IntegrityError:
        raise Invalid("Another portal has this host name.", field="host") from None


def order(viewer, portal: Portal, menu: list[str], home: list[str]) -> Portal:
    """The menu and the home page, each in its order; what is not named is not there."""
    pages = {PAGE + each["slug"] for each in portal.draft.get("pages", ())}
    menu = [key for key in dict.fromkeys(menu) if key in ENTRIES or key in pages]
    home = [key for key in dict.fromkeys(home) if key in SECTIONS]
    if "home" not in menu:
        menu.insert(0, "home")  # where everybody arrives
    return _change(viewer, portal, "navigation", {"menu": menu, "home": home})


def save_page(viewer, portal: Portal, slug: str, values: dict[str, str]) -> str:
    """A new page, or a changed one; returns its slug. A new one is the last entry of the menu."""
    title, text = " ".join(values["title"].split())[:80], values["text"].replace("\r\n", "\n")
    if not title:
        raise Invalid("A title is needed.", field="title")
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST:,} characters fit here.", field="text")
    pages, menu = list(portal.draft.get("pages", ())), list(portal.draft.get("menu", ()))
    at = next((i for i, each in enumerate(pages) if each["slug"] == slug), None)
    if at is None:
        if len(pages) >= MOST_PAGES:
            raise Invalid(f"At most {MOST_PAGES} pages fit here.")
        stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "page"
        taken, slug, number = {each["slug"] for each in pages}, stem, 2
        while slug in taken:
            slug, number = f"{stem}-{number}", number + 1
        pages.append({})
        menu.append(PAGE + slug)
        at = len(pages) - 1
    pages[at] = {"slug": slug, "title": title, "text": text}
    _change(viewer, portal, f"page “{title}”", {"pages": pages, "menu": menu})
    return slug


def drop_page(viewer, portal: Portal, slug: str) -> dict:
    """Out of the draft; what it was is returned, so that it can be put back."""
    gone = next((each for each in portal.draft.get("pages", ()) if each["slug"] == slug), None)
    if gone is None:
        raise Missing()
    pages = [each for each in portal.draft["pages"] if each["slug"] != slug]
    _change(viewer, portal, f"page “{gone['title']}” taken away", {"pages": pages, "menu": [key for key in portal.draft["menu"] if key != PAGE + slug]})
    return gone


def add_picture(viewer, portal: Portal, name: str, data: bytes) -> PortalPicture:
    check_may(viewer, Do.SET_UP)
    kind = images.kind_of(data, field="picture", largest=PICTURE)
    if PortalPicture.select().where(PortalPicture.portal == portal.id).count() >= MOST_PICTURES:
        raise Invalid(f"At most {MOST_PICTURES} pictures fit here.", field="picture")
    file = files.save(data)
    with db.atomic():
        row = PortalPicture.create(portal=portal, name=" ".join(name.split())[:120] or "Picture", file=file, kind=kind)
        Activity.record(viewer, "portal.changed", portal, title=portal.draft.get("name", ""), what="picture")
    return row


def picture_of(viewer, id: int, inside: Portal | None, content: Content | None) -> PortalPicture:
    """Of the portal that somebody is in, where one of its pages shows it; an admin sees those of every portal."""
    if may(viewer, Do.SET_UP):
        return rows.get(PortalPicture, viewer, id)
    row = PortalPicture.get_or_none(PortalPicture.id == id) if 0 < id <= rows.MAX_ID else None
    if row is None or inside is None or row.portal_id != inside.id or not _shows(content, row):
        raise Missing()
    return row


def _shows(content: Content, row: PortalPicture) -> bool:
    texts = [content.welcome, *(each["text"] for each in content.pages)]
    return any(re.search(rf"/pages/pictures/{row.id}(?!\d)", text or "") for text in texts)


def choose_members(viewer, portal: Portal, given: dict[str, list]) -> Portal:
    """Only what exists is kept: statuses, tiers, types in use, and partners by id."""
    check_may(viewer, Do.SET_UP)
    tiers = set(Tier.select(Tier.id).scalars())
    kept = {
        "statuses": [s for s in given["statuses"] if s in STATUSES],
        "tiers": [t for t in given["tiers"] if t in tiers],
        "types": [t[:80] for t in given["types"] if t],
        "partners": sorted(set(rows.visible(Partner, viewer, Partner.id).where(Partner.id.in_(given["partners"] or [0])).scalars())),
    }
    return _change(viewer, portal, "members", {"members": kept})


def ask_applicants(viewer, portal: Portal, values: dict[str, Any]) -> Portal:
    """Whether there is a form for who wants to become a partner, and what it asks for."""
    known = {f.key for f in applying.offered()}
    kept = {"open": bool(values["open"]), "intro": (values["intro"] or "").strip()[:2000], "fields": [key for key in values["fields"] or [] if key in known]}
    return _change(viewer, portal, "application form", {"apply": kept})


def member_partners(content: Content) -> ModelSelect:
    return Partner.select().where(members(content)).order_by(Partner.name)


def somebody(content: Content, role: str) -> Person | None:
    """A member of this role to look as: whoever was here last."""
    inside = Person.partner.in_(Partner.select(Partner.id).where(members(content)))
    who = Person.select().where(inside & (Person.role == role) & Person.disabled_at.is_null())
    return who.order_by(Person.last_seen_at.desc(nulls="LAST"), Person.id).first()


NAMES = {"name": "Name", "colour": "Colour", "logo": "Logo", "cover": "Cover picture", "welcome": "Welcome text", "menu": "Menu", "home": "Home page", "members": "Members", "apply": "Form for who wants to become a partner"}


def changes(portal: Portal) -> list[str]:
    """What publishing would change, one line each; the first time it is everything."""
    before, after = portal.published, portal.draft
    if before is None:
        return ["Everything: it has not been published yet."]
    found = [f"{label} changed" if before.get(key) else f"{label} set" for key, label in NAMES.items() if before.get(key) != after.get(key)]
    old, new = ({each["slug"]: each for each in content.get("pages", ())} for content in (before, after))
    found += [f"Page “{new[slug]['title']}” is new" for slug in new if slug not in old]
    found += [f"Page “{old[slug]['title']}” is gone" for slug in old if slug not in new]
    found += [f"Page “{new[slug]['title']}” changed" for slug in new if slug in old and new[slug] != old[slug]]
    return found


def publish(viewer, portal: Portal) -> Portal:
    """The draft, as it is now, for everybody."""
    check_may(viewer, Do.SET_UP)
    with db.atomic():
        now = Portal.get_by_id(portal.id)
        if now.published == now.draft and now.state == "live":
            raise Invalid("There is nothing new to publish.")
        return _put(viewer, now, now.draft, "portal.published")


def _put(viewer, portal: Portal, content: dict, verb: str) -> Portal:
    number = portal.number + 1
    PortalVersion.create(portal=portal, number=number, content=content, author=viewer.id)
    Portal.update(published=content, draft=content, number=number, state="live", updated_at=clock.now()).where(Portal.id == portal.id).execute()
    Activity.record(viewer, verb, portal, title=content.get("name", ""), version=number)
    return Portal.get_by_id(portal.id)


def roll_back(viewer, portal: Portal, number: int) -> Portal:
    """An earlier version, in force again as a new one; a draft that was not published is given up."""
    check_may(viewer, Do.SET_UP)
    found = PortalVersion.get_or_none((PortalVersion.portal == portal.id) & (PortalVersion.number == number))
    if found is None:
        raise Missing()
    with db.atomic():
        return _put(viewer, Portal.get_by_id(portal.id), found.content, "portal.rolled_back")


def discard(viewer, portal: Portal) -> Portal:
    """The draft is what is published again."""
    if portal.published is None:
        raise Invalid("It has not been published yet: there is nothing to go back to.")
    return _change(viewer, portal, "draft discarded", portal.published)


def pause(viewer, portal: Portal, paused: bool) -> None:
    check_may(viewer, Do.SET_UP)
    if portal.published is None:
        raise Invalid("It has not been published yet.")
    with db.atomic():
        Portal.update(state="paused" if paused else "live").where(Portal.id == portal.id).execute()
        Activity.record(viewer, "portal.paused" if paused else "portal.resumed", portal, title=portal.published.get("name", ""))


def versions(viewer, portal: Portal) -> list[PortalVersion]:
    found = rows.visible(PortalVersion, viewer, PortalVersion, Person).join(Person, JOIN.LEFT_OUTER).where(PortalVersion.portal == portal.id)
    return list(found.order_by(PortalVersion.number.desc()).limit(50))
