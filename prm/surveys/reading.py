"""What the screens and files of results read: the answers behind a figure, comments and their tags, response rates, lines of files."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peewee import JOIN, Case, ModelSelect, Value, fn

from prm.access import rows
from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.core.text import searchable
from prm.models import Activity, Answer, Contact, Invitation, Partner, Survey, SurveyQuestion, Tier, Wave
from prm.models.survey import ENOUGH
from prm.surveys import counting, listed
from prm.surveys.content import OTHER, Content
from prm.surveys.counting import Narrow
from prm.ui.sheets import SheetColumn

MOST_TAGS, LONGEST_TAG = 10, 40
MOST_RATES = 20  # rows of each table of response rates
QUOTES = 3  # comments that stand under a question of the results


def responses(viewer, survey: Survey) -> int | None:
    """How many answered; None where that is not told yet."""
    count = counting.count_responses(viewer, survey)
    return None if counting.is_hidden(viewer, survey, Narrow(), count) else count


@dataclass(frozen=True)
class Rates:
    """Response rates of one way to divide who was asked: the first of them, and how many there are in all."""

    rows: list[tuple[str, listed.Reach]]
    count: int


def rates(viewer, survey: Survey) -> dict[str, Rates]:
    """Response rates by wave and by tier, and of the partners of whom most were asked."""
    asked = rows.visible(Invitation, viewer).where((Invitation.held == "") & Invitation.wave.in_(Wave.select(Wave.id).where(Wave.survey == survey.id)))
    answered = fn.SUM(Case(None, [(Invitation.answered == True, 1)], 0))  # noqa: E712
    count = fn.COUNT(Invitation.id)
    of_partner = asked.join(Partner, on=(Invitation.partner == Partner.id))
    ways = {
        "wave": (asked.join(Wave), (Wave.id, Wave.label, Wave.number), (Wave.number,)),
        "tier": (of_partner.join(Tier, JOIN.LEFT_OUTER, on=(Partner.tier == Tier.id)), (Tier.id, Tier.name, Tier.position), (Tier.position,)),
        "partner": (of_partner, (Partner.id, Partner.name), (count.desc(), Partner.name)),
    }
    found = {}
    for way, (query, (id, label, *more), order) in ways.items():
        query = query.select(label, count, answered, fn.COUNT(Value(1)).over()).group_by(id, label, *more).order_by(*order)
        told = list(query.limit(MOST_RATES).tuples())
        found[way] = Rates([(name or "No tier", listed.Reach(asked=n, answered=int(yes or 0))) for name, n, yes, _ in told], told[0][3] if told else 0)
    return found


def quotes(viewer, survey: Survey, narrow: Narrow, found: counting.Results) -> dict[int, list[str]]:
    """A few of the words that were written, by question: those that say the most."""
    if found.hidden:
        return {}
    where = counting.among(viewer, survey, narrow)
    wordy = [each.id for each in found.questions if each.kind in ("short_text", "long_text") and each.n]
    place = fn.ROW_NUMBER().over(partition_by=[Answer.question], order_by=[fn.LENGTH(Answer.text).desc(), Answer.text]).alias("place")
    longest = Answer.select(Answer.question.alias("question"), Answer.text.alias("text"), place).where(where & Answer.question.in_(wordy or [0]) & (Answer.text != ""))
    written: dict[int, list[str]] = {}
    for id, text in longest.select_from(longest.c.question, longest.c.text).where(longest.c.place <= QUOTES).order_by(longest.c.question, longest.c.place).tuples():
        written.setdefault(id, []).append(text)
    return written


def behind(viewer, survey: Survey, narrow: Narrow, question: SurveyQuestion, *, choice: str | None, points: int | None) -> ModelSelect:
    """The answers to a question that a figure counts; of named surveys only."""
    where = counting.among(viewer, survey, narrow) & (Answer.question == question.id)
    if choice is not None:
        where &= Answer.choice == choice[:60]
    elif points is not None:
        where &= Answer.number == points
    query = Answer.select(Answer, Contact, Partner).join(Contact, JOIN.LEFT_OUTER).switch(Answer).join(Partner, JOIN.LEFT_OUTER)
    return query.where(where).order_by(Answer.day.desc(), Answer.id.desc())


def tag(viewer, survey: Survey, answer_id: int, text: str) -> list[str]:
    """Give a comment these tags, with commas between them; returns them as they are kept."""
    mine = counting.among(viewer, survey, Narrow()) & (Answer.id == min(answer_id, rows.MAX_ID))
    found = Answer.select().where(mine).get_or_none()
    if found is None or counting.hides(viewer, survey):
        raise Missing()
    tags = list(dict.fromkeys(" ".join(each.split()).casefold()[:LONGEST_TAG] for each in text.split(",") if each.strip()))
    if len(tags) > MOST_TAGS:
        raise Invalid(f"A comment has at most {MOST_TAGS} tags.")
    with db.atomic():
        Answer.update(tags=tags).where(Answer.id == found.id).execute()
        Activity.record(viewer, "survey.tagged", survey, title=survey.title)
    return tags


def said(content: Content, given: dict) -> list[tuple[str, list[tuple[str, str]]]]:
    """(question, [(line, answer), …]) in the order in which they were asked; what was not answered is left out."""
    found = []
    for question in content.questions:
        names = {row.code: content.say(row.text) for row in question.rows} | {str(at): f"{at}." for at in range(1, len(question.choices) + 1) if question.kind == "ranking"}
        lines = [(names.get(row, ""), ", ".join(texts)) for (code, row), texts in given.items() if code == question.code]
        if lines:
            found.append((content.say(question.text), lines))
    return found


def comments(viewer, survey: Survey, search: str, question: int | None, tag: str) -> tuple[list[Answer], dict[str, int], dict[int, str]]:
    where = counting.among(viewer, survey, Narrow())
    written = SurveyQuestion.kind.in_(("short_text", "long_text")) | (Answer.choice == OTHER)
    query = (
        Answer.select(Answer, SurveyQuestion, Contact, Partner).join(SurveyQuestion).switch(Answer).join(Contact, JOIN.LEFT_OUTER).switch(Answer)
        .join(Partner, JOIN.LEFT_OUTER).where(where & written & (Answer.text != "")).order_by(Answer.id.desc())
    )  # fmt: skip
    every = list(query)
    of: dict[int, list[Answer]] = {}
    for each in every:
        of.setdefault(each.question_id, []).append(each)
    if survey.anonymous:  # a question that few answered tells nothing, and the order tells nothing either
        every = sorted((each for group in of.values() if len(group) >= ENOUGH for each in group), key=lambda each: each.text.casefold())
    tags: dict[str, int] = {}
    for each in every:
        for name in each.tags:
            tags[name] = tags.get(name, 0) + 1
    words = searchable(search[:200]).split()
    found = [
        each for each in every
        if all(word in searchable(each.text) for word in words) and (question in (None, each.question_id)) and (not tag or tag in each.tags)
    ]  # fmt: skip
    return found, tags, {each.question_id: each.question.wording for each in every}


def totals_sheet(found: counting.Results) -> tuple[list[SheetColumn], Iterator[list]]:
    columns = [SheetColumn("Code"), SheetColumn("Question"), SheetColumn("Answer"), SheetColumn("Count", "number"), SheetColumn("Share", "percent"),
               SheetColumn("Answered by", "number"), SheetColumn("Mean", "number"), SheetColumn("NPS", "number")]  # fmt: skip

    def lines():
        for each in counting.each_of(found.questions):
            facts = [each.n, round(float(each.mean), 4) if each.mean is not None else None, round(each.nps, 2) if each.nps is not None else None]
            if not each.bars:
                yield [each.key, each.wording, None, None, None, *facts]
            for bar in each.bars:
                yield [each.key, each.wording, bar.label, bar.count, round(bar.share, 6), *facts]

    return columns, lines()


def responses_sheet(viewer, survey: Survey, narrow: Narrow) -> tuple[list[SheetColumn], Iterator[list]]:
    questions = list(rows.visible(SurveyQuestion, viewer).where(SurveyQuestion.survey == survey.id).order_by(SurveyQuestion.position, SurveyQuestion.id))
    asked = [q for q in questions if q.row or q.kind not in ("matrix", "ranking")]
    columns = [SheetColumn(text) for text in ("Partner no", "Partner", "Contact", "E-mail", "Wave")] + [SheetColumn("Day", "date")]
    columns += [SheetColumn(f"{q.code}[{q.row}]. {q.wording}" if q.row else f"{q.code}. {q.wording}", "number" if q.kind in counting.POINTS else "text") for q in asked]
    where = counting.among(viewer, survey, narrow)
    return columns, _response_lines(asked, where)


def _response_lines(asked: list[SurveyQuestion], where) -> Iterator[list]:
    query = (
        Answer.select(Answer.response, Answer.question, Answer.text, Answer.number, Partner.number, Partner.name, Contact.name, Contact.email, Wave.label, Answer.day)
        .join(Partner, JOIN.LEFT_OUTER, on=(Answer.partner == Partner.id)).join(Contact, JOIN.LEFT_OUTER, on=(Answer.contact == Contact.id))
        .join(Wave, on=(Answer.wave == Wave.id)).where(where).order_by(Answer.response, Answer.id)
    )  # fmt: skip
    points, current, who, given = {q.id for q in asked if q.kind in counting.POINTS}, None, [], {}

    def line():
        return who + [given.get(q.id) for q in asked]

    for response, question, text, number, *about in query.tuples().iterator():
        if response != current and current is not None:
            yield line()
            given = {}
        current, who = response, list(about)
        if question in points:
            given[question] = number
        else:
            given[question] = f"{given[question]}; {text}" if given.get(question) else text
    if current is not None:
        yield line()


def shared(viewer) -> list[Survey]:
    """The surveys whose totals partners may read."""
    return list(rows.visible(Survey, viewer).where((Survey.shared == True) & (Survey.version > 0)).order_by(Survey.updated_at.desc()))  # noqa: E712
