"""Somebody answers: who by a link of their own, by the open link, or on trial; page by page, and handed in once.

A named survey keeps each page with the invitation. Of everybody else nothing is kept before the end: what was answered so far
travels in the form, and is checked again when it is handed in.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from werkzeug.datastructures import MultiDict

from prm.catalogue.records import touch
from prm.core import clock, links
from prm.core.db import db
from prm.core.errors import Conflict, Invalid, Missing, Refusal
from prm.core.ledger import once
from prm.models import Activity, Ballot, Contact, Invitation, Response, Survey, Wave
from prm.surveys import kinds, phrases, rules
from prm.surveys.content import CHOSEN, WRITTEN, Choice, Content, Page, Question
from prm.surveys.mixing import mix
from prm.surveys.versions import published
from prm.surveys.storing import replaced, store

LARGEST = 500_000  # characters of answers that travel in a form


class Closed(Refusal):
    """It cannot be answered any more."""

    status = 410

    def __init__(self) -> None:
        super().__init__("This survey is closed.")


class Answered(Conflict):
    """It was answered by this link, and stays as it is."""

    def __init__(self) -> None:
        super().__init__("You have answered this survey already.")


@dataclass
class Sitting:
    """`key` is what stands in the link and, for who has no invitation, a seed of their own: the order of choices follows it."""

    survey: Survey
    content: Content
    key: str = ""
    seed: str = ""
    wave: Wave | None = None
    invitation: Invitation | None = None
    on_trial: bool = False
    language: str = "en"
    answers: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def keeps(self) -> bool:
        """Whether each page is saved on the server: never what an anonymous survey is answered."""
        return self.invitation is not None and not self.survey.anonymous

    @property
    def version(self) -> int:
        return self.survey.version

    def say(self, text: dict) -> str:
        return self.content.say(text, self.language)

    # ── where one is ──

    @property
    def pages(self) -> list[Page]:
        return rules.way(self.content, self.answers)

    def page(self, key: str) -> Page | None:
        """The page with this key, if it is on the way; else the first one."""
        pages = self.pages
        return next((page for page in pages if page.key == key), pages[0] if pages else None)

    def shown(self, page: Page) -> list[Question]:
        return rules.shown(page, self.answers)

    def place(self, page: Page) -> tuple[int, int]:
        """“Part 2 of 4”, as far as it can be known."""
        pages = self.pages
        return pages.index(page) + 1 if page in pages else 1, max(1, len(pages))

    def after(self, page: Page) -> Page | None:
        pages = self.pages
        at = pages.index(page) + 1 if page in pages else len(pages)
        return pages[at] if at < len(pages) else None

    def before(self, page: Page) -> Page | None:
        pages = self.pages
        at = pages.index(page) if page in pages else 0
        return pages[at - 1] if at > 0 else None

    def choices(self, question: Question) -> list[Choice]:
        """In their order, or in one of their own for each reader."""
        found = list(question.choices)
        if question.random:
            Random(f"{self.key or self.seed}:{question.code}").shuffle(found)  # noqa: S311  an order, not a secret
        return found

    def value(self, question: Question) -> Any:
        """What stands in its inputs: as it was typed, where it was wrong; else the answer."""
        return self.typed.get(question.code, self.answers.get(question.code))

    def chosen(self, question: Question) -> list[str]:
        """The codes that are ticked."""
        value = self.value(question)
        value = value.get(CHOSEN) if isinstance(value, dict) else value
        return value if isinstance(value, list) else [str(value)] if value not in (None, "") else []

    def written(self, question: Question) -> str:
        """The words of one's own beside “another answer”."""
        value = self.value(question)
        return str(value.get(WRITTEN, "")) if isinstance(value, dict) else ""

    def ranked(self, question: Question, code: str) -> str:
        """The place that a choice was given, as text."""
        value = self.value(question)
        if isinstance(value, list):
            return str(value.index(code) + 1) if code in value else ""
        return str(value.get(code, "")) if isinstance(value, dict) else ""

    def is_live(self, page: Page) -> bool:
        """Whether answers of this page change what it asks."""
        own = {question.code for question in page.questions}
        return any(test.question in own for question in page.questions for test in question.show_if.tests)

    # ── what is said ──

    def phrase(self, english: str, **values: object) -> str:
        return phrases.say(english, self.language, **values)

    def language_name(self, language: str) -> str:
        return phrases.name(language)

    @property
    def direction(self) -> str:
        return "rtl" if self.language.split("-")[0] in phrases.RIGHT_TO_LEFT else "ltr"

    @property
    def first_name(self) -> str:
        name = self.invitation.contact.name if self.keeps else ""
        return name.split()[0] if name else ""

    @property
    def can_change(self) -> bool:
        """Whether what was handed in may be handed in anew."""
        return self.keeps and self.invitation.answered and self.survey.again == "last" and takes(self.survey, self.wave)

    @property
    def changing(self) -> bool:
        return self.keeps and self.invitation.answered

    def stored_words(self, organisation: str) -> str:
        """What is stored, and who sees it: each form says so."""
        if self.survey.anonymous:
            asked = self.phrase(" That you have answered is noted apart.") if self.invitation else ""
            return self.phrase("Anonymous: your answers are stored without your name, address or the time, mixed with those of others.") + asked
        if self.invitation is not None:
            return self.phrase("Your answers are stored with your name. {organisation} sees them. Each page is saved.", organisation=organisation)
        return self.phrase("Your answers are stored with the day. {organisation} sees them.", organisation=organisation)

    # ── a page comes in ──

    def take(self, page: Page, form: MultiDict) -> bool:
        """Take the answers of a page; False where something is wrong with one of them, or where answers make further
        questions of the same page appear that nobody has seen."""
        seen = set(form.get("seen", "").split(","))
        self.errors, self.typed = {}, {}
        for question in page.questions:
            if question in self.shown(page) and question.code in seen:
                self._take(question, form)
        new = [q for q in self.shown(page) if q.asks and q.code not in seen]
        return not self.errors and not new

    def _take(self, question: Question, form: MultiDict) -> None:
        self.typed[question.code] = kinds.typed(question, form)
        try:
            value = kinds.answered(question, form)
        except Invalid as refusal:
            self.errors[question.code] = refusal.message
            return
        if value is None:
            self.answers.pop(question.code, None)
        else:
            self.answers[question.code] = value

    def begin_with(self, args: MultiDict) -> None:
        """What a link in a mail chose already stands in the form; it is no answer before it is sent."""
        for question in self.content.pages[0].questions if self.content.pages else ():
            if question.code in args and question.code not in self.answers:
                try:
                    self.typed[question.code] = kinds.checked(question, args[question.code])
                except Invalid:
                    continue

    def so_far(self) -> str:
        return json.dumps(self.answers, ensure_ascii=False, separators=(",", ":"))

    def carry(self, text: str) -> None:
        """What travelled in the form; whatever does not fit the questions is left out."""
        try:
            data = json.loads(text) if len(text) <= LARGEST else {}
        except (ValueError, RecursionError):
            data = {}
        self.answers = fitting(self.content, data if isinstance(data, dict) else {})

    # ── keeping and handing in ──

    def open(self) -> None:
        """Note that the link was opened, the first time."""
        Invitation.update(opened_at=clock.now()).where((Invitation.id == self.invitation.id) & Invitation.opened_at.is_null()).execute()

    def keep(self, page: Page) -> None:
        """Save what was answered so far."""
        if not self.keeps:
            return
        draft = {"answers": self.answers, "language": self.language, "page": page.key}
        Invitation.update(draft=draft, started_at=self.invitation.started_at or clock.now()).where(Invitation.id == self.invitation.id).execute()

    def missing(self) -> Page | None:
        """The first page on the way on which something is required and was not answered, with the errors."""
        for page in self.pages:
            lacking = {q.code for q in self.shown(page) if q.required and q.asks and self.answers.get(q.code) is None}
            if lacking:
                self.errors = dict.fromkeys(lacking, "Please answer this question.")
                return page
        return None

    def hand_in(self) -> None:
        """Store what counts of it. Closed, or Answered, where it is not taken any more."""
        answers = rules.counted(self.content, self.answers)
        if self.on_trial:
            return
        if self.invitation is not None:
            self._by_invitation(answers)
        else:
            once(f"survey:{self.survey.id}:{self.seed}", lambda: self._by_open_link(answers))
        if self.survey.anonymous:
            mix(self.wave)

    def _by_invitation(self, answers: dict) -> None:
        with db.atomic():
            self._check_open()
            mine = Invitation.id == self.invitation.id
            first = Invitation.update({"answered": True} | self._marks(answers)).where(mine & (Invitation.answered == False)).execute()  # noqa: E712
            if not first and (self.survey.anonymous or self.survey.again == "refused"):
                raise Answered()
            if self.survey.anonymous:
                self._ballot(answers)
            else:
                self._named(answers, first=bool(first))

    def _marks(self, answers: dict) -> dict:
        """What an invitation keeps of having been used: of an anonymous survey nothing but that."""
        if self.survey.anonymous:
            return {}
        now = clock.now()
        return {"answered_at": now, "started_at": self.invitation.started_at or now, "draft": {"answers": answers, "language": self.language}}

    def _named(self, answers: dict, *, first: bool) -> None:
        invitation = self.invitation
        if not first:
            Invitation.update(self._marks(answers)).where(Invitation.id == invitation.id).execute()
        known = None if first else Response.get_or_none(Response.invitation == invitation.id)
        days = {known.day} if known else set()
        if known is None:
            known = store(self.wave, self.version, self.language, answers, invitation=invitation, content=self.content)
            Activity.record(None, "survey.answered", self.survey, partner=invitation.partner_id, title=self.survey.title, contact=invitation.contact.display)
        else:
            replaced(known, self.version, self.language, answers, self.content)
        touch({(invitation.partner_id, day) for day in days | {known.day}})

    def _by_open_link(self, answers: dict) -> str:
        self._check_open()
        if self.survey.anonymous:
            self._ballot(answers)
        else:
            store(self.wave, self.version, self.language, answers, content=self.content)
        return ""

    def _ballot(self, answers: dict) -> None:
        Ballot.create(wave=self.wave, version=self.version, language=self.language, answers=answers)

    def _check_open(self) -> None:
        """Looked at again inside of the transaction that stores."""
        survey = Survey.get_by_id(self.survey.id)
        if not takes(survey, self.wave):
            raise Closed()
        if self.invitation is None and not survey.open_hash:
            raise Closed()


def takes(survey: Survey, wave: Wave | None) -> bool:
    over = wave is not None and wave.closes_at is not None and wave.closes_at <= clock.now()
    return survey.state == "open" and survey.deleted_at is None and not over


def fitting(content: Content, data: dict) -> dict:
    """The answers that fit the questions as they are asked now: one of an older version may not."""
    found = {}
    for question in content.questions:
        try:
            value = kinds.checked(question, data.get(question.code))
        except Invalid:
            continue
        if value is not None:
            found[question.code] = value
    return found


# ── from a link ──


def by_key(key: str) -> Sitting:
    """What a link opens; Missing for one that nobody ever made."""
    hashed = links.digest(key)
    invitation = (
        Invitation.select(Invitation, Wave, Survey, Contact).join(Wave).join(Survey).switch(Invitation).join(Contact)
        .where(Invitation.key_hash == hashed).get_or_none()
    )  # fmt: skip
    if invitation is not None:
        survey = invitation.wave.survey
        made = Sitting(survey, published(survey), key, wave=invitation.wave, invitation=invitation)
        made.answers = fitting(made.content, (invitation.draft or {}).get("answers", {}))
        return made
    survey = Survey.get_or_none((Survey.open_hash == hashed) & (Survey.open_hash != ""))
    if survey is None:
        raise Missing("This link leads nowhere. Look at the mail again: the whole of it must be in the address.")
    return Sitting(survey, published(survey), key, wave=open_wave(survey))


def open_wave(survey: Survey) -> Wave:
    """The wave of those who came by the open link; it is made with the first one who does."""
    found = Wave.get_or_none((Wave.survey == survey.id) & (Wave.how == "open"))
    return found or Wave(survey=survey, how="open", label="Open link")


def saved_wave(survey: Survey) -> Wave:
    with db.atomic():
        found = open_wave(survey)
        if found.id is None:
            found = Wave.create(survey=survey, number=Wave.next_number(survey.id), how="open", label="Open link", sent_at=clock.now())
    return found


def refuse_surveys(contact: Contact, refused: bool) -> None:
    """A contact's own wish, by one click: no survey is sent to them any more, or they may be asked again."""
    with db.atomic():
        at = clock.now() if refused else None
        if Contact.update(no_surveys_at=at).where((Contact.id == contact.id) & Contact.no_surveys_at.is_null(refused)).execute():
            Activity.record(None, "contact.refused_surveys" if refused else "contact.takes_surveys", contact, title=contact.display)


