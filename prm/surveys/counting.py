"""What was answered, counted. Of a named survey the answers that the viewer may see; of an anonymous one all of them, but
nothing at all where there are fewer than five, whatever they are narrowed by.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import and_

from peewee import Case, Expression, fn

from prm.access import rows
from prm.core.db import from_units
from prm.core.unchanged import while_unchanged
from prm.models import Answer, Partner, Response, Survey, SurveyQuestion, SurveyVersion, Tier, Wave
from prm.models.survey import ENOUGH
from prm.surveys.content import ON_A_SCALE, OTHER, Content, Question

POINTS = ("nps", "stars", "scale", "slider", "number")
WORDS = ("short_text", "long_text", "date")
MEANS = (*POINTS, "matrix")  # of which a mean says something: a place in a list of countries does not
BY = {"wave": "Wave", "tier": "Tier", "territory": "Territory"}


@dataclass(frozen=True)
class Narrow:
    """Which answers are counted. `chosen` is (code, choice): only those of people who chose it."""

    wave: int | None = None
    tier: int | None = None
    territory: str | None = None
    chosen: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return self != Narrow()


@dataclass(frozen=True)
class Bar:
    """One answer of several: how often, and its share of `n`."""

    label: str
    count: int
    share: float
    choice: str = ""


@dataclass
class Figures:
    """What one question, or one line of a matrix, comes to. `n` are the responses that answered it."""

    code: str
    row: str
    kind: str
    wording: str
    id: int
    n: int = 0
    bars: list[Bar] = field(default_factory=list)
    mean: Decimal | None = None
    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    lines: list[Figures] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.code}[{self.row}]" if self.row else self.code

    @property
    def nps(self) -> float | None:
        """Share of promoters minus share of detractors, −100 to 100."""
        return 100 * (self.promoters - self.detractors) / self.n if self.kind == "nps" and self.n else None


@dataclass
class Results:
    """`hidden`: there are too few answers to show any; `responses` is then only told as “fewer than five”."""

    survey: Survey
    responses: int = 0
    hidden: bool = False
    questions: list[Figures] = field(default_factory=list)


# ── which answers ──


def among(viewer, survey: Survey, narrow: Narrow, table=Answer, *, everybody: bool = False) -> Expression:
    """The condition of what is counted, and shown. `everybody`: all answers, whoever looks, for totals that are shared with partners."""
    found = [table.survey == survey.id]
    if survey.anonymous or everybody:
        found += [table.sealed == True] if survey.anonymous else []  # noqa: E712
    else:
        held = rows.condition(table, viewer)
        found += [held] if held is not None else []
    if narrow.wave is not None:
        found.append(table.wave == narrow.wave)
    if narrow.tier is not None and not survey.anonymous:
        found.append(table.partner.in_(Partner.select(Partner.id).where(Partner.tier == narrow.tier)))
    if narrow.territory is not None and not survey.anonymous:
        found.append(table.partner.in_(Partner.select(Partner.id).where(Partner.territory == narrow.territory)))
    if narrow.chosen is not None:
        code, choice = narrow.chosen
        asked = SurveyQuestion.select(SurveyQuestion.id).where((SurveyQuestion.survey == survey.id) & (SurveyQuestion.code == code))
        those = Answer.select(Answer.response).where((Answer.survey == survey.id) & Answer.question.in_(asked) & (Answer.choice == choice))
        found.append((table.response if table is Answer else table.id).in_(those))
    return reduce(and_, found)


def count_responses(viewer, survey: Survey, narrow: Narrow = Narrow(), *, everybody: bool = False) -> int:  # noqa: B008
    return Response.select(fn.COUNT(Response.id)).where(among(viewer, survey, narrow, Response, everybody=everybody)).scalar()


def is_hidden(viewer, survey: Survey, narrow: Narrow, responses: int, *, everybody: bool = False) -> bool:
    """Whether too few are left to show anything; also where those that are left out are so few that the difference would
    tell about them."""
    if not (survey.anonymous or everybody):
        return False
    if responses < ENOUGH:
        return True
    others = count_responses(viewer, survey, everybody=everybody) - responses if narrow else 0
    return 0 < others < ENOUGH


def hides(viewer, survey: Survey) -> bool:
    """Whether nothing at all may be shown of a survey yet."""
    return is_hidden(viewer, survey, Narrow(), count_responses(viewer, survey))


# ── counting ──


def results(viewer, survey: Survey, narrow: Narrow = Narrow(), *, everybody: bool = False) -> Results:  # noqa: B008
    """Every question with its figures; kept for as long as nothing changes."""
    where = among(viewer, survey, narrow, everybody=everybody)
    sql, params = Answer.select(Answer.id).where(where).sql()
    key = ("survey results", survey.id, survey.version, everybody, sql, tuple(map(str, params)))
    return while_unchanged(key, lambda: _results(viewer, survey, narrow, where, everybody))


def _results(viewer, survey: Survey, narrow: Narrow, where: Expression, everybody: bool) -> Results:
    made = Results(survey, count_responses(viewer, survey, narrow, everybody=everybody))
    if is_hidden(viewer, survey, narrow, made.responses, everybody=everybody):
        made.hidden = True
        return made
    found = {figures.id: figures for figures in _questions(survey)}
    _count(found, where)
    made.questions = _arranged(survey, found)
    if survey.anonymous or everybody:
        made.questions = [each for each in made.questions if each.kind not in WORDS or not everybody]
        for each in each_of(made.questions):
            _hold_back(each)
    return made


def _hold_back(figures: Figures) -> None:
    """A question that fewer than five answered tells nothing of them."""
    if figures.n < ENOUGH and not figures.lines:
        figures.n, figures.bars, figures.mean = 0, [], None
        figures.promoters = figures.passives = figures.detractors = 0


def each_of(questions: list[Figures]) -> Iterator[Figures]:
    for question in questions:
        yield question
        yield from question.lines


def _questions(survey: Survey) -> list[Figures]:
    query = SurveyQuestion.select().where(SurveyQuestion.survey == survey.id).order_by(SurveyQuestion.position, SurveyQuestion.id)
    return [Figures(q.code, q.row, q.kind, q.wording, q.id) for q in query]


def _count(found: dict[int, Figures], where: Expression) -> None:
    """One query for all of it: how often each choice and each number; and how many answered, where one may choose several."""
    words = Case(None, [(Answer.choice == "", "")], Answer.text)
    query = Answer.select(Answer.question, Answer.choice, words, Answer.number, fn.COUNT(Answer.id)).where(where).group_by(Answer.question, Answer.choice, words, Answer.number)
    lines: dict[int, list[tuple]] = {}
    for question, *line in query.tuples():
        lines.setdefault(question, []).append(tuple(line))
    several = [id for id, figures in found.items() if figures.kind == "choices"]
    people = dict(
        Answer.select(Answer.question, fn.COUNT(Answer.response.distinct())).where(where & Answer.question.in_(several or [0])).group_by(Answer.question).tuples()
    )
    for id, figures in found.items():
        _fill(figures, lines.get(id, []), people.get(id))


def _fill(figures: Figures, lines: list[tuple], people: int | None) -> None:
    figures.n = people if people is not None else sum(count for *_, count in lines)
    if not figures.n:
        return
    numbers = [(number, count) for _, _, number, count in lines if number is not None]
    if figures.kind in MEANS and numbers:
        figures.mean = Decimal(sum(number * count for number, count in numbers)) / sum(count for _, count in numbers)
    if figures.kind == "nps":
        figures.promoters = sum(count for number, count in numbers if number >= 9)
        figures.detractors = sum(count for number, count in numbers if number <= 6)
        figures.passives = figures.n - figures.promoters - figures.detractors
    if figures.kind not in WORDS:
        figures.bars = _bars(figures, lines)


def _bars(figures: Figures, lines: list[tuple]) -> list[Bar]:
    """By choice, under the words that most were shown; by number of points otherwise; a slider's and free numbers by value."""
    counts: dict[tuple, int] = {}
    words: dict[tuple, dict[str, int]] = {}
    for choice, text, number, count in lines:
        key = (choice,) if choice else ("", number) if number is not None else ("", None)
        label = "Another answer" if choice == OTHER else text or (_plain(number) if number is not None else "Other")
        counts[key] = counts.get(key, 0) + count
        said = words.setdefault(key, {})
        said[label] = said.get(label, 0) + count
    order = {choice: number for choice, _, number, _ in lines if choice and number is not None}
    keys = sorted(counts, key=lambda key: (key[0] == OTHER, _at(key, order)))
    return [Bar(max(words[key], key=words[key].get), counts[key], counts[key] / figures.n, key[0]) for key in keys]


def _at(key: tuple, order: dict) -> Decimal:
    number = order.get(key[0]) if key[0] else key[1]
    return Decimal(10**9) if number is None else Decimal(number)


def _plain(number) -> str:
    return f"{Decimal(number).normalize():f}"


def _arranged(survey: Survey, found: dict[int, Figures]) -> list[Figures]:
    """In the order of the newest version, lines below their question, with answers that nobody chose; questions that are
    gone since come last, where they were answered."""
    content = Content.parse(SurveyVersion.get((SurveyVersion.survey == survey.id) & (SurveyVersion.number == survey.version)).content) if survey.version else None
    tops: dict[str, Figures] = {}
    for figures in found.values():
        if not figures.row:
            tops[figures.code] = figures
    for figures in found.values():
        if figures.row and figures.code in tops:
            tops[figures.code].lines.append(figures)
    for code, top in tops.items():
        asked = content.question(code) if content else None
        for each in (top, *top.lines):
            if asked is not None:
                _complete(each, asked, content)
        if top.kind == "matrix":
            top.n = max((each.n for each in top.lines), default=0)
        if top.kind == "ranking":
            _rank(top)
    here = {q.code for q in content.questions} if content else set()
    return [top for top in tops.values() if top.code in here or top.n or any(each.n for each in top.lines)]


def _complete(figures: Figures, asked: Question, content: Content) -> None:
    """Add what nobody chose, in its place."""
    if asked.kind != figures.kind:
        return
    known = {bar.choice: bar for bar in figures.bars if bar.choice}
    if asked.kind in ("choice", "choices", "matrix") and (asked.kind != "matrix" or figures.row):
        listed = [known.pop(each.code, None) or Bar(content.say(each.text) or each.code, 0, 0.0, each.code) for each in asked.choices]
        figures.bars = listed + [bar for bar in figures.bars if not bar.choice or bar.choice in known]
    elif asked.kind == "yes_no":
        figures.bars = [known.get("yes") or Bar("Yes", 0, 0.0, "yes"), known.get("no") or Bar("No", 0, 0.0, "no")]
    elif asked.kind in ("nps", "stars", "scale"):
        low, high = asked.bounds
        by_label = {bar.label: bar for bar in figures.bars}
        figures.bars = [by_label.get(str(at)) or Bar(str(at), 0, 0.0) for at in range(low, high + 1)] if high - low <= 20 else figures.bars


def _rank(top: Figures) -> None:
    """Of a ranking: how often each was put first, best mean place first; its lines are the places."""
    places: dict[str, list] = {}
    for at, line in enumerate(top.lines, 1):
        for bar in line.bars:
            entry = places.setdefault(bar.choice, [bar.label, 0, 0, 0])
            entry[1] += bar.count
            entry[2] += bar.count * at
            entry[3] += bar.count if at == 1 else 0
    top.n = top.lines[0].n if top.lines else 0
    best = sorted((label, count, total / count, first, choice) for choice, (label, count, total, first) in places.items() if count)
    best.sort(key=lambda each: each[2])
    top.bars = [Bar(f"{label} (mean place {mean:.1f})", first, first / top.n if top.n else 0.0, choice) for label, _, mean, first, choice in best]


# ── side by side ──


@dataclass(frozen=True)
class Compared:
    """A question on a scale, by group: {key of the group: (score, n)}. NPS where it is one, else the mean."""

    figures: Figures
    scores: dict

    @property
    def unit(self) -> str:
        return "NPS" if self.figures.kind == "nps" else "mean"


def compare(viewer, survey: Survey, by: str, narrow: Narrow = Narrow()) -> tuple[list[tuple], list[Compared]]:  # noqa: B008
    """The groups as (key, label), and every question on a scale in each of them; groups of too few anonymous answers are empty."""
    where = among(viewer, survey, narrow)
    column = {"wave": Answer.wave, "tier": Partner.tier, "territory": Partner.territory}[by]
    promoters, detractors = Case(None, [(Answer.number >= 9, 1)], 0), Case(None, [(Answer.number <= 6, 1)], 0)
    query = Answer.select(Answer.question, column, fn.COUNT(Answer.number), fn.SUM(Answer.number), fn.SUM(promoters), fn.SUM(detractors))
    if by != "wave":
        query = query.join(Partner, on=(Answer.partner == Partner.id))
    found: dict[int, dict] = {}
    for question, group, n, total, good, bad in query.where(where & Answer.number.is_null(False)).group_by(Answer.question, column).tuples():
        found.setdefault(question, {})[group] = (n, from_units(int(total)) if not isinstance(total, Decimal) else total, good, bad)
    labels = _labels(survey, by, {group for groups in found.values() for group in groups})
    compared = []
    for figures in _questions(survey):
        groups = found.get(figures.id)
        if groups and (figures.kind in ON_A_SCALE or (figures.kind == "matrix" and figures.row)):
            compared.append(Compared(figures, {key: _score(figures, *line) for key, line in groups.items() if line[0] >= ENOUGH or not survey.anonymous}))
    return labels, compared


def _score(figures: Figures, n: int, total: Decimal, good: int, bad: int) -> tuple[float, int]:
    return (100 * (good - bad) / n if figures.kind == "nps" else float(total / n)), n


def _labels(survey: Survey, by: str, keys: set) -> list[tuple]:
    if by == "wave":
        return list(Wave.select(Wave.id, Wave.label).where((Wave.survey == survey.id) & Wave.id.in_(keys or {0})).order_by(Wave.number).tuples())
    if by == "tier":
        named = list(Tier.select(Tier.id, Tier.name).where(Tier.id.in_(keys - {None} or {0})).order_by(Tier.position).tuples())
        return named + ([(None, "No tier")] if None in keys else [])
    return [(key, key or "No territory") for key in sorted(keys, key=lambda each: (not each, each))]


# ── for programs ──


def machine(found: Results) -> dict:
    """{"responses": n, "questions": {code: {"n", "counts", "mean", "nps"}}}: lines of a matrix and places of a ranking as
    code[row], boxes of several choices also as code[choice] with Yes and No."""
    questions = {}
    for each in each_of(found.questions):
        if each.kind == "matrix" and not each.row:
            continue
        counts = {bar.label: bar.count for bar in each.bars if bar.count or bar.choice} if each.kind not in WORDS else {}
        if each.kind == "ranking" and not each.row:
            continue
        questions[each.key] = {
            "n": each.n, "counts": counts, "mean": round(float(each.mean), 4) if each.mean is not None else None,
            "nps": round(each.nps, 2) if each.nps is not None else None,
        }  # fmt: skip
        if each.kind == "choices":
            for bar in each.bars:
                if bar.choice and bar.choice != OTHER:
                    questions[f"{each.code}[{bar.choice}]"] = {"n": each.n, "counts": {"Yes": bar.count, "No": each.n - bar.count}, "mean": None, "nps": None}
    return {"responses": found.responses, "questions": questions}


