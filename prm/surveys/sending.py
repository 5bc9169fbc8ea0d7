"""Waves: planned, sent, reminded, repeated. Invitations and their mails are rows of one transaction."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peewee import JOIN

from prm.access import rows
from prm.access.policy import Do, may
from prm.access.portals import Wardrobe
from prm.core import bulk, clock, links, mail
from prm.core.db import db
from prm.core.errors import Conflict, Invalid
from prm.core.jobs import enqueue
from prm.models import Activity, Contact, Invitation, Organisation, Partner, Person, Survey, Wave
from prm.models.survey import EVERY
from prm.surveys import letters, recipients
from prm.surveys.content import Content
from prm.surveys.recipients import Planned
from prm.surveys.versions import publish, published

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
MOST_REMINDERS, LONGEST_PAUSE = 5, 60
AT_ONCE = 500  # more are sent by a job
SURE_OVER = 50  # mails: more are confirmed by a tick


@dataclass(frozen=True)
class Order:
    """What a person asks for when they send. `send_at` None is now; `label` names the wave in results."""

    recipients: dict
    subject: str
    text: str
    ask: str = ""
    label: str = ""
    send_at: datetime | None = None
    closes_at: datetime | None = None
    remind_days: int = 0
    remind_times: int = 0
    every: str = ""
    sure: bool = False  # whether they mean it that so many are asked


def check(survey: Survey, order: Order, now: datetime) -> None:
    """Invalid beside the input that is wrong."""
    letters.check(order.subject, order.text)
    content = Content.parse(survey.content)
    if order.ask and order.ask not in {q.code for q in letters.askable(content)}:
        raise Invalid("Only a question of points on the first page can stand in the mail.", field="ask")
    if order.send_at is not None and order.send_at < now - timedelta(minutes=5):
        raise Invalid("That time is over.", field="send_at")
    if order.closes_at is not None and order.closes_at <= (order.send_at or now):
        raise Invalid("It would be closed before it is sent.", field="closes_at")
    if not 0 <= order.remind_days <= LONGEST_PAUSE or not 0 <= order.remind_times <= MOST_REMINDERS:
        raise Invalid(f"Up to {MOST_REMINDERS} reminders, up to {LONGEST_PAUSE} days apart.", field="remind_days")
    if order.every not in EVERY:
        raise Invalid("Choose how often.", field="every")
    if order.every and "contacts" in order.recipients:
        raise Invalid("Contacts chosen by hand are asked once. To repeat it, choose by filters.", field="every")


def send(viewer, survey: Survey, order: Order) -> Wave:
    """Publish what was built, and ask everybody who is to be asked: now, or when it is time."""
    now = clock.now()
    check(survey, order, now)
    if survey.state == "closed":
        raise Conflict("The survey is closed. Open it again first.")
    if not (ready := [p for p in recipients.plan(viewer, survey, order.recipients, now) if not p.held]) and order.send_at is None:
        raise Invalid("Nobody would be asked. Look at the list: it says why each is held back.")
    if len(ready) > SURE_OVER and not order.sure:
        raise Invalid(f"These are {len(ready):,} mails. Tick the box beside the button if you mean that.")
    survey = publish(viewer, survey)
    with db.atomic():
        wave = _wave(viewer.id, survey, order, following(order.send_at or now, order.every))
        Survey.update(state="open").where(Survey.id == survey.id).execute()
        Activity.record(viewer, "survey.sent", survey, title=survey.title, wave=wave.label)
        if order.send_at is not None or len(ready) > AT_ONCE:
            enqueue("surveys.send", key=f"wave-{wave.id}", run_at=order.send_at, wave=wave.id)
        else:
            ask(wave, now)
    return wave


def _wave(author: int, survey: Survey, order: Order, next_at: datetime | None) -> Wave:
    number, send_at = Wave.next_number(survey.id), order.send_at or clock.now()
    label = " ".join(order.label.split())[:80] or f"Wave {number}"
    return Wave.create(
        survey=survey, number=number, label=label, recipients=order.recipients, subject=order.subject.strip(), text=order.text.strip(), ask=order.ask,
        send_at=send_at, closes_at=order.closes_at, remind_days=order.remind_days, remind_times=order.remind_times,
        every=order.every, next_at=next_at, author=author,
    )  # fmt: skip


def following(at: datetime, every: str) -> datetime | None:
    """The same day and hour, by the organisation's clock, so many months later; a day that a month lacks is its last."""
    if not every:
        return None
    here = at.astimezone(clock.zone(Organisation.current().zone))
    month = here.month - 1 + MONTHS[every]
    year, month = here.year + month // 12, month % 12 + 1
    for day in range(here.day, 0, -1):
        try:
            return here.replace(year=year, month=month, day=day).astimezone(UTC)
        except ValueError:
            continue
    return None


# ── asking ──


def key_of(wave: Wave, contact_id: int) -> str:
    """The key in somebody's link: worked out anew each time, as only its hash is stored."""
    return links.derived("survey", wave.id, contact_id)


NAMES = ("wave", "contact", "partner", "key_hash", "mail", "held", "asked_at", "answered", "reminded")


def ask(wave: Wave, now: datetime, report=lambda done, total: None) -> int:
    """Invitations and mails of everybody in a wave, once; returns how many are asked. The rights are those of whoever
    planned it, looked at now."""
    author = wave.author if wave.author_id else None
    if author is None or not may(author, Do.BUILD_SURVEYS):
        return _trouble(wave, "Whoever planned it may not send surveys any more.")
    survey = Survey.get_by_id(wave.survey_id)
    if survey.state == "closed" or survey.deleted_at is not None:
        return _trouble(wave, "The survey was closed before it was time.")
    with db.atomic():
        if not Wave.update(sent_at=now, trouble="").where((Wave.id == wave.id) & Wave.sent_at.is_null()).execute():
            return 0
        wave.sent_at = now
        try:
            planned = recipients.plan(author, survey, wave.recipients, now)
        except Invalid as refusal:
            return _trouble(wave, f"A filter of its recipients cannot be used any more: {refusal.message}")
        ready = [each for each in planned if not each.held]
        mails = _post(wave, letters.Letters(survey, wave, published(survey)), [(each.contact, each.partner_name) for each in ready], "0", report)
        bulk.insert(Invitation, NAMES, [_row(wave, each, now, mails.get(each.contact.id)) for each in planned])
    return len(ready)


def _row(wave: Wave, each: Planned, now: datetime, mail: int | None) -> tuple:
    key = None if each.held else links.digest(key_of(wave, each.contact.id))
    return wave.id, each.contact.id, each.contact.partner_id, key, mail, each.held, None if each.held else now, False, 0


def _trouble(wave: Wave, words: str) -> int:
    Wave.update(trouble=words, sent_at=wave.sent_at or clock.now(), next_at=None).where(Wave.id == wave.id).execute()
    return 0


def _post(wave: Wave, written: letters.Letters, people: list[tuple[Contact, str]], round: str, report=lambda done, total: None) -> dict[int, int]:
    """Queue a mail for each; returns which it is, by contact."""
    posts, wardrobe = [], Wardrobe({contact.partner_id for contact, _ in people})
    for contact, partner in people:
        link = letters.address(key_of(wave, contact.id))
        leave = f"{link}/stop"
        subject, text, html = written.to(contact, partner, link, leave, wardrobe.of(contact.partner_id))
        posts.append(mail.Post(contact.email, subject, text, html, link, leave, contact.partner_id, f"survey-{wave.id}-{contact.id}-{round}"))
    made = mail.post_all(posts, report)
    return {contact.id: made[post.key] for post, (contact, _) in zip(posts, people, strict=True)}


# ── reminders and repetition ──


def remind(wave: Wave, now: datetime) -> int:
    """Those who have not answered, as long as it makes sense: mail that was refused is not sent again, nobody is reminded
    who refuses surveys, and nobody more often than was said."""
    survey = Survey.get_by_id(wave.survey_id)
    if not wave.remind_times or not wave.remind_days or survey.state != "open" or survey.deleted_at or is_over(wave, now):
        return 0
    with db.atomic():
        due = waiting(wave, now)
        if due:
            _remind(survey, wave, due, now)
    return len(due)


def waiting(wave: Wave, now: datetime, viewer=None, *, days: int | None = None, times: int | None = None) -> list[Invitation]:
    """Whose reminder is due: so many days after the last mail, and not more often than so many times; as planned, by default."""
    last = now - timedelta(days=wave.remind_days if days is None else days)
    columns = (Invitation, Contact, mail.Mail)
    query = (
        (Invitation.select(*columns) if viewer is None else rows.visible(Invitation, viewer, *columns))
        .join(Contact).switch(Invitation).join(mail.Mail, JOIN.LEFT_OUTER)
        .where(
            (Invitation.wave == wave.id) & (Invitation.answered == False) & (Invitation.held == "")  # noqa: E712
            & (Invitation.reminded < (wave.remind_times if times is None else times)) & Contact.no_surveys_at.is_null() & Contact.email.is_null(False)
            & (Invitation.asked_at <= last) & (Invitation.reminded_at.is_null() | (Invitation.reminded_at <= last))
        )
    )  # fmt: skip
    return [each for each in query if each.mail is None or each.mail.state not in ("refused", "given_up")]


def _remind(survey: Survey, wave: Wave, due: list[Invitation], now: datetime) -> None:
    written = letters.Letters(survey, wave, published(survey), reminder=True)
    names = dict(Partner.select(Partner.id, Partner.name).where(Partner.id.in_({each.partner_id for each in due})).tuples())
    rounds: dict[int, list[Invitation]] = {}
    for each in due:
        rounds.setdefault(each.reminded + 1, []).append(each)
    for round, group in rounds.items():
        mails = _post(wave, written, [(each.contact, names.get(each.partner_id, "")) for each in group], str(round))
        for each in group:
            hashed = links.digest(key_of(wave, each.contact_id))  # another one, if the portal's secret was changed
            facts = {"reminded": round, "reminded_at": now, "key_hash": hashed, "mail": mails[each.contact_id]}
            Invitation.update(facts).where(Invitation.id == each.id).execute()


def remind_now(viewer, wave: Wave) -> int:
    """Everybody who has not answered, whatever was planned; nobody twice in a day."""
    now = clock.now()
    survey = Survey.get_by_id(wave.survey_id)
    if survey.state != "open" or is_over(wave, now):
        raise Conflict("The survey is closed.")
    with db.atomic():
        due = waiting(wave, now, viewer, days=1, times=100)
        if due:
            _remind(survey, wave, due, now)
        Activity.record(viewer, "survey.reminded", survey, title=survey.title, count=len(due))
    return len(due)


def is_over(wave: Wave, now: datetime) -> bool:
    return wave.closes_at is not None and wave.closes_at <= now


def repeat(wave: Wave, now: datetime) -> Wave | None:
    """The next wave of a recurring one, once."""
    with db.atomic():
        mine = (Wave.id == wave.id) & (Wave.next_at == wave.next_at)
        if not Wave.update(next_at=None, every="").where(mine).execute():
            return None
        survey = Survey.get_by_id(wave.survey_id)
        if survey.state != "open" or survey.deleted_at is not None:
            return None
        at = following(wave.next_at, wave.every)
        while at is not None and at <= now:  # what was missed while no server ran is sent once
            at = following(at, wave.every)
        closes_at = now + (wave.closes_at - wave.send_at) if wave.closes_at and wave.send_at else None
        order = Order(wave.recipients, wave.subject, wave.text, wave.ask, "", now, closes_at, wave.remind_days, wave.remind_times, wave.every)
        made = _wave(wave.author_id, survey, order, at)
        ask(made, now)
    return made


def stop_repeating(viewer, wave: Wave) -> None:
    with db.atomic():
        Wave.update(next_at=None, every="").where(Wave.id == wave.id).execute()
        Activity.record(viewer, "survey.repeating_ended", Survey.get_by_id(wave.survey_id), title=wave.survey.title)


def call_off(viewer, wave: Wave) -> None:
    """A wave that waits for its time is not sent."""
    with db.atomic():
        if not Wave.delete().where((Wave.id == wave.id) & Wave.sent_at.is_null()).execute():
            raise Conflict("It has been sent already.")
        Activity.record(viewer, "survey.called_off", Survey.get_by_id(wave.survey_id), title=wave.survey.title)


def send_again(viewer, invitation: Invitation) -> None:
    """The same link once more, because somebody asks for it."""
    wave, contact = invitation.wave, invitation.contact
    if invitation.held or not contact.email or contact.no_surveys_at:
        raise Conflict("They are not asked in this wave.")
    if invitation.answered and not wave.survey.again == "last":
        raise Conflict("They have answered.")
    with db.atomic():
        written = letters.Letters(wave.survey, wave, published(wave.survey))
        partner = rows.get(Partner, viewer, contact.partner_id)
        mails = _post(wave, written, [(contact, partner.name)], f"{clock.now():%Y%m%d%H%M%S}")
        Invitation.update(reminded_at=clock.now(), mail=mails[contact.id]).where(Invitation.id == invitation.id).execute()
        Activity.record(viewer, "contact.sent_again", contact, title=contact.display)


def send_test(viewer: Person, survey: Survey, order: Order) -> None:
    """The mail as it would look, to oneself. Its link opens a trial in which nothing is stored."""
    letters.check(order.subject, order.text)
    wave = Wave(survey=survey, subject=f"Test: {order.subject}", text=order.text, ask=order.ask)
    link = links.address(f"/surveys/{survey.id}/try")
    me = Contact(name=viewer.name, email=viewer.email)
    subject, text, html = letters.compose(survey, wave, Content.parse(survey.content)).to(me, Organisation.current().name, link, link)
    with db.atomic():
        mail.post(viewer.email, subject, text, html=html, link=link)
        Activity.record(viewer, "survey.tested", survey, title=survey.title)
