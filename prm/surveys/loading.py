"""Answers out of a LimeSurvey export: CSV with one response a line and columns headed `code. words` or `code[part]. words`.

All of it or nothing. What a cell says is kept as it was written; where it is not quite the wording of a choice it counts as
the choice that it clearly means, and that is told. Columns of questions that the survey does not have are listed and left.
"""
from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches

from prm.core import bulk, clock
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import Activity, Answer, Organisation, Response, Survey, Wave
from prm.surveys import kinds
from prm.surveys.content import OTHER, Choice, Content, Question
from prm.surveys.kinds import Fact
from prm.surveys.versions import publish, published
from prm.surveys.storing import NAMES, questions_of

HEAD = re.compile(r"^\s*([A-Za-z][A-Za-z0-9_]*)(?:\[([^\]]*)\])?(?:\.\s|$|\s)")
ALIKE = 0.9  # how like a wording must be to mean the choice
MOST_ROWS = 200_000
MOST_NOTES = 50
YES = {"yes": "yes", "y": "yes", "1": "yes", "no": "no", "n": "no", "0": "no", "2": "no"}


@dataclass
class Loaded:
    """What became of a file. `left` are headings of columns that nothing here is about, `meant` (what was written, the choice
    it was taken for, how often), `kept` what is not among the choices, as it was written."""

    responses: int = 0
    answers: int = 0
    left: list[str] = field(default_factory=list)
    meant: Counter = field(default_factory=Counter)
    kept: Counter = field(default_factory=Counter)


@dataclass(frozen=True)
class Column:
    at: int
    question: Question
    row: str = ""  # of a matrix, the place of a ranking, the box of several choices


def load(viewer, survey: Survey, name: str, data: bytes) -> Loaded:
    """Store every line as a response of a wave of its own."""
    lines = _lines(data)
    survey = publish(viewer, survey) if not survey.version else survey
    content = published(survey)
    columns, loaded = [], Loaded()
    for at, heading in enumerate(lines[0]):
        _column(content, at, heading, columns, loaded)
    if not columns:
        raise Invalid("No column of this file is about a question of this survey.", field="file")
    with db.atomic():
        wave = _wave(viewer, survey, name)
        _store(survey, wave, content, columns, lines[1:], loaded)
        Activity.record(viewer, "survey.loaded", survey, title=survey.title, responses=loaded.responses)
    return loaded


def _lines(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("The file is not text in UTF-8.", field="file")
    csv.field_size_limit(2**20)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter) if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise Invalid(f"The file is no CSV that can be read: {error}.", field="file") from None
    if len(lines) < 2:
        raise Invalid("There are no answers in this file.", field="file")
    if len(lines) > MOST_ROWS:
        raise Invalid(f"At most {MOST_ROWS:,} responses in one file.", field="file")
    return lines


def _column(content: Content, at: int, heading: str, columns: list[Column], loaded: Loaded) -> None:
    found = HEAD.match(heading.replace("\ufeff", ""))
    if found is None:
        if heading.strip():
            loaded.left.append(heading[:120])
        return
    code, part = found[1], found[2] or ""
    whole = content.question(f"{code}[{part}]") if part else None
    question = whole or content.question(code)
    if question is None or (part and whole is None and not _has(question, part)):
        loaded.left.append(heading[:120])
        return
    columns.append(Column(at, question, "" if whole else part))


def _has(question: Question, part: str) -> bool:
    if question.kind == "matrix":
        return any(row.code == part for row in question.rows)
    if question.kind == "ranking":
        return part.isdigit() and 1 <= int(part) <= len(question.choices)
    return question.kind == "choices" and (part == "other" or question.choice(part) is not None)


def _wave(viewer, survey: Survey, name: str) -> Wave:
    return Wave.create(survey=survey, number=Wave.next_number(survey.id), how="file", label=name.rsplit("/", 1)[-1][:80], sent_at=clock.now(), author=viewer.id)


def _store(survey: Survey, wave: Wave, content: Content, columns: list[Column], lines: list[list[str]], loaded: Loaded) -> None:
    known = questions_of(survey.id)
    read = _Cells(content, loaded)
    today = clock.today(Organisation.current().zone)
    same = (survey.id, wave.id, None, None, today, survey.anonymous)
    given = [(survey.id, wave.id, survey.version, content.languages[0], today, survey.anonymous)] * len(lines)
    ids = sorted(id for (id,) in bulk.insert(Response, ("survey", "wave", "version", "language", "day", "sealed"), given, returning=("id",)))
    made = []
    for id, line in zip(ids, lines, strict=True):
        for code, fact in read.facts(columns, line):
            if (code, fact.row) in known:
                made.append((id, known[code, fact.row], fact.choice, fact.number, fact.text, [], *same))
    bulk.insert(Answer, NAMES, made)
    loaded.responses, loaded.answers = len(ids), len(made)


class _Cells:
    """Reads cells; the same words of the same question are worked out once."""

    def __init__(self, content: Content, loaded: Loaded):
        self.content, self.loaded = content, loaded
        self.known: dict[tuple[str, str], tuple[Choice | None, bool]] = {}

    def facts(self, columns: list[Column], line: list[str]) -> list[tuple[str, Fact]]:
        found: list[tuple[str, Fact]] = []
        boxes: dict[str, list[bool]] = {}
        for column in columns:
            cell = line[column.at].replace("\ufeff", "").strip() if column.at < len(line) else ""
            if not cell:
                continue
            if column.question.kind == "choices" and column.row:
                self._box(column, cell, found, boxes)
            else:
                found += [(column.question.code, fact) for fact in self._cell(column, cell)]
        for code, ticked in boxes.items():
            if not any(ticked):
                found.append((code, Fact(text="")))  # it was answered: none of them
        return found

    def _box(self, column: Column, cell: str, found: list, boxes: dict) -> None:
        question = column.question
        if column.row == "other":
            if YES.get(cell.casefold()) != "no":
                found.append((question.code, Fact(choice=OTHER, text=cell)))
                boxes.setdefault(question.code, []).append(True)
            return
        ticked = YES.get(cell.casefold()) == "yes"
        boxes.setdefault(question.code, []).append(ticked)
        if ticked:
            found.append((question.code, kinds.chosen(question, column.row, self.content)))

    def _cell(self, column: Column, cell: str) -> list[Fact]:
        question, kind = column.question, column.question.kind
        if kind in ("choice", "choices", "matrix", "ranking"):
            return [self._choice(column, cell)]
        if kind == "yes_no" and cell.casefold() in YES:
            return kinds.facts(question, YES[cell.casefold()], self.content)
        if kind == "date":
            cell = cell[:10] if re.match(r"\d{4}-\d\d-\d\d[ T]", cell) else cell
        if kind in ("nps", "stars", "scale", "slider") and re.fullmatch(r"-?\d+\.0", cell):
            cell = cell[:-2]
        try:
            return kinds.facts(question, kinds.checked(question, cell), self.content)
        except Invalid:
            self.loaded.kept[question.code, cell[:80]] += 1
            return [Fact(text=cell[: kinds.LONG])]

    def _choice(self, column: Column, cell: str) -> Fact:
        question, row = column.question, column.row
        choice, exact = self._meant(question, cell)
        if choice is None:
            self.loaded.kept[question.code, cell[:80]] += 1
            return Fact(row, OTHER if question.other and question.kind == "choice" else "", Decimal(row) if question.kind == "ranking" else None, cell[: kinds.SHORT])
        if not exact:
            self.loaded.meant[question.code, cell, self.content.say(choice.text)] += 1
        fact = kinds.chosen(question, choice.code, self.content, row)
        number = int(row) if question.kind == "ranking" else fact.number
        return fact._replace(number=number, text=cell)

    def _meant(self, question: Question, cell: str) -> tuple[Choice | None, bool]:
        """The choice with these words or this code; else the one whose words are almost the same."""
        key = (question.code, cell)
        if key not in self.known:
            wanted = _folded(cell)
            words = {_folded(self.content.say(each.text)): each for each in reversed(question.choices)}
            exact = words.get(wanted) or question.choice(cell)
            close = None if exact else get_close_matches(wanted, words, 1, ALIKE)
            self.known[key] = (exact, True) if exact else (words[close[0]] if close else None, False)
        return self.known[key]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
