"""Who is asked what: rules over earlier answers, the way through the pages, and the sentence that says a rule."""
from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from prm.surveys.content import CHOSEN, END, OPERATORS, OTHER, Content, Page, Question, Rule, Comparison

Answers = dict[str, Any]  # {code: value} as prm.surveys.kinds reads them


def holds(rule: Rule, answers: Answers) -> bool:
    if not rule.tests:
        return True
    return (any if rule.any else all)(_test(each, answers) for each in rule.tests)


def _test(test: Comparison, answers: Answers) -> bool:
    value = answers.get(test.question)
    if test.row:
        value = value.get(test.row) if isinstance(value, dict) else None
    given = _flat(value)
    if test.op == "answered":
        return bool(given)
    if test.op == "empty":
        return not given
    if test.op == "is":
        return any(each in test.values for each in given)
    if test.op == "is not":
        return bool(given) and not any(each in test.values for each in given)
    return _compared(test, given)


def _compared(test: Comparison, given: list[str]) -> bool:
    try:
        number, limit = Decimal(given[0]), Decimal(test.values[0])
    except (IndexError, InvalidOperation):
        return False
    return number > limit if test.op == "above" else number < limit


def _flat(value: Any) -> list[str]:
    """The codes or the words of an answer, however many."""
    if value in (None, "", [], {}):
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, dict):
        return _flat(value[CHOSEN]) if CHOSEN in value else [str(each) for each in value.values()]
    return [str(value)]


# ── the way through ──


def shown(page: Page, answers: Answers) -> list[Question]:
    """The questions of a page that are asked after these answers: a rule over a hidden question never holds, as what was
    answered there does not count."""
    known = {k: v for k, v in answers.items() if all(q.code != k for q in page.questions)}
    found = []
    for question in page.questions:
        if holds(question.show_if, known):
            found.append(question)
            if question.code in answers:
                known[question.code] = answers[question.code]
    return found


def way(content: Content, answers: Answers) -> list[Page]:
    """The pages that somebody with these answers passes, in order. Skips lead forwards only, so it always ends."""
    found: list[Page] = []
    counted: Answers = {}
    at = 0
    while at < len(content.pages):
        page = content.pages[at]
        at += 1
        if not holds(page.show_if, counted):
            continue
        asked = shown(page, counted | {q.code: answers[q.code] for q in page.questions if q.code in answers})
        if not asked and page.questions:
            continue
        found.append(page)
        counted |= {q.code: answers[q.code] for q in asked if q.code in answers}
        at = _after(content, page, counted, at)
    return found


def _after(content: Content, page: Page, answers: Answers, at: int) -> int:
    for skip in page.skips:
        if holds(skip.when, answers):
            if skip.to == END:
                return len(content.pages)
            later = next((i for i, each in enumerate(content.pages) if each.key == skip.to), -1)
            return max(later, at)
    return at


def counted(content: Content, answers: Answers) -> Answers:
    """What counts of what was answered: nothing of pages that were passed by, nothing of questions that were hidden."""
    found: Answers = {}
    for page in way(content, answers):
        for question in shown(page, answers | found):
            if question.code in answers:
                found[question.code] = answers[question.code]
    return found


# ── in words ──


def sentence(rule: Rule, content: Content, language: str = "") -> str:
    """“Satisfaction is below 3 and Region is North or South”."""
    joint = " or " if rule.any else " and "
    return joint.join(_words(test, content, language) for test in rule.tests)


def _words(test: Comparison, content: Content, language: str) -> str:
    question = content.question(test.question)
    if question is None:
        return f"“{test.question}”, which is not in this survey, {OPERATORS.get(test.op, test.op)}"
    name = content.say(question.text, language) or question.code
    row = next((each for each in question.rows if each.code == test.row), None)
    about = f"“{_short(name)}{f' – {content.say(row.text, language)}' if row else ''}”"
    values = " or ".join(value_words(question, value, content, language) for value in test.values)
    return f"{about} {OPERATORS.get(test.op, test.op)}" + (f" {values}" if test.op not in ("answered", "empty") else "")


def value_words(question: Question, value: str, content: Content, language: str = "") -> str:
    if question.kind == "yes_no":
        return {"yes": "Yes", "no": "No"}.get(value, value)
    choice = question.choice(value)
    return content.say(choice.text, language) or value if choice else "another answer" if value == OTHER else value


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
