"""Which portal a request is in: chosen once by its address or its switch, checked with every request."""
from __future__ import annotations

from flask import g, request
from flask import session as cookie
from flask_login import current_user

from prm.access.policy import Do, may
from prm.access.portals import Content, dressed, open_portals, portals_of
from prm.models import Organisation, Portal
from prm.ui.page import page
from prm.ui.portal import Here

CHOSEN, PREVIEW = "portal", "preview"
BESIDE = ("static", "health.show", "theme_css", "logo")  # need no portal
ALSO_PAUSED = ("accounts.sign_out", "portals.enter", "portals.choose", "people.stop_viewing", "accounts.profile")


def begin():
    """Before a view: the portal, its look, and the page of a paused one instead of any other."""
    if request.endpoint is None or request.endpoint in BESIDE or request.blueprint == "api":
        return None
    found = _previewed() or (_of_partner_side() if current_user.is_authenticated and not current_user.is_staff else _of_visitor())
    if found is None:
        return None
    wear(found)
    if found.portal.state == "paused" and not found.preview and current_user.is_authenticated and request.endpoint not in ALSO_PAUSED:
        return page("portals/paused.html", status=503)
    return None


def wear(here: Here) -> None:
    g.portal = here
    Organisation.wear(dressed(Organisation.current(), here.content))


def _previewed() -> Here | None:
    """Staff who look as a member look at the draft, where they came from its preview."""
    who = current_user.viewed_by if current_user.is_authenticated else None
    if PREVIEW not in cookie or who is None or not may(who, Do.SET_UP):
        return None
    portal = Portal.get_or_none(Portal.id == cookie[PREVIEW])
    return Here(portal, Content.of(portal.draft), preview=True) if portal else None


def _of_partner_side() -> Here | None:
    mine = portals_of(current_user.partner)
    if not mine:
        return None
    wanted = cookie.get(CHOSEN)
    chosen = next((p for p in mine if p.slug == wanted), None) or next((p for p in mine if p.host and p.host == host()), mine[0])
    return Here(chosen, Content.of(chosen.published), [p for p in mine if p.id != chosen.id])


def _of_visitor() -> Here | None:
    """Before signing in: as the address, or the host, says."""
    if current_user.is_authenticated:
        return None
    wanted, here = cookie.get(CHOSEN), host()
    if not wanted and here in ("localhost", "127.0.0.1"):
        return None
    found = next((p for p in open_portals() if p.state == "live" and (p.slug == wanted or (p.host and p.host == here))), None)
    return Here(found, Content.of(found.published)) if found else None


def host() -> str:
    return request.host.partition(":")[0].lower()
