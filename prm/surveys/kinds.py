"""The kinds of questions, each said once: how an answer is read from the form, checked, stored, and shown again.

An answer is a plain value that JSON can hold: a number of points, a code, a list of codes (in order, of a ranking), a dict
{row: code} of a matrix, a text; with words of one's own {CHOSEN: …, WRITTEN: words}. None is no answer.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from prm.core.db import LIMIT
from prm.core.errors import Invalid
from prm.models.survey import QUESTION_KINDS
from prm.surveys.content import CHOSEN, OTHER, WRITTEN, Content, Question

SHORT, LONG = 500, 10_000  # characters of a text
PICK = "Choose one of the answers."


class Fact(NamedTuple):
    """A row of `Answer` to be: `row` of the question, code of the choice, what it is counted with, and what it says."""

    row: str = ""
    choice: str = ""
    number: Decimal | int | None = None
    text: str = ""


Read = Callable[[Question, MultiDict, str], Any]
Check = Callable[[Question, Any], Any]
Facts = Callable[[Question, Any, Content], list[Fact]]


@dataclass(frozen=True)
class Kind:
    """`read` takes what was typed out of the form, as it is; `check` gives the answer, or Invalid; `facts` are its rows."""

    key: str
    read: Read
    check: Check
    facts: Facts
    icon: str
    group: str = "Choices"

    @property
    def label(self) -> str:
        return QUESTION_KINDS[self.key]


def name_of(question: Question, part: str = "") -> str:
    """The name of its input in the form."""
    return f"q.{question.code}.{part}" if part else f"q.{question.code}"


def answered(question: Question, form: MultiDict) -> Any:
    """The answer in a form; None where there is none; Invalid, in words for whoever answers."""
    kind = KINDS[question.kind]
    typed = kind.read(question, form, name_of(question))
    value = None if typed in (None, "", [], {}) else kind.check(question, typed)
    if value is None and question.required:
        raise Invalid(_missing(question))
    return value


def typed(question: Question, form: MultiDict) -> Any:
    """What was typed, to be shown again beside what is wrong with it."""
    return KINDS[question.kind].read(question, form, name_of(question))


def checked(question: Question, value: Any) -> Any:
    """An answer that came in JSON: as `answered` would give it, or Invalid."""
    return None if value in (None, "", [], {}) else KINDS[question.kind].check(question, value)


def facts(question: Question, value: Any, content: Content) -> list[Fact]:
    return [] if value is None else KINDS[question.kind].facts(question, value, content)


def _missing(question: Question) -> str:
    if question.kind == "matrix":
        return "Please answer every line."
    if question.kind in ("short_text", "long_text", "number", "date"):
        return "Please fill this in."
    return "Please choose an answer."


# ── points ──


def _one(question: Question, form: MultiDict, name: str) -> str:
    return form.get(name, "").strip()


def _points(question: Question, value: Any) -> int:
    low, high = question.bounds
    text = str(value)
    if isinstance(value, bool) or not text.lstrip("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise Invalid(f"Please pick a number from {low} to {high}.")
    return int(text)


def _point_facts(question: Question, value: int, content: Content) -> list[Fact]:
    return [Fact(number=value, text=str(value))]


# ── choices ──


def _yes_no(question: Question, value: Any) -> str:
    if value not in ("yes", "no"):
        raise Invalid(PICK)
    return value


def _yes_no_facts(question: Question, value: str, content: Content) -> list[Fact]:
    return [Fact(choice=value, number=int(value == "yes"), text="Yes" if value == "yes" else "No")]


def _read_choice(question: Question, form: MultiDict, name: str) -> Any:
    chosen = _one(question, form, name)
    return {CHOSEN: chosen, WRITTEN: form.get(f"{name}.other", "").strip()} if chosen == OTHER else chosen


def _choice(question: Question, value: Any) -> Any:
    code = value.get(CHOSEN) if isinstance(value, dict) else value
    if code == OTHER and question.other:
        return {CHOSEN: OTHER, WRITTEN: _own_words(value)}
    if not isinstance(code, str) or question.choice(code) is None:
        raise Invalid(PICK)
    return code


def _own_words(value: Any) -> str:
    words = value.get(WRITTEN) if isinstance(value, dict) else None
    if not isinstance(words, str) or not words:
        raise Invalid("Please write what your other answer is.")
    return _length(words, SHORT)


def _choice_facts(question: Question, value: Any, content: Content) -> list[Fact]:
    if isinstance(value, dict):
        return [Fact(choice=OTHER, text=value[WRITTEN])]
    return [chosen(question, value, content)]


def chosen(question: Question, code: str, content: Content, row: str = "") -> Fact:
    """The place of a choice on its scale is what it is counted with, from 1."""
    at = next(i for i, each in enumerate(question.choices, 1) if each.code == code)
    return Fact(row, code, at, content.say(question.choices[at - 1].text) or code)


def _read_choices(question: Question, form: MultiDict, name: str) -> Any:
    chosen = [each.strip() for each in form.getlist(name) if each.strip()]
    return {CHOSEN: chosen, WRITTEN: form.get(f"{name}.other", "").strip()} if OTHER in chosen else chosen


def _choices(question: Question, value: Any) -> Any:
    codes = value.get(CHOSEN) if isinstance(value, dict) else value
    if not isinstance(codes, list) or not all(isinstance(each, str) for each in codes):
        raise Invalid(PICK)
    codes = list(dict.fromkeys(codes))
    if any(question.choice(each) is None and not (each == OTHER and question.other) for each in codes):
        raise Invalid("Choose among the answers.")
    if question.most is not None and len(codes) > question.most:
        raise Invalid(f"Please choose {question.most} at most: these are {len(codes)}.")
    if question.least is not None and len(codes) < question.least:
        raise Invalid(f"Please choose at least {question.least}.")
    return {CHOSEN: codes, WRITTEN: _own_words(value)} if OTHER in codes else codes


def _choices_facts(question: Question, value: Any, content: Content) -> list[Fact]:
    codes = value[CHOSEN] if isinstance(value, dict) else value
    return [Fact(choice=OTHER, text=value[WRITTEN]) if code == OTHER else chosen(question, code, content) for code in codes]


def _read_ranking(question: Question, form: MultiDict, name: str) -> Any:
    places = {choice.code: form.get(f"{name}.{choice.code}", "").strip() for choice in question.choices}
    return {code: place for code, place in places.items() if place}


def _ranking(question: Question, value: Any) -> list[str]:
    """From the form {code: place}, from JSON the codes in order. Not all need a place, but each place is there once."""
    if isinstance(value, list):
        value = {code: str(at) for at, code in enumerate(value, 1)} if len(set(map(str, value))) == len(value) else {}
    if not isinstance(value, dict) or not value or any(question.choice(str(code)) is None for code in value):
        raise Invalid("Give each of the answers a place.")
    places = sorted(value.items(), key=lambda item: (len(str(item[1])), str(item[1])))
    if [str(place) for _, place in places] != [str(at) for at in range(1, len(places) + 1)]:
        raise Invalid("Give each place once, beginning with 1.")
    if question.required and len(places) < len(question.choices):
        raise Invalid("Please give every answer a place.")
    return [code for code, _ in places]


def _ranking_facts(question: Question, value: list[str], content: Content) -> list[Fact]:
    return [Fact(str(at), code, at, chosen(question, code, content).text) for at, code in enumerate(value, 1)]


def _read_matrix(question: Question, form: MultiDict, name: str) -> Any:
    found = {row.code: form.get(f"{name}.{row.code}", "").strip() for row in question.rows}
    return {row: code for row, code in found.items() if code}


def _matrix(question: Question, value: Any) -> dict[str, str]:
    rows = {row.code for row in question.rows}
    if not isinstance(value, dict) or any(row not in rows or question.choice(str(code)) is None for row, code in value.items()):
        raise Invalid("Choose one of the answers in each line.")
    if question.required and len(value) < len(rows):
        raise Invalid(_missing(question))
    return {row: str(code) for row, code in value.items()}


def _matrix_facts(question: Question, value: dict[str, str], content: Content) -> list[Fact]:
    return [chosen(question, code, content, row) for row, code in value.items()]


# ── what is typed ──


def _length(words: str, most: int) -> str:
    words = words.replace("\0", "").encode("utf-8", "replace").decode()
    if len(words) > most:
        raise Invalid(f"That are {len(words):,} characters; {most:,} fit. Please shorten it.")
    return words


def _text(most: int) -> Check:
    def check(question: Question, value: Any) -> str:
        if not isinstance(value, str):
            raise Invalid("Please answer in words.")
        return _length(value.replace("\r\n", "\n"), most)

    return check


def _text_facts(question: Question, value: str, content: Content) -> list[Fact]:
    return [Fact(text=value)]


def _number(question: Question, value: Any) -> str:
    text = str(value).replace(" ", "").replace("\u00a0", "").replace(",", ".")
    try:
        number = Decimal(text) if len(text) <= 30 else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30 or abs(number) >= LIMIT:
        raise Invalid("Please write a number, such as 12 or 3.5.")
    low, high = question.bounds
    if (low is not None and number < low) or (high is not None and number > high):
        raise Invalid(f"Please write a number {_between(low, high)}.")
    return f"{number.quantize(Decimal('0.000001')).normalize():f}"


def _between(low: int | None, high: int | None) -> str:
    if low is None:
        return f"up to {high:,}"
    return f"from {low:,} on" if high is None else f"from {low:,} to {high:,}"


def _number_facts(question: Question, value: str, content: Content) -> list[Fact]:
    return [Fact(number=Decimal(value), text=value)]


def _date(question: Question, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:30]).isoformat()
    except ValueError:
        raise Invalid("Please write a date as year-month-day, such as 2026-11-25.") from None


def _nothing(question: Question, value: Any, _content: Any = None) -> Any:
    return None


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("nps", _one, _points, _point_facts, "gauge", "Points"),
        Kind("stars", _one, _points, _point_facts, "star", "Points"),
        Kind("scale", _one, _points, _point_facts, "target", "Points"),
        Kind("slider", _one, _points, _point_facts, "sliders-horizontal", "Points"),
        Kind("yes_no", _one, _yes_no, _yes_no_facts, "circle-check"),
        Kind("choice", _read_choice, _choice, _choice_facts, "circle-dashed"),
        Kind("choices", _read_choices, _choices, _choices_facts, "clipboard-list"),
        Kind("ranking", _read_ranking, _ranking, _ranking_facts, "chevrons-up-down"),
        Kind("matrix", _read_matrix, _matrix, _matrix_facts, "table-2"),
        Kind("short_text", _one, _text(SHORT), _text_facts, "type", "Words and numbers"),
        Kind("long_text", _one, _text(LONG), _text_facts, "file-text", "Words and numbers"),
        Kind("number", _one, _number, _number_facts, "hash", "Words and numbers"),
        Kind("date", _one, _date, _text_facts, "calendar", "Words and numbers"),
        Kind("text", lambda *_: None, _nothing, lambda *_: [], "info", "Words and numbers"),
    )
}
