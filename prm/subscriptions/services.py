"""Setting up, changing, stopping and leaving subscriptions; and what happens when one is due."""
from __future__ import annotations

from datetime import datetime
from dataclasses import dataclass
from zoneinfo import available_timezones

from prm.access import rows
from prm.access.policy import Do, may
from prm.core import clock, links
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid, Missing
from prm.core.jobs import enqueue
from prm.models import Activity, Dashboard, Delivery, Organisation, Person, Report, Subscriber, Subscription
from prm.models.subscription import EVERY, FORMS
from prm.subscriptions import conditions
from prm.subscriptions.times import LAST_DAY, following, words

MOST_PEOPLE = 200


@dataclass(frozen=True)
class Listed:
    """A line of the list: its name for this viewer, when it comes, how many of the people they know get it, and whether
    they do."""

    subscription: Subscription
    name: str
    when: str
    people: int
    gets_it: bool


def source(viewer, what: str) -> Report | Dashboard:
    """What “report:5” or “dashboard:3” names; Missing for what this viewer may not see."""
    kind, _, key = what.partition(":")
    if kind not in ("report", "dashboard") or not key.isascii() or not key.isdecimal() or len(key) > 18:
        raise Missing()
    return rows.get(Report if kind == "report" else Dashboard, viewer, int(key))


def subject(viewer, subscription: Subscription) -> Report | Dashboard | None:
    """What it sends, as far as this viewer may see it now."""
    table, id = (Report, subscription.report_id) if subscription.report_id else (Dashboard, subscription.dashboard_id)
    return rows.visible(table, viewer).where(table.id == id).get_or_none()


def readers(viewer, what: Report | Dashboard) -> list[Person]:
    """Whom the viewer may send it to: themselves, and who builds reports also those they know who see it."""
    if not may(viewer, Do.BUILD_REPORTS):
        return [viewer]
    known = rows.visible(Person, viewer).where(Person.disabled_at.is_null() & Person.email.is_null(False))
    alike: dict[tuple, bool] = {}  # who is on one side sees the same reports; `save` looks at each who was chosen
    found = []
    for person in known.order_by(Person.name, Person.id):
        side = (person.is_staff, person.id == what.owner_id)
        if side not in alike:
            alike[side] = _sees(person, what)
        if alike[side]:
            found.append(person)
    return found


def _sees(person: Person, what: Report | Dashboard) -> bool:
    table = type(what)
    return may(person, Do.SEE_REPORTS) and rows.visible(table, person).where(table.id == what.id).exists()


def checked(*, every: str, on_day: int | None, hour: int, zone: str, key: str = "", op: str = "", value: str = "", form: str = "inline") -> dict:
    """The facts of a subscription; Invalid beside the field that is wrong."""
    if every not in EVERY:
        raise Invalid("Choose how often.", field="every")
    if zone not in available_timezones():
        raise Invalid("That is no time zone. Choose one such as Europe/Berlin.", field="zone")
    if not 0 <= hour <= 23:
        raise Invalid("An hour is a number from 0 to 23.", field="hour")
    if form not in FORMS:
        raise Invalid("Choose how it is sent.", field="form")
    day = {"day": 0}.get(every, on_day)
    low, high = (0, 6) if every in ("day", "week") else (1, LAST_DAY)
    if day is None or not low <= day <= high:
        raise Invalid(f"Choose a day of the month from 1 to {LAST_DAY}." if high == LAST_DAY else "Choose a weekday.", field="day" if high == LAST_DAY else "weekday")
    return {"every": every, "on_day": day, "hour": hour, "zone": zone, "form": form, "condition": conditions.parse(key, op, value)}


def save(viewer, what: Report | Dashboard, facts: dict, people: list[int], *, subscription: Subscription | None = None) -> Subscription:
    """Set up, or changed by whoever set it up. Everybody in `people` must be one who may get it."""
    offered = {person.id: person for person in readers(viewer, what)}
    if not people or not all(id in offered and _sees(offered[id], what) for id in people):
        raise Invalid("Choose at least one person." if not people else "One of these people does not see it. Share it with them first.", field="people")
    if len(people) > MOST_PEOPLE:
        raise Invalid(f"A subscription goes to {MOST_PEOPLE} people at most.", field="people")
    if subscription is not None:
        check_owner(viewer, subscription)
    facts = facts | {"next_at": _next(facts, clock.now())}
    with db.atomic():
        if subscription is None:
            of = {"report": what} if isinstance(what, Report) else {"dashboard": what}
            subscription = Subscription.create(owner=viewer.id, **of, **facts)
        else:
            Subscription.update(**facts).where(Subscription.id == subscription.id).execute()
            subscription = Subscription.get_by_id(subscription.id)
        _set_people(subscription, set(people), set(offered))
        wake(subscription)
        Activity.record(viewer, "subscription.saved", subscription, title=what.name)
    return subscription


def check_owner(viewer, subscription: Subscription) -> None:
    if subscription.owner_id != viewer.id:
        raise Forbidden("Only whoever set it up may change it.")


def _next(facts: dict, after: datetime) -> datetime:
    return following(facts["every"], facts["on_day"], facts["hour"], facts["zone"], after, fiscal_month=Organisation.current().fiscal_month)


def _set_people(subscription: Subscription, wanted: set[int], offered: set[int]) -> None:
    """Who is chosen gets it (again); of those who were offered the others do not. Whom the viewer cannot see stays."""
    known = {each.person_id: each for each in subscription.subscribers}
    for person in sorted(wanted - known.keys()):
        Subscriber.create(subscription=subscription, person=person)
    again = [each.id for id, each in known.items() if id in wanted and each.ended_at]
    gone = [each.id for id, each in known.items() if id in offered - wanted and not each.ended_at]
    Subscriber.update(ended_at=None).where(Subscriber.id.in_(again)).execute()
    Subscriber.update(ended_at=clock.now()).where(Subscriber.id.in_(gone)).execute()


def wake(subscription: Subscription) -> None:
    """Have it looked at when it is due next."""
    enqueue("subscriptions.due", key=f"subscription-{subscription.id}", run_at=subscription.next_at, subscription=subscription.id)


def stop(viewer, subscription: Subscription) -> None:
    """For everybody, until it is started again."""
    _set_stopped(viewer, subscription, clock.now(), "subscription.stopped")


def start(viewer, subscription: Subscription) -> None:
    _set_stopped(viewer, subscription, None, "subscription.started")


def _set_stopped(viewer, subscription: Subscription, at: datetime | None, verb: str) -> None:
    if subscription.owner_id != viewer.id and not may(viewer, Do.SET_UP):
        raise Forbidden("Only whoever set it up, or an admin, may stop it.")
    facts = {name: getattr(subscription, name) for name in ("every", "on_day", "hour", "zone")}
    with db.atomic():
        subscription.stopped_at, subscription.next_at = at, _next(facts, clock.now())
        subscription.save(only=[Subscription.stopped_at, Subscription.next_at])
        if at is None:
            wake(subscription)
        what = subject(viewer, subscription)
        Activity.record(viewer, verb, subscription, title=what.name if what else "")


def leave(person: Person, subscription: Subscription) -> bool:
    """They do not want it any more; False where they had left before."""
    return _set_ended(person, subscription, clock.now(), "subscription.left")


def rejoin(person: Person, subscription: Subscription) -> bool:
    return _set_ended(person, subscription, None, "subscription.joined")


def _set_ended(person: Person, subscription: Subscription, at: datetime | None, verb: str) -> bool:
    mine = (Subscriber.subscription == subscription.id) & (Subscriber.person == person.id)
    with db.atomic():
        changed = Subscriber.update(ended_at=at).where(mine & Subscriber.ended_at.is_null(at is not None)).execute()
        if changed:
            what = subject(person, subscription)
            Activity.record(person, verb, subscription, title=what.name if what else "")
    return bool(changed)


def gets(person, subscription: Subscription) -> bool:
    mine = (Subscriber.subscription == subscription.id) & (Subscriber.person == person.id)
    return Subscriber.select().where(mine & Subscriber.ended_at.is_null()).exists()


def overview(viewer) -> list[Listed]:
    """Those that the viewer set up or gets, the next one first."""
    found = list(rows.visible(Subscription, viewer).order_by(Subscription.stopped_at.is_null(False), Subscription.next_at))
    names = {table: _names(viewer, table, {getattr(each, f"{table._meta.name}_id") for each in found}) for table in (Report, Dashboard)}
    among = rows.visible(Subscriber, viewer, Subscriber.subscription, Subscriber.person).where(Subscriber.ended_at.is_null()).tuples()
    getting: dict[int, list[int]] = {}
    for subscription, person in among:
        getting.setdefault(subscription, []).append(person)
    return [
        Listed(
            each, names[Report].get(each.report_id) or names[Dashboard].get(each.dashboard_id) or "Not shared with you any more",
            words(each.every, each.on_day, each.hour, each.zone), len(getting.get(each.id, ())), viewer.id in getting.get(each.id, ()),
        )
        for each in found
    ]  # fmt: skip


def _names(viewer, table, ids: set) -> dict[int, str]:
    return {row.id: row.name for row in rows.visible(table, viewer).where(table.id.in_(ids - {None}))}


def by_key(key: str) -> Delivery:
    """The delivery whose mail has this key in its link; Missing for any other."""
    found = Delivery.get_or_none(Delivery.leave_hash == links.digest(key))
    if found is None:
        raise Missing()
    return found


def send_now(viewer, subscription: Subscription) -> None:
    """One for the viewer alone, whatever its condition says."""
    if subject(viewer, subscription) is None:
        raise Missing()
    due = clock.now().replace(microsecond=0)
    with db.atomic():
        enqueue(
            "subscriptions.deliver", key=f"{subscription.id}-{viewer.id}-{due.isoformat()}",
            subscription=subscription.id, person=viewer.id, due=due.isoformat(), always=True,
        )  # fmt: skip


def fall_due(subscription: Subscription, now: datetime) -> int:
    """Queue a delivery for everybody who gets it, once, and set the next time. What was missed while no server ran is sent
    once, not several times. Returns how many were queued."""
    due = subscription.next_at
    facts = {name: getattr(subscription, name) for name in ("every", "on_day", "hour", "zone")}
    with db.atomic():
        same = (Subscription.id == subscription.id) & (Subscription.next_at == due) & Subscription.stopped_at.is_null()
        subscription.next_at = _next(facts, now)
        if not Subscription.update(next_at=subscription.next_at).where(same).execute():
            return 0
        people = list(Subscriber.select(Subscriber.person).where((Subscriber.subscription == subscription.id) & Subscriber.ended_at.is_null()).scalars())
        for person in people:
            enqueue(
                "subscriptions.deliver", key=f"{subscription.id}-{person}-{due.isoformat()}",
                subscription=subscription.id, person=person, due=due.isoformat(), always=False,
            )  # fmt: skip
        wake(subscription)
    return len(people)
