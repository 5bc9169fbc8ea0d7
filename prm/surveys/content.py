"""What a survey asks: pages of questions, with rules over earlier answers. Read from JSON once, and whole or not at all.

Every text is a dict {language: words}; the first of `languages` is the one that others fall back to.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from prm.core.errors import Invalid
from prm.models.survey import QUESTION_KINDS

Text = dict[str, str]

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}(\[[A-Za-z0-9_]{1,15}\])?")
PART_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
LONGEST = 4000  # characters of a text
MOST_QUESTIONS, MOST_PAGES, MOST_CHOICES, MOST_TESTS = 300, 60, 300, 12
END = "end"  # a skip that leads here ends the survey
OTHER = "-other-"  # the choice whose words the reader writes
CHOSEN, WRITTEN = "@choice", "@text"  # an answer with words of one's own: {CHOSEN: code or codes, WRITTEN: words}

WITH_CHOICES = ("choice", "choices", "ranking", "matrix")
ON_A_SCALE = ("nps", "stars", "scale", "slider")
BOUNDS = {"nps": (0, 10), "stars": (1, 5), "scale": (1, 5), "slider": (0, 100)}
OPERATORS = {
    "is": "is", "is not": "is not", "above": "is above", "below": "is below", "answered": "was answered", "empty": "was not answered",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One of several answers, or a row of a matrix."""

    code: str
    text: Text = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """An earlier answer `is` one of these values, `is not` any of them, is `above` or `below` the first, was `answered` or is
    `empty`. `row` is that of a matrix."""

    question: str
    op: str
    values: tuple[str, ...] = ()
    row: str = ""


@dataclass(frozen=True)
class Rule:
    """All of its tests hold, or any of them. Without tests it always holds."""

    tests: tuple[Comparison, ...] = ()
    any: bool = False

    def __bool__(self) -> bool:
        return bool(self.tests)


@dataclass(frozen=True)
class Question:
    """`least` and `most` bound points, a number, or how many boxes may be chosen; `low` and `high` name the ends of a scale."""

    code: str
    kind: str
    text: Text = field(default_factory=dict)
    help: Text = field(default_factory=dict)
    required: bool = False
    choices: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    other: bool = False
    random: bool = False
    least: int | None = None
    most: int | None = None
    low: Text = field(default_factory=dict)
    high: Text = field(default_factory=dict)
    show_if: Rule = Rule()

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The lowest and the highest that may be answered, of the kinds that count; None is open."""
        low, high = BOUNDS.get(self.kind, (None, None))
        if self.kind == "nps":
            return low, high
        return (low if self.least is None else self.least), (high if self.most is None else self.most)

    @property
    def asks(self) -> bool:
        return self.kind != "text"

    def choice(self, code: str) -> Choice | None:
        return next((each for each in self.choices if each.code == code), None)


@dataclass(frozen=True)
class Skip:
    """Where one goes from a page when the rule holds: a later page, or the end."""

    when: Rule
    to: str


@dataclass(frozen=True)
class Page:
    key: str
    title: Text = field(default_factory=dict)
    text: Text = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    show_if: Rule = Rule()
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True)
class Content:
    title: Text
    languages: tuple[str, ...] = ("en",)
    intro: Text = field(default_factory=dict)
    thanks: Text = field(default_factory=dict)
    pages: tuple[Page, ...] = ()

    @classmethod
    def parse(cls, data: Any) -> Content:
        """Invalid, with the place, for anything that is not one."""
        made = _object(cls, data, "The survey")
        _check(made)
        return made

    def to_json(self) -> dict:
        return _plain(self)

    @property
    def questions(self) -> list[Question]:
        return [question for page in self.pages for question in page.questions]

    def question(self, code: str) -> Question | None:
        return next((q for q in self.questions if q.code == code), None)

    def page_of(self, code: str) -> Page | None:
        return next((page for page in self.pages if any(q.code == code for q in page.questions)), None)

    def page(self, key: str) -> Page | None:
        return next((page for page in self.pages if page.key == key), None)

    def before(self, code: str) -> list[Question]:
        """The questions that a rule of this one may be about; all of them for an unknown code."""
        found = []
        for question in self.questions:
            if question.code == code:
                break
            found += [question] if question.asks else []
        return found

    def say(self, text: Text, language: str = "") -> str:
        """In this language, else in the survey's first."""
        return text.get(language) or text.get(self.languages[0]) or next(iter(text.values()), "")

    def language_for(self, wanted: list[str]) -> str:
        """The first of a reader's languages that the survey is written in: “de-AT” is also served by “de”."""
        for each in wanted:
            for known in self.languages:
                if known.casefold() == each.casefold() or known.split("-")[0].casefold() == each.split("-")[0].casefold():
                    return known
        return self.languages[0]


# ── reading and writing ──

_PARTS = {
    (Content, "pages"): Page, (Page, "questions"): Question, (Page, "skips"): Skip, (Question, "choices"): Choice, (Question, "rows"): Choice,
    (Rule, "tests"): Comparison,
}  # fmt: skip
_RULES = ("show_if", "when")
_TEXTS = ("title", "intro", "thanks", "text", "help", "low", "high")
_FLAGS = ("required", "other", "random", "any")
_NUMBERS = ("least", "most")
_ALWAYS = ("code", "key", "to")
LARGEST = 10**9


def _object(kind: type, data: Any, place: str):
    if not isinstance(data, dict):
        raise Invalid(f"{place} must be an object with names and values.")
    known = {f.name: f for f in fields(kind)}
    if strange := next((key for key in data if key not in known), None):
        raise Invalid(f"{place} has a part “{str(strange)[:60]}” that nobody knows.")
    return _made(kind, {name: _value(kind, name, data[name], place) for name in data}, place)


def _made(kind: type, values: dict, place: str):
    try:
        return kind(**values)
    except TypeError:
        needed = ", ".join(f.name for f in fields(kind) if f.name not in values)
        raise Invalid(f"{place} lacks one of: {needed}.") from None


def _value(kind: type, name: str, value: Any, place: str) -> Any:
    here = f"{place}, {name}"
    if (kind, name) in _PARTS:
        if not isinstance(value, list):
            raise Invalid(f"{here} must be a list.")
        return tuple(_object(_PARTS[kind, name], each, f"{here} {at}") for at, each in enumerate(value, 1))
    if name in _RULES:
        return _object(Rule, value or {}, here)
    if name in _TEXTS:
        return _text(value, here)
    if name in ("languages", "values"):
        if not isinstance(value, list) or not all(isinstance(each, str | int) for each in value):
            raise Invalid(f"{here} must be a list of words.")
        return tuple(str(each)[:200] for each in value)
    if name in _NUMBERS:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST):
            return value
        raise Invalid(f"{here} must be a whole number.")
    if name in _FLAGS:
        return bool(value)
    if not isinstance(value, str) or len(value) > 200:
        raise Invalid(f"{here} must be a short text.")
    return value


def _text(value: Any, here: str) -> Text:
    if isinstance(value, str):
        value = {"en": value}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in (*value, *value.values())):
        raise Invalid(f"{here} must be a text, or one in each language.")
    if any(len(each) > LONGEST for each in value.values()):
        raise Invalid(f"{here} is longer than {LONGEST:,} characters.")
    return {language: words.replace("\0", "") for language, words in value.items() if words.strip()}


def _plain(thing: Any) -> Any:
    """Back to JSON; what has its usual value is left out."""
    if isinstance(thing, tuple):
        return [_plain(each) for each in thing]
    if not hasattr(thing, "__dataclass_fields__"):
        return thing
    values = {f.name: getattr(thing, f.name) for f in fields(thing)}
    return {name: _plain(value) for name, value in values.items() if value or name in _ALWAYS or (name in _NUMBERS and value is not None)}


# ── what every survey must be, also one that is still being built ──


def _check(made: Content) -> None:
    if not made.languages or not all(LANGUAGE.fullmatch(each) for each in made.languages) or len(made.languages) > 20:
        raise Invalid("A survey needs at least one language, such as en or de-AT.", field="languages")
    if len(made.questions) > MOST_QUESTIONS or len(made.pages) > MOST_PAGES:
        raise Invalid(f"A survey has at most {MOST_QUESTIONS} questions on {MOST_PAGES} pages.")
    _unlike([page.key for page in made.pages], "page")
    _unlike([question.code for question in made.questions], "question")
    for question in made.questions:
        check_question(question)
    for rule in rules_of(made):
        for test in rule.tests:
            if test.op not in OPERATORS:
                raise Invalid(f"“{test.op[:40]}” is no comparison that a rule can make.")


def check_question(question: Question) -> None:
    """What is wrong with it by itself; Invalid beside the input."""
    if not CODE.fullmatch(question.code):
        raise Invalid(f"“{question.code[:60]}” is no code: a letter, then letters, digits and _.", field="code")
    if question.kind not in QUESTION_KINDS:
        raise Invalid(f"There is no kind of question “{question.kind[:40]}”.", field="kind")
    if len(question.choices) > MOST_CHOICES or len(question.rows) > MOST_CHOICES:
        raise Invalid(f"A question has at most {MOST_CHOICES} choices.", field="choices")
    for name in ("choices", "rows"):
        parts = getattr(question, name)
        if wrong := next((each.code for each in parts if not PART_CODE.fullmatch(each.code)), None):
            raise Invalid(f"“{wrong[:60]}” is no code of a choice: letters, digits, _ and -.", field=name)
        _unlike([each.code for each in parts], "choice", name)
    low, high = question.bounds
    if low is not None and high is not None and low >= high and question.kind in (*ON_A_SCALE, "number"):
        raise Invalid("The highest must be above the lowest.", field="most")
    if question.kind in ("stars", "scale") and high is not None and low is not None and high - low > 20:
        raise Invalid("That are more than 20 steps: take a slider, or a number.", field="most")
    if len(question.show_if.tests) > MOST_TESTS:
        raise Invalid(f"A rule has at most {MOST_TESTS} conditions.", field="show_if")


def _unlike(codes: list[str], what: str, field: str = "code") -> None:
    seen: set[str] = set()
    for code in codes:
        if code.casefold() in seen:
            raise Invalid(f"There are two {what}s with the code “{code[:60]}”.", field=field)
        seen.add(code.casefold())


def rules_of(content: Content) -> Iterator[Rule]:
    for page in content.pages:
        yield page.show_if
        yield from (skip.when for skip in page.skips)
        yield from (question.show_if for question in page.questions)


def question_from(data: Any) -> Question:
    """One question out of JSON, checked by itself."""
    made = _object(Question, data, "The question")
    check_question(made)
    return made


def free_code(content: Content, start: str) -> str:
    """`start`, or with a number after it that no question has yet."""
    taken = {question.code.casefold() for question in content.questions}
    at, code = 1, start
    while code.casefold() in taken:
        at += 1
        code = f"{start.rstrip('0123456789')}{at}"
    return code


def free_page(content: Content) -> str:
    taken, at = {page.key for page in content.pages}, len(content.pages) + 1
    while f"p{at}" in taken:
        at += 1
    return f"p{at}"


def with_page(content: Content, page: Page) -> Content:
    return replace(content, pages=tuple(page if each.key == page.key else each for each in content.pages))
