"""A report answered for one reader, as tables; and the rows behind one of its figures."""
from __future__ import annotations

from dataclasses import replace
from datetime import date

from prm.catalogue.answer import Answer, answer, context
from prm.catalogue.fields import Catalogue
from prm.catalogue.grouping import behind, grouping, read
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT, Condition, Question
from prm.core.errors import Invalid
from prm.reporting.content import Content
from prm.reporting.grouped import summary_table
from prm.reporting.joining import joined
from prm.reporting.matrix import Matrix
from prm.reporting.table import Place, Table, left_out, list_table, mark

GONE = "That figure is not in this report any more. Open the report again."


def ask(content: Content, viewer, *, known: Catalogue | None = None, today: date | None = None, limit: int | None = None) -> Table:
    """What this viewer may know of it, as one table. `limit` is the most lines, by default what the question says."""
    known = known or catalogue(viewer)
    most = limit or content.question.limit
    answers = [_answer(part.question, viewer, known, today, most) for part in content.parts]
    if len(answers) > 1:
        made = joined(answers, [part.title for part in content.parts], most)
    else:
        made = _table(answers[0], most)
    mark(made, content.highlights)
    made.notes = [note for each in answers for note in left_out(each)]
    return made


def _table(answer: Answer, most: int) -> Table:
    if answer.question.is_list:
        return list_table(answer)
    return Matrix(answer).table(most) if answer.question.columns else summary_table(answer, most)


def _answer(question: Question, viewer, known: Catalogue, today: date | None, most: int) -> Answer:
    """All groups, as a cut in the middle of them would leave holes in a matrix; of a list only what is shown."""
    return answer(replace(question, limit=most if question.is_list else MAX_LIMIT), viewer, known=known, today=today)


def rows_behind(question: Question, place: Place, measure: str, viewer, *, known: Catalogue | None = None) -> Question:
    """The list of the rows behind a figure: the question's filters, those of the groups it lies in, and the measure's own."""
    here = context(question, viewer, known=known)
    conditions: list[Condition] = []
    for number, raw in place:
        if not 0 <= number < len(question.groups):
            raise Invalid(GONE)
        group = grouping(here.source, question.groups[number])
        try:
            conditions += behind(group, raw, read(group, raw, None, here.formats), here.formats)
        except (TypeError, ValueError, OverflowError, KeyError):  # no value that this group ever has
            raise Invalid(GONE) from None
    conditions += next((m.where for m in question.measures if m.key == measure), ())
    plain = replace(question, rows=(), columns=(), measures=(), sort=(), fields=(), formulas=(), chart={})
    return plain.where(*conditions)
