"""A subscription that is due, and one mail of it to one person: worked out for them, once, and written down."""
from __future__ import annotations

from datetime import datetime

from prm.access.policy import Do, may
from prm.core import clock, links, mail
from prm.core.db import db
from prm.core.errors import Invalid, Refusal
from prm.core.jobs import Job, job
from prm.models import Delivery, Organisation, Person, Subscription
from prm.subscriptions import services
from prm.subscriptions.composing import compose
from prm.subscriptions.conditions import Skipped


@job("subscriptions.due")
def due(job: Job) -> dict:
    """Queues the mails, if it is time; else it was woken for a time that was changed since."""
    found = Subscription.get_or_none(Subscription.id == job.facts["subscription"])
    if found is None or found.stopped_at is not None:
        return {"queued": 0}
    if found.next_at > clock.now():
        services.wake(found)
        return {"queued": 0}
    return {"queued": services.fall_due(found, clock.now())}


@job("subscriptions.look")
def look(_job: Job) -> dict:
    """Wakes whatever should run and has no job waiting: one that broke off is not the end of a subscription."""
    for found in (running := list(Subscription.select().where(Subscription.stopped_at.is_null()))):
        services.wake(found)
    return {"running": len(running)}


@job("subscriptions.deliver", long=True)
def deliver(job: Job) -> dict:
    """Rights are looked at now. What is wrong with the report is told in the log of deliveries, not tried again."""
    found = Subscription.get_or_none(Subscription.id == job.facts["subscription"])
    person = Person.get_or_none(Person.id == job.person_id)
    when = datetime.fromisoformat(job.facts["due"])
    if found is None or person is None or _known(found, person, when):
        return {}
    token = Organisation.remember()
    try:
        outcome, reason = _deliver(found, person, when, job.facts["always"])
    finally:
        Organisation.forget(token)
    return {"outcome": outcome, "reason": reason}


def _known(found: Subscription, person: Person, when: datetime) -> bool:
    same = (Delivery.subscription == found.id) & (Delivery.person == person.id) & (Delivery.due_at == when)
    return Delivery.select().where(same).exists()


def _deliver(found: Subscription, person: Person, when: datetime, always: bool) -> tuple[str, str]:
    key, hashed = links.mint()
    leave = links.address(f"/leave/{key}")
    try:
        what = services.subject(person, found)
        if what is None or not person.email or not may(person, Do.SUBSCRIBE):
            raise Invalid("They do not see it any more.")
        made = compose(found, what, person, leave, always=always)
    except Skipped as skipped:
        return _note(found, person, when, "skipped", str(skipped))
    except Refusal as refusal:
        return _note(found, person, when, "failed", refusal.message)
    with db.atomic():
        if _known(found, person, when):
            return "sent", ""  # by another worker, in the same moment
        row = mail.post(
            person.email, made.subject, made.text, html=made.html, attachments=made.attachments, leave=leave, partner=person.partner_id,
            key=f"subscription-{found.id}-{person.id}-{when:%Y%m%d%H%M%S}",
        )  # fmt: skip
        Delivery.create(subscription=found, person=person, due_at=when, outcome="sent", mail=row, leave_hash=hashed)
    return "sent", ""


def _note(found: Subscription, person: Person, when: datetime, outcome: str, reason: str) -> tuple[str, str]:
    with db.atomic():
        Delivery.insert(subscription=found, person=person, due_at=when, at=clock.now(), outcome=outcome, reason=reason).on_conflict_ignore().execute()
    return outcome, reason
