"""What is saved of a report: one question, or up to five on a shared group, and how the answers are looked at.

    {"parts": [{"title": "Won", "question": {…}}, …],
     "open": [1, 3],
     "highlights": [{"key": "won", "op": "below", "value": "10000", "tone": "bad", "word": "Low"}]}

`open` are the numbers of the first question's filters that its readers may change; the others are locked.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from prm.catalogue.question import Condition, Filter, Question
from prm.core.errors import Invalid

MOST_PARTS = 5
MOST_HIGHLIGHTS = 20
TONES = {"good": "Good", "warn": "Watch", "bad": "Low"}  # with the word that is said where nothing else is given
TESTS = {"below": lambda value, limit: value < limit, "at least": lambda value, limit: value >= limit}


@dataclass(frozen=True)
class Part:
    """One question of a report; `data` is the JSON it came from."""

    title: str
    question: Question
    data: dict


@dataclass(frozen=True)
class Highlight:
    """A figure below, or from a value on, is marked with a colour, an icon and a word."""

    key: str
    op: str
    value: Decimal
    tone: str
    word: str

    def holds(self, value: Any) -> bool:
        return isinstance(value, int | Decimal) and not isinstance(value, bool) and TESTS[self.op](value, self.value)


@dataclass(frozen=True)
class Content:
    parts: tuple[Part, ...]
    open: tuple[int, ...] = ()
    highlights: tuple[Highlight, ...] = ()

    @property
    def question(self) -> Question:
        return self.parts[0].question

    @property
    def shape(self) -> str:
        """list, summary, matrix or joined."""
        if len(self.parts) > 1:
            return "joined"
        if self.question.is_list:
            return "list"
        return "matrix" if self.question.columns else "summary"

    @classmethod
    def parse(cls, data: Any) -> Content:
        """From JSON; Invalid says in plain words what is wrong. Whether its fields exist depends on who asks."""
        if not isinstance(data, dict):
            raise Invalid("A report must be an object like {…}.")
        parts = tuple(_part(each) for each in _list(data, "parts", MOST_PARTS))
        if not parts:
            raise Invalid("A report needs a question.")
        if len(parts) > 1:
            _check_joined(parts)
        marks = tuple(_highlight(each) for each in _list(data, "highlights", MOST_HIGHLIGHTS))
        return cls(parts, _open(data, parts[0].question), marks)

    @property
    def data(self) -> dict:
        """As JSON, to be saved."""
        marks = [{"key": m.key, "op": m.op, "value": f"{m.value:f}", "tone": m.tone, "word": m.word} for m in self.highlights]
        parts = [{"title": part.title, "question": part.data} for part in self.parts]
        return {"parts": parts, "open": list(self.open), "highlights": marks}

    def changed(self, values: dict[int, Any]) -> Content:
        """With the values that a reader gives to open filters, by their number from 1. Others are left as they are."""
        first = self.parts[0]
        filters = list(first.question.filters)
        for number, value in values.items():
            held = filters[number - 1] if number in self.open and number <= len(filters) else None
            if isinstance(held, Filter):
                filters[number - 1] = replace(held, value=value)
        question = replace(first.question, filters=tuple(filters))
        return replace(self, parts=(replace(first, question=question), *self.parts[1:]))

    def narrowed(self, conditions: Callable[[Question], tuple[Condition, ...]]) -> Content:
        """Each of its questions with further conditions, whatever its own say."""
        parts = tuple(replace(part, question=part.question.where(*conditions(part.question))) for part in self.parts)
        return replace(self, parts=parts)


def _list(data: dict, name: str, most: int) -> list:
    found = data.get(name) or []
    if not isinstance(found, list) or len(found) > most:
        raise Invalid(f"“{name}” must be a list of at most {most}.")
    return found


def _part(data: Any) -> Part:
    if not isinstance(data, dict) or not isinstance(data.get("question"), dict):
        raise Invalid("Each part of a report needs a question.")
    return Part(str(data.get("title") or "")[:120], Question.parse(data["question"]), data["question"])


def _check_joined(parts: tuple[Part, ...]) -> None:
    for part in parts:
        if len(part.question.rows) != 1 or part.question.columns:
            raise Invalid("Joined questions have one group each, the shared one, and no columns.")


def _open(data: dict, question: Question) -> tuple[int, ...]:
    found = data.get("open") or []
    if not isinstance(found, list) or not all(type(number) is int for number in found):
        raise Invalid("“open” must be a list of filter numbers.")
    return tuple(sorted({number for number in found if 1 <= number <= len(question.filters)}))


def _highlight(data: Any) -> Highlight:
    if not isinstance(data, dict) or data.get("op") not in TESTS or data.get("tone") not in TONES:
        raise Invalid("A highlight needs a measure, “below” or “at least”, a value, and good, warn or bad.")
    try:
        value = Decimal(str(data.get("value")))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > Decimal(10) ** 15:
        raise Invalid(f"“{str(data.get('value'))[:40]}” is no number to highlight by.")
    tone = data["tone"]
    return Highlight(str(data.get("key") or ""), data["op"], value, tone, str(data.get("word") or TONES[tone])[:30])
