"""What would go wrong for those who answer, found before they are asked."""
from __future__ import annotations

from dataclasses import dataclass

from prm.surveys.content import END, WITH_CHOICES, Content, Page, Question, Rule


@dataclass(frozen=True)
class Problem:
    """`place` is the code of the question or the key of the page that it is about. One that `stops` must be mended before
    anybody is asked; the others are good to know."""

    place: str
    text: str
    stops: bool = True


def problems(content: Content) -> list[Problem]:
    found = [] if any(q.asks for q in content.questions) else [Problem("", "There is no question yet.")]
    for at, page in enumerate(content.pages):
        found += _of_page(content, page, at)
        for question in page.questions:
            found += _of_question(content, question)
    return found + _unreachable(content) + _untranslated(content)


def _of_page(content: Content, page: Page, at: int) -> list[Problem]:
    earlier = {q.code for each in content.pages[:at] for q in each.questions}
    found = [] if page.questions else [Problem(page.key, "The page is empty: nobody will see it.", False)]
    found += _rule(content, page.show_if, earlier, page.key, "The page")
    later = {each.key for each in content.pages[at + 1 :]} | {END}
    for skip in page.skips:
        if skip.to not in later:
            found.append(Problem(page.key, "A skip leads back, or to a page that is gone: it would go in a circle. It may only lead to a later page."))
        found += _rule(content, skip.when, earlier | {q.code for q in page.questions}, page.key, "A skip")
    return found


def _of_question(content: Content, question: Question) -> list[Problem]:
    code, found = question.code, []
    if not content.say(question.text):
        found.append(Problem(code, "The question has no words."))
    if question.kind in WITH_CHOICES:
        least = 1 if question.other or question.kind == "choices" else 2
        if len(question.choices) < least:
            found.append(Problem(code, "There is nothing to choose from." if not question.choices else "There is only one answer to choose."))
        found += [Problem(code, "A choice has no words.") for each in question.choices if not content.say(each.text)][:1]
    if question.kind == "matrix" and not question.rows:
        found.append(Problem(code, "The matrix has no lines."))
    if question.kind == "choices" and question.least and question.least > len(question.choices) + question.other:
        found.append(Problem(code, "More must be chosen than there is."))
    return found + _rule(content, question.show_if, {q.code for q in content.before(code)}, code, "The question")


def _rule(content: Content, rule: Rule, earlier: set[str], place: str, whose: str) -> list[Problem]:
    found = []
    for test in rule.tests:
        about = content.question(test.question)
        if about is None:
            found.append(Problem(place, f"{whose} has a rule over a question that is gone."))
        elif test.question not in earlier:
            found.append(Problem(place, f"{whose} has a rule over “{content.say(about.text) or about.code}”, which comes later."))
        elif test.op not in ("answered", "empty") and not test.values:
            found.append(Problem(place, f"{whose} has a rule that lacks the value it compares with."))
        elif gone := [value for value in test.values if about.choices and about.choice(value) is None and not about.other and test.op in ("is", "is not")]:
            found.append(Problem(place, f"{whose} has a rule over a choice that is gone: {gone[0]}."))
    return found


def _unreachable(content: Content) -> list[Problem]:
    """Pages that every way skips: behind a skip that always holds."""
    found, at = [], 0
    while at < len(content.pages):
        always = next((skip for skip in content.pages[at].skips if not skip.when), None)
        if always is None or content.pages[at].show_if:
            at += 1
            continue
        target = len(content.pages) if always.to == END else next((i for i, p in enumerate(content.pages) if p.key == always.to), at + 1)
        passed = content.pages[at + 1 : target]
        others = {skip.to for page in content.pages[: at + 1] for skip in page.skips if skip is not always}
        found += [Problem(page.key, "Nobody can reach this page: the page before always skips it.") for page in passed if page.key not in others]
        at = max(target, at + 1)
    return found


def _untranslated(content: Content) -> list[Problem]:
    found = []
    for language in content.languages[1:]:
        missing = [q.code for q in content.questions if q.text and not q.text.get(language)]
        if missing:
            found.append(Problem(missing[0], f"{len(missing)} {'question is' if len(missing) == 1 else 'questions are'} not written in “{language}” yet: readers see “{content.languages[0]}”.", False))
    return found
