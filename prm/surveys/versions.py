"""What people answer: versions of a survey, word for word, and its questions as rows that answers lead to."""
from __future__ import annotations

from prm.core.db import db
from prm.core.errors import Invalid, Missing
from prm.models import Activity, Survey, SurveyQuestion, SurveyVersion
from prm.surveys.checking import problems
from prm.surveys.content import Content


def published(survey: Survey, number: int | None = None) -> Content:
    """What people answer now, or what was asked in a version; Missing before there is one."""
    found = SurveyVersion.get_or_none((SurveyVersion.survey == survey.id) & (SurveyVersion.number == (number or survey.version)))
    if found is None:
        raise Missing()
    return Content.parse(found.content)


def is_changed(survey: Survey) -> bool:
    """Whether what is being built differs from what people answer."""
    return bool(survey.version) and published(survey).to_json() != survey.content


def publish(viewer, survey: Survey) -> Survey:
    """What is being built is what people answer from now on, as a new version; without changes nothing happens. Invalid
    where the check finds what would stop them."""
    content = Content.parse(survey.content)
    if stopping := [each for each in problems(content) if each.stops]:
        raise Invalid(f"It cannot be sent yet: {stopping[0].text}" + (f" There are {len(stopping)} things to mend." if len(stopping) > 1 else ""))
    with db.atomic():
        survey = Survey.get_by_id(survey.id)
        if survey.version and not is_changed(survey):
            return survey
        survey.version += 1
        SurveyVersion.create(survey=survey, number=survey.version, content=survey.content, author=viewer.id)
        register(survey, content)
        survey.save(only=[Survey.version])
        Activity.record(viewer, "survey.published", survey, title=survey.title, version=survey.version)
    return survey


def register(survey: Survey, content: Content) -> None:
    """Its questions as rows that answers lead to, in their newest wording."""
    lines = []
    for question in content.questions:
        if not question.asks:
            continue
        wording = content.say(question.text)
        lines.append({"code": question.code, "row": "", "wording": wording, "kind": question.kind})
        for row in question.rows if question.kind == "matrix" else ():
            lines.append({"code": question.code, "row": row.code, "wording": f"{wording} – {content.say(row.text) or row.code}", "kind": question.kind})
        for at in range(1, len(question.choices) + 1) if question.kind == "ranking" else ():
            lines.append({"code": question.code, "row": str(at), "wording": f"{wording} – place {at}", "kind": question.kind})
    known = {(q.code, q.row): q for q in SurveyQuestion.select().where(SurveyQuestion.survey == survey.id)}
    for position, line in enumerate(lines):
        found = known.get((line["code"], line["row"]))
        if found is None:
            SurveyQuestion.create(survey=survey, position=position, **line)
        elif (found.wording, found.kind, found.position) != (line["wording"], line["kind"], position):
            SurveyQuestion.update(position=position, **line).where(SurveyQuestion.id == found.id).execute()
