"""May this person do this at all? One list of verbs, one table verb -> roles. Which rows is another question (rows.py)."""

from __future__ import annotations

from enum import Enum

from prm.core.errors import Forbidden
from prm.models.person import PARTNER_SIDE, STAFF, Role

_A, _M, _N = Role.ADMIN, Role.MANAGER, Role.ANALYST
_E, _P, _B = Role.EXECUTIVE, Role.PARTNER_MANAGER, Role.MEMBER
_EVERYONE = (*STAFF, *PARTNER_SIDE)


class Do(Enum):
    """Everything one can do, each as a sentence."""

    SEE_HOME = "Open the home page"
    KEEP_OWN_PROFILE = "Edit one's own profile and sessions"
    SEE_PARTNERS = "See partners"
    EDIT_PARTNERS = "Add and edit partners"
    SEE_CONTACTS = "See contacts"
    EDIT_CONTACTS = "Add and edit contacts"
    ENABLE_PARTNERS = "Invite a contact into the portal"
    SEE_DEALS = "See deals"
    EDIT_DEALS = "Add and edit deals; of the partner side, register and edit own open ones"
    DECIDE_DEALS = "Approve and reject deals that partners register"
    SEE_RECORDS = "See records of the portal's own objects"
    EDIT_RECORDS = "Add and edit records of the portal's own objects"
    SEE_SCORECARDS = "See scorecards"
    PUBLISH_SCORECARDS = "Write notes on and publish scorecards"
    DOWNLOAD_ALL_SCORECARDS = "Download all scorecards of a period"
    SEE_KPIS = "See KPIs, targets and results"
    EDIT_KPIS = "Define KPIs and set targets"
    CLOSE_PERIODS = "Close a period, or recompute a closed one"
    SEE_ACTIVITY = "See what changed"
    ASK = "Ask questions and export answers"
    SEE_REPORTS = "See reports and dashboards"
    BUILD_REPORTS = "Build reports and dashboards, and share them with staff"
    SUBSCRIBE = "Have reports and dashboards sent by mail"
    PUBLISH_REPORTS = "Share reports and dashboards with partners"
    SEE_SURVEYS = "See surveys"
    READ_RESULTS = "Read what surveys found, and who answered"
    BUILD_SURVEYS = "Build and send surveys, and act on what they found"
    IMPORT = "Import spreadsheets"
    SEE_PEOPLE = "See who can sign in"
    MANAGE_PEOPLE = "Invite, disable and change people"
    REVIEW_APPLICATIONS = "Accept and decline who wants to become a partner"
    SEE_AUDIT = "Read the audit trail, and prove who sees what"
    VIEW_AS = "Look at the portal as one of its users, without changing anything"
    SET_UP = "Change the organisation's settings"
    SEE_OUTBOX = "Read the outbox"


POLICY: dict[Do, tuple[Role, ...]] = {
    Do.SEE_HOME: _EVERYONE,
    Do.KEEP_OWN_PROFILE: _EVERYONE,
    Do.SEE_PARTNERS: _EVERYONE,
    Do.EDIT_PARTNERS: (_A, _M),
    Do.SEE_CONTACTS: _EVERYONE,
    Do.EDIT_CONTACTS: (_A, _M, _E),
    Do.ENABLE_PARTNERS: (_A, _M, _E),
    Do.SEE_DEALS: _EVERYONE,
    Do.EDIT_DEALS: (_A, _M, _E, _P, _B),
    Do.DECIDE_DEALS: (_A, _M),
    Do.SEE_RECORDS: _EVERYONE,
    Do.EDIT_RECORDS: (_A, _M),
    Do.SEE_SCORECARDS: _EVERYONE,
    Do.PUBLISH_SCORECARDS: (_A, _M),
    Do.DOWNLOAD_ALL_SCORECARDS: STAFF,
    Do.SEE_KPIS: STAFF,
    Do.EDIT_KPIS: (_A, _M),
    Do.CLOSE_PERIODS: (_A,),
    Do.SEE_ACTIVITY: _EVERYONE,
    Do.ASK: _EVERYONE,
    Do.SEE_REPORTS: _EVERYONE,
    Do.BUILD_REPORTS: STAFF,
    Do.SUBSCRIBE: _EVERYONE,
    Do.PUBLISH_REPORTS: (_A, _M),
    Do.SEE_SURVEYS: _EVERYONE,
    Do.READ_RESULTS: STAFF,
    Do.BUILD_SURVEYS: (_A, _M),
    Do.IMPORT: (_A, _M),
    Do.SEE_PEOPLE: (_A, _M, _N, _E),
    Do.MANAGE_PEOPLE: (_A,),
    Do.REVIEW_APPLICATIONS: (_A, _M),
    Do.SEE_AUDIT: (_A,),
    Do.VIEW_AS: (_A, _M),
    Do.SET_UP: (_A,),
    Do.SEE_OUTBOX: (_A,),
}


def check_may(viewer, do: Do) -> None:
    """Forbidden where it does not."""
    if not may(viewer, do):
        raise Forbidden()


def may(viewer, do: Do) -> bool:
    """Whether the viewer's role allows it; nobody (no role, or disabled) may do anything."""
    role = getattr(viewer, "role", None)
    return role is not None and viewer.disabled_at is None and role in POLICY[do]
