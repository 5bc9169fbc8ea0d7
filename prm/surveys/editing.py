"""Changing what a survey asks. Each change is one step that can be undone; what people answer changes when it is published."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from prm.core import clock
from prm.core.db import db
from prm.core.errors import Conflict, Invalid, Missing
from prm.models import Activity, Survey
from prm.surveys.content import (
    BOUNDS, CODE, END, LANGUAGE, Choice, Content, Page, Question, Rule, Skip, Comparison, check_question, free_code, free_page, with_page,
)  # fmt: skip
from prm.surveys.services import LONGEST_TITLE

Step = Callable[[Content], Content]


def change(viewer, survey: Survey, step: Step) -> Survey:
    """Take one step on what is stored now; Invalid changes nothing."""
    with db.atomic():
        survey = Survey.get_by_id(survey.id)
        made = step(Content.parse(survey.content))
        content = Content.parse(made.to_json()).to_json()
        if content != survey.content:
            _keep(viewer, survey, content, before=survey.content)
    return survey


def undo(viewer, survey: Survey) -> Survey:
    """Back to before the last step; again, and the step is there again."""
    with db.atomic():
        survey = Survey.get_by_id(survey.id)
        if survey.before is None:
            raise Conflict("There is nothing to take back.")
        _keep(viewer, survey, survey.before, before=survey.content)
    return survey


def _keep(viewer, survey: Survey, content: dict, *, before: dict) -> None:
    survey.content, survey.before, survey.updated_at = content, before, clock.now()
    made = Content.parse(content)
    title = " ".join(made.say(made.title).split())[:LONGEST_TITLE]
    if not title:
        raise Invalid("A survey needs a title.", field="title")
    survey.title = title
    survey.save(only=[Survey.content, Survey.before, Survey.title, Survey.updated_at])
    Activity.record(viewer, "survey.edited", survey, title=survey.title)


# ── the survey itself ──


def set_texts(language: str, *, title: str, intro: str, thanks: str) -> Step:
    def step(content: Content) -> Content:
        return replace(
            content, title=_said(content.title, language, title), intro=_said(content.intro, language, intro),
            thanks=_said(content.thanks, language, thanks),
        )  # fmt: skip

    return step


def _said(text: dict, language: str, words: str) -> dict:
    return {**text, language: words.strip()} if words.strip() else {k: v for k, v in text.items() if k != language}


def add_language(code: str) -> Step:
    code = code.strip()

    def step(content: Content) -> Content:
        if not LANGUAGE.fullmatch(code):
            raise Invalid("A language is two letters, such as de, or with a region: de-AT.", field="language")
        if code in content.languages:
            raise Invalid("That language is there already.", field="language")
        return replace(content, languages=(*content.languages, code))

    return step


def drop_language(code: str) -> Step:
    """Its words stay in what is stored, so that it can come back."""

    def step(content: Content) -> Content:
        if code == content.languages[0]:
            raise Invalid("The first language is what others fall back to.")
        return replace(content, languages=tuple(each for each in content.languages if each != code))

    return step


# ── pages ──


def add_page(content: Content) -> Content:
    return replace(content, pages=(*content.pages, Page(free_page(content))))


def drop_page(key: str) -> Step:
    def step(content: Content) -> Content:
        _page(content, key)
        return replace(content, pages=tuple(page for page in content.pages if page.key != key))

    return step


def set_page(key: str, language: str, *, title: str, text: str, show_if: Rule, skips: tuple[Skip, ...]) -> Step:
    def step(content: Content) -> Content:
        page = _page(content, key)
        later = {each.key for each in content.pages[content.pages.index(page) + 1 :]} | {END}
        if any(skip.to not in later for skip in skips):
            raise Invalid("A skip leads to a later page, or to the end: never back.", field="skips")
        return with_page(content, replace(page, title=_said(page.title, language, title), text=_said(page.text, language, text), show_if=show_if, skips=skips))

    return step


def move_page(key: str, to: int) -> Step:
    def step(content: Content) -> Content:
        page = _page(content, key)
        others = [each for each in content.pages if each.key != key]
        others.insert(max(0, min(to, len(others))), page)
        return replace(content, pages=tuple(others))

    return step


def _page(content: Content, key: str) -> Page:
    found = content.page(key)
    if found is None:
        raise Missing("That page is not in the survey any more.")
    return found


# ── questions ──

USUAL = {
    "choice": ("First answer", "Second answer"), "choices": ("First answer", "Second answer"), "ranking": ("First", "Second", "Third"),
    "matrix": ("Disagree", "Neither", "Agree"),
}  # fmt: skip


def fresh(content: Content, kind: str) -> Question:
    """A new question of a kind, with what it needs to be seen."""
    language = content.languages[0]
    choices = tuple(Choice(f"c{at}", {language: words}) for at, words in enumerate(USUAL.get(kind, ()), 1))
    rows = tuple(Choice(f"r{at}", {language: words}) for at, words in enumerate(("First line", "Second line"), 1)) if kind == "matrix" else ()
    made = Question(free_code(content, "q1"), kind, {language: "New question" if kind != "text" else "Some words to read"}, choices=choices, rows=rows)
    check_question(made)
    return made


def add_question(kind: str, page: str, after: str = "") -> tuple[Step, Callable[[Content], str]]:
    """The step, and what gives the code of the new question afterwards."""
    made: list[Question] = []

    def step(content: Content) -> Content:
        question = fresh(content, kind)
        made.append(question)
        return _put(content, question, page, after)

    return step, lambda _: made[-1].code


def _put(content: Content, question: Question, page: str, after: str = "") -> Content:
    if not content.pages:
        content = add_page(content)
    where = content.page(page) or content.pages[-1]
    at = next((i + 1 for i, each in enumerate(where.questions) if each.code == after), len(where.questions))
    return with_page(content, replace(where, questions=(*where.questions[:at], question, *where.questions[at:])))


def duplicate(code: str) -> tuple[Step, Callable[[Content], str]]:
    made: list[Question] = []

    def step(content: Content) -> Content:
        question = _question(content, code)
        made.append(replace(question, code=free_code(content, question.code.split("[")[0])))
        return _put(content, made[-1], content.page_of(code).key, code)

    return step, lambda _: made[-1].code


def drop_question(code: str) -> Step:
    def step(content: Content) -> Content:
        _question(content, code)
        return _without(content, code)

    return step


def _without(content: Content, code: str) -> Content:
    pages = (replace(page, questions=tuple(q for q in page.questions if q.code != code)) for page in content.pages)
    return replace(content, pages=tuple(pages))


def move_question(code: str, page: str, to: int) -> Step:
    """To this place of a page, counted without itself."""

    def step(content: Content) -> Content:
        question = _question(content, code)
        where = _page(_without(content, code), page)
        questions = list(where.questions)
        questions.insert(max(0, min(to, len(questions))), question)
        return with_page(_without(content, code), replace(where, questions=tuple(questions)))

    return step


def arrange(order: list[tuple[str, str]]) -> Step:
    """All questions in a new order: [(page, code), …], each of them once, as they were drawn on the screen."""

    def step(content: Content) -> Content:
        known = {q.code: q for q in content.questions}
        if sorted(code for _, code in order) != sorted(known) or any(content.page(page) is None for page, _ in order):
            raise Conflict("Somebody else changed the survey in between. Look at it again.")
        return replace(content, pages=tuple(replace(page, questions=tuple(known[code] for key, code in order if key == page.key)) for page in content.pages))

    return step


def nudge(code: str, by: int) -> Step:
    """One place up or down; at the edge of a page onto the one before or after."""

    def step(content: Content) -> Content:
        _question(content, code)
        page = content.page_of(code)
        at, here = [q.code for q in page.questions].index(code), content.pages.index(page)
        if 0 <= at + by < len(page.questions):
            return move_question(code, page.key, at + by)(content)
        if not 0 <= here + by < len(content.pages):
            return content
        there = content.pages[here + by]
        return move_question(code, there.key, len(there.questions) if by < 0 else 0)(content)

    return step


def set_question(code: str, language: str, facts: dict) -> tuple[Step, Callable[[Content], str]]:
    """What the form of a question says; texts in one language, the others stay. A new code goes into the rules as well."""

    def step(content: Content) -> Content:
        old = _question(content, code)
        new_code = facts["code"].strip() or code
        if not CODE.fullmatch(new_code):
            raise Invalid("A code is a letter, then letters, digits and _.", field="code")
        if new_code.casefold() != code.casefold() and content.question(new_code):
            raise Invalid("Another question has this code.", field="code")
        kind = facts["kind"]
        made = replace(
            old, code=new_code, kind=kind, required=facts["required"], other=facts["other"], random=facts["random"],
            text=_said(old.text, language, facts["text"]), help=_said(old.help, language, facts["help"]),
            low=_said(old.low, language, facts["low"]), high=_said(old.high, language, facts["high"]),
            least=facts["least"], most=facts["most"], show_if=facts["show_if"],
            choices=_choices(old.choices, facts["choices"], language, "c"), rows=_choices(old.rows, facts["rows"], language, "r"),
        )  # fmt: skip
        made = _fitting(made, old, content)
        check_question(made)
        page = _page_of(content, code)
        changed = with_page(content, replace(page, questions=tuple(made if q.code == code else q for q in page.questions)))
        return _renamed(changed, code, new_code) if new_code != code else changed

    return step, lambda _: facts["code"].strip() or code


def _fitting(made: Question, old: Question, content: Content) -> Question:
    """A question that becomes another kind gets what that one needs, and loses bounds that meant something else."""
    if made.kind == old.kind:
        return made
    usual = fresh(content, made.kind)
    if made.kind in BOUNDS or old.kind in BOUNDS:
        made = replace(made, least=None, most=None)
    return replace(made, choices=made.choices or usual.choices, rows=made.rows or usual.rows)


def _choices(old: tuple[Choice, ...], given: list[tuple[str, str]], language: str, letter: str) -> tuple[Choice, ...]:
    """[(code, words), …] in their order; those without words in the language that is edited, and in no other, are gone."""
    known = {each.code: each for each in old}
    taken, found = set(known), []
    for code, words in given:
        choice = known.get(code)
        if choice is None:
            if not words.strip():
                continue
            at = 1
            while f"{letter}{at}" in taken:
                at += 1
            choice = Choice(f"{letter}{at}")
            taken.add(choice.code)
        text = _said(choice.text, language, words)
        if text:
            found.append(replace(choice, text=text))
    return tuple(found)


def _renamed(content: Content, old: str, new: str) -> Content:
    def rule(each: Rule) -> Rule:
        return replace(each, tests=tuple(replace(test, question=new) if test.question == old else test for test in each.tests))

    pages = (
        replace(
            page, show_if=rule(page.show_if), skips=tuple(replace(skip, when=rule(skip.when)) for skip in page.skips),
            questions=tuple(replace(q, show_if=rule(q.show_if)) for q in page.questions),
        )
        for page in content.pages
    )  # fmt: skip
    return replace(content, pages=tuple(pages))


def _page_of(content: Content, code: str) -> Page:
    found = content.page_of(code)
    if found is None:
        raise Missing("That question is not in the survey any more.")
    return found


def _question(content: Content, code: str) -> Question:
    found = content.question(code)
    if found is None:
        raise Missing("That question is not in the survey any more.")
    return found


def rule_of(tests: list[dict], any: bool) -> Rule:
    """From the inputs of a rule; lines without a question are left out."""
    found = []
    for test in tests:
        if not test["question"]:
            continue
        question, _, row = test["question"].partition("/")
        found.append(Comparison(question, test["op"], tuple(test["values"]), row))
    return Rule(tuple(found), any and len(found) > 1)


