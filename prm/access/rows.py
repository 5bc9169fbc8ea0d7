"""Which rows: one rule per table. A table without a rule raises, so that it cannot be shown by forgetting one.

A rule gives an expression over the table (or an alias of it); None means every row, `NOTHING` none. Rules nest
through ids, never through Python lists, so that they hold in joins, sub-queries and exports alike.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_

from peewee import Expression, ModelAlias, ModelSelect, Value

from prm.core.errors import Missing
from prm.models import (
    Activity, Answer, ApiToken, Application, Ballot, BusinessRole, ClosedPeriod, Contact, CustomField, CustomObject, CustomRecord, Dashboard, Deal, Delivery, Folder, Hit, Import, ImportMap,
    ImportRow, Invitation, Job, Kpi, KpiEntry, KpiResult, KpiVersion, Layout, Link, Mail, Organisation, Partner, Person, Portal, PortalPicture, PortalVersion, Rate, Receipt, Report,
    ReportReader, ReportVersion, Response, Role, Schedule, Scorecard, Session, Stage, Stale, Subscriber, Subscription, Survey, SurveyAction,
    SurveyQuestion, SurveyVersion, Target, Tier, Tile, Wave,
)  # fmt: skip

MAX_ID = 2**31 - 1
NOTHING = Value(1) == Value(0)

Rule = Callable[[object, Person], Expression | None]
RULES: dict[type, Rule] = {}


def rule(*tables):
    """Make the function below the rule of these tables."""

    def keep(function: Rule) -> Rule:
        for table in tables:
            RULES[table] = function
        return function

    return keep


def condition(table, viewer) -> Expression | None:
    """The rule of a table (or an alias of one) for this viewer; None where nothing is held back."""
    model = table.model if isinstance(table, ModelAlias) else table
    if issubclass(model, CustomRecord):
        model = CustomRecord
    if model not in RULES:
        raise LookupError(f"no row rule for {model.__name__}")
    if getattr(viewer, "role", None) is None or viewer.disabled_at is not None:
        return NOTHING
    return RULES[model](table, viewer)


def visible(table, viewer, *columns) -> ModelSelect:
    """The rows of `table` that the viewer may see, as a query to refine."""
    found = table.select(*columns)
    held = condition(table, viewer)
    return found if held is None else found.where(held)


def get(table, viewer, id, *, among: ModelSelect | None = None):
    """One row, or Missing: a foreign id, an unknown one and one too large to exist look the same. `among` are the visible
    rows, where they are read with others that they link to."""
    try:
        number = int(id)
    except (TypeError, ValueError):
        raise Missing() from None
    if not 0 < number <= MAX_ID:
        raise Missing()
    row = (visible(table, viewer) if among is None else among).where(table.id == number).get_or_none()
    if row is None:
        raise Missing()
    return row


def _ids(table, viewer):
    return visible(table, viewer, table.id)


def _sees_everything(viewer) -> bool:
    return viewer.role in (Role.ADMIN, Role.ANALYST) or (viewer.role == Role.MANAGER and viewer.sees_all)


def sees_whole_partners(viewer) -> bool:
    """Whether every row of the partners they see is theirs to see: staff, and executives."""
    return viewer.is_staff or viewer.role == Role.EXECUTIVE


def sees_account(viewer) -> bool:
    """Whether pages about the whole company, its own page and its scorecards, are theirs: a portal may keep them from members."""
    return viewer.role != Role.MEMBER or Organisation.current().members_see_account


# ── the rules ──


@rule(Partner)
def _partners(t, viewer):
    if _sees_everything(viewer):
        return None
    if viewer.role == Role.MANAGER:
        return t.manager == viewer.id
    if not sees_account(viewer):
        return NOTHING
    return t.id == viewer.partner_id


def _of_partner(t, viewer):
    """Rows that hang on a partner which staff may see."""
    return None if _sees_everything(viewer) else t.partner.in_(_ids(Partner, viewer))


def _own_contacts(viewer):
    """Ids of the contacts whose rows a partner manager or member calls own: themselves, and for the former the members."""
    mine = Contact.select(Contact.id).where(Contact.id == viewer.contact_id)
    if viewer.role == Role.MEMBER:
        return mine
    members = Person.select(Person.contact).where(
        (Person.partner == viewer.partner_id) & (Person.role == Role.MEMBER) & Person.contact.is_null(False)
    )
    return Contact.select(Contact.id).where((Contact.id == viewer.contact_id) | Contact.id.in_(members))


@rule(Contact)
def _contacts(t, viewer):
    if viewer.is_staff:
        return _of_partner(t, viewer)
    whole = t.partner == viewer.partner_id
    return whole if viewer.role == Role.EXECUTIVE else whole & t.id.in_(_own_contacts(viewer))


@rule(Deal)
def _deals(t, viewer):
    if viewer.is_staff:
        return _of_partner(t, viewer)
    whole = t.partner == viewer.partner_id
    return whole if viewer.role == Role.EXECUTIVE else whole & t.owner.in_(_own_contacts(viewer))


@rule(CustomRecord)
def _records(t, viewer):
    """Of one object where it is the table of one; the partner side sees those of its company, of objects meant for it."""
    held = _of_partner(t, viewer)
    model = t.model if isinstance(t, ModelAlias) else t
    if not viewer.is_staff:
        meant = CustomObject.select(CustomObject.id).where((CustomObject.audience != "staff") & CustomObject.deleted_at.is_null())
        held &= t.object.in_(meant)
    if model is CustomRecord:
        return held
    one = t.object == model.object_id_of
    return one if held is None else one & held


@rule(Scorecard)
def _scorecards(t, viewer):
    if viewer.is_staff:
        return _of_partner(t, viewer)
    return t.partner.in_(_ids(Partner, viewer)) & (t.state == "published")


@rule(KpiResult)
def _results(t, viewer):
    """The partner side reads figures only once their scorecard is published, and then the frozen ones: not these rows."""
    return _of_partner(t, viewer) if viewer.is_staff else NOTHING


@rule(KpiEntry, Stale)
def _figures(t, viewer):
    return _of_partner(t, viewer) if viewer.is_staff else NOTHING


@rule(Target)
def _targets(t, viewer):
    if not viewer.is_staff:
        return NOTHING
    return None if _sees_everything(viewer) else t.partner.is_null() | t.partner.in_(_ids(Partner, viewer))


@rule(Application)
def _applications(t, viewer):
    """Nobody's yet, and so for all staff; once it is a partner, for those who see that partner."""
    if not viewer.is_staff:
        return NOTHING
    held = _of_partner(t, viewer)
    return None if held is None else t.partner.is_null() | held


@rule(Activity)
def _activities(t, viewer):
    if viewer.is_staff:
        return None if _sees_everything(viewer) else t.partner.in_(_ids(Partner, viewer)) | (t.actor == viewer.id)
    return t.partner.in_(_ids(Partner, viewer)) & (t.shared == True)  # noqa: E712


@rule(Person)
def _people(t, viewer):
    """Staff know their colleagues and the portal users of their partners; a partner's people know each other by role."""
    if _sees_everything(viewer):
        return None
    if viewer.role == Role.MANAGER:
        return t.partner.is_null() | t.partner.in_(_ids(Partner, viewer))
    mine = t.id == viewer.id
    contact_person = t.id.in_(Partner.select(Partner.manager).where(Partner.id == viewer.partner_id))
    own = [mine, contact_person]
    if viewer.role == Role.EXECUTIVE:
        own.append(t.partner == viewer.partner_id)
    if viewer.role == Role.PARTNER_MANAGER:
        own.append((t.partner == viewer.partner_id) & (t.role == Role.MEMBER))
    return reduce(or_, own)


@rule(Session, ApiToken)
def _sessions(t, viewer):
    return None if viewer.role == Role.ADMIN else t.person == viewer.id


@rule(Import, ImportMap)
def _imports(t, viewer):
    if viewer.role == Role.ADMIN:
        return None
    if viewer.role == Role.MANAGER and t is not ImportMap and getattr(t, "model", t) is Import:
        return t.person == viewer.id
    return None if viewer.role == Role.MANAGER else NOTHING


@rule(ImportRow)
def _import_rows(t, viewer):
    return t.batch.in_(_ids(Import, viewer))


@rule(Job)
def _jobs(t, viewer):
    return None if viewer.role == Role.ADMIN else t.person_id == viewer.id


@rule(Report, Dashboard)
def _reports(t, viewer):
    """One's own and those shared with one's side; a deleted one is gone for everybody."""
    shared = t.sharing.in_(("staff", "partners")) if viewer.is_staff else t.sharing == "partners"
    return t.deleted_at.is_null() & ((t.owner == viewer.id) | shared)


@rule(ReportVersion)
def _report_versions(t, viewer):
    return t.report.in_(_ids(Report, viewer)) if viewer.is_staff else NOTHING


@rule(ReportReader)
def _report_readers(t, viewer):
    """Staff know who of their colleagues looked at a report they share; what a partner looked at stays theirs."""
    own = t.person == viewer.id
    if not viewer.is_staff:
        return own
    staff = t.person.in_(Person.select(Person.id).where(Person.partner.is_null()))
    return t.report.in_(_ids(Report, viewer)) & (own | staff)


@rule(Tile)
def _tiles(t, viewer):
    """With their dashboard; of a report that the viewer may not see, the tile is not there either."""
    return t.dashboard.in_(_ids(Dashboard, viewer)) & (t.report.is_null() | t.report.in_(_ids(Report, viewer)))


@rule(Subscription)
def _subscriptions(t, viewer):
    """Whoever set it up, and whoever gets it or has left it; an admin sees where mails come from."""
    if viewer.role == Role.ADMIN:
        return None
    mine = Subscriber.select(Subscriber.subscription).where(Subscriber.person == viewer.id)
    return (t.owner == viewer.id) | t.id.in_(mine)


@rule(Subscriber, Delivery)
def _subscribers(t, viewer):
    """One's own; and of subscriptions that one set up, of those whom one may know: a manager who lost a partner loses its
    people here as well."""
    if viewer.role == Role.ADMIN:
        return None
    set_up = Subscription.select(Subscription.id).where(Subscription.owner == viewer.id)
    return (t.person == viewer.id) | (t.subscription.in_(set_up) & t.person.in_(_ids(Person, viewer)))


@rule(Survey)
def _surveys(t, viewer):
    """Staff share them. The partner side knows those that they were asked in, and those whose results are shared."""
    if viewer.is_staff:
        return t.deleted_at.is_null()
    asked = Wave.select(Wave.survey).where(Wave.id.in_(visible(Invitation, viewer, Invitation.wave)))
    return t.deleted_at.is_null() & (t.id.in_(asked) | (t.shared == True))  # noqa: E712


@rule(Invitation)
def _invitations(t, viewer):
    """Of the partner side everybody sees their own, whatever they may do: what one answers is nobody else's."""
    if viewer.is_staff:
        return _of_partner(t, viewer)
    return t.contact == viewer.contact_id if viewer.contact_id else NOTHING


@rule(Response, Answer)
def _answers(t, viewer):
    """Answers of an anonymous survey are nobody's to look at: they are only counted (prm/surveys/counting.py)."""
    if not viewer.is_staff:
        return NOTHING
    named = t.sealed == False  # noqa: E712
    held = _of_partner(t, viewer)
    return named if held is None else named & held


@rule(Ballot)
def _ballots(t, viewer):
    return NOTHING


@rule(SurveyVersion, SurveyQuestion, Wave, SurveyAction)
def _of_survey(t, viewer):
    return t.survey.in_(_ids(Survey, viewer)) if viewer.is_staff else NOTHING


@rule(Portal, PortalVersion, PortalPicture, Folder, Kpi, KpiVersion, CustomField, CustomObject, Layout, ClosedPeriod, Rate)
def _staff_only(t, viewer):
    return None if viewer.is_staff else NOTHING


@rule(Organisation, Tier, Stage, BusinessRole)
def _everyone(t, viewer):
    return None


@rule(Mail, Link, Hit, Receipt, Schedule)
def _admin_only(t, viewer):
    return None if viewer.role == Role.ADMIN else NOTHING
