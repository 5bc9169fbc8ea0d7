"""What a survey found: figures, side by side by wave or tier, the answers behind, comments with tags, files; and the page that
partners may read."""
from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from flask import request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core import clock, formats, pdf
from prm.core.errors import Invalid, Missing
from prm.core.text import natural
from prm.models import Answer, Contact, Organisation, Partner, Response, Survey, SurveyQuestion, Tier, Wave
from prm.models.survey import ENOUGH
from prm.surveys import counting, listed, reading
from prm.surveys.blueprint import bp
from prm.surveys.counting import BY, WORDS, Narrow
from prm.surveys.versions import published
from prm.ui.downloads import sent_csv, sent_xlsx
from prm.ui.page import page, redirect_to, toast
from prm.ui.paper import environment, logo_address
from prm.ui.sheets import write_csv, write_xlsx
from prm.ui.theme import accents

PER = 50


def _viewer():
    return current_user._get_current_object()


def _kept(*names: str) -> dict[str, str]:
    """What of the address goes along into other addresses."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def _narrow(survey: Survey, args: MultiDict) -> Narrow:
    """What the address narrows the answers by; what cannot be is left out."""
    chosen = tuple(args.get("only", "").split(":", 1))
    of = (None, None) if survey.anonymous else (_number(args, "tier"), args.get("territory") or None)
    return Narrow(_number(args, "wave"), of[0], of[1], chosen if len(chosen) == 2 else None)  # type: ignore[arg-type]


def _number(args: MultiDict, name: str) -> int | None:
    return natural(args.get(name))


def _choices(survey: Survey) -> dict[str, list]:
    """What the figures can be narrowed by."""
    waves = list(rows.visible(Wave, current_user, Wave.id, Wave.label).where(Wave.survey == survey.id).order_by(Wave.number).tuples())
    if survey.anonymous:
        return {"wave": waves}
    territories = rows.visible(Partner, current_user, Partner.territory).where(Partner.territory != "").distinct().order_by(Partner.territory).scalars()
    return {"wave": waves, "tier": list(rows.visible(Tier, current_user, Tier.id, Tier.name).order_by(Tier.position).tuples()), "territory": [(each, each) for each in territories]}


@bp.get("/surveys/<int:id>/results")
@needs(Do.READ_RESULTS)
def read_results(id):
    survey, viewer = rows.get(Survey, current_user, id), _viewer()
    narrow = _narrow(survey, request.args)
    found = counting.results(viewer, survey, narrow)
    by = request.args.get("by", "") if request.args.get("by") in BY and not (survey.anonymous and request.args["by"] != "wave") else ""
    groups, compared = counting.compare(viewer, survey, by, narrow) if by and not found.hidden else ([], [])
    choices = _choices(survey)
    waves = [id for id, _ in choices["wave"]]
    return page(
        "surveys/results.html", block="figures", survey=survey, found=found, narrow=narrow, choices=choices, by=by, ways=BY, groups=groups,
        compared=compared, reach=listed.together(listed.reach(viewer, waves).values()), rates=reading.rates(viewer, survey), words=WORDS, enough=ENOUGH,
        drills=not survey.anonymous, args=_kept("wave", "tier", "territory", "only"), now=clock.now(), quotes=reading.quotes(viewer, survey, narrow, found),
    )  # fmt: skip


# ── the answers behind ──


@bp.get("/surveys/<int:id>/answers")
@needs(Do.READ_RESULTS)
def answers(id):
    """Who answered what: never of an anonymous survey."""
    survey = rows.get(Survey, current_user, id)
    if survey.anonymous:
        raise Missing("An anonymous survey shows no single answers.")
    question = _question(survey, request.args.get("q", ""))
    points = request.args.get("points", "")
    query = reading.behind(
        _viewer(), survey, _narrow(survey, request.args), question, choice=request.args.get("choice"),
        points=int(points) if points.removeprefix("-").isascii() and points.removeprefix("-").isdigit() and len(points) < 10 else None,
    )  # fmt: skip
    count, at = query.count(), max(1, _number(request.args, "page") or 1)
    found = list(query.paginate(at, PER))
    return page("surveys/answers.html", survey=survey, question=question, found=found, count=count, at=at, pages=max(1, -(-count // PER)), per=PER, args=_kept("q", "choice", "points", "wave", "tier", "territory", "only"))


def _question(survey: Survey, key: str) -> SurveyQuestion:
    found = rows.visible(SurveyQuestion, current_user).where((SurveyQuestion.survey == survey.id) & (SurveyQuestion.id == (natural(key) or 0)))
    question = found.get_or_none()
    if question is None:
        raise Missing()
    return question


@bp.get("/surveys/<int:id>/responses/<int:response_id>")
@needs(Do.READ_RESULTS)
def response(id, response_id):
    """All that one person answered, under the wording they were asked with."""
    survey = rows.get(Survey, current_user, id)
    found = rows.get(Response, current_user, response_id)
    if found.survey_id != id:
        raise Missing()
    content = published(survey, found.version)
    lines = rows.visible(Answer, current_user, Answer, SurveyQuestion).join(SurveyQuestion).where(Answer.response == found.id).order_by(SurveyQuestion.position, Answer.id)
    given: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        given.setdefault((line.question.code, line.question.row), []).append(line.text)
    contact = rows.visible(Contact, current_user).where(Contact.id == found.contact_id).get_or_none()
    return page("surveys/response.html", survey=survey, response=found, contact=contact, said=reading.said(content, given))


# ── comments ──


@bp.get("/surveys/<int:id>/comments")
@needs(Do.READ_RESULTS)
def comments(id):
    """What was written in words, searched and tagged."""
    survey, viewer = rows.get(Survey, current_user, id), _viewer()
    hidden = counting.hides(viewer, survey)
    found, tags, questions = ([], {}, {}) if hidden else reading.comments(viewer, survey, request.args.get("search", ""), _number(request.args, "question"), request.args.get("tag", ""))
    at = max(1, _number(request.args, "page") or 1)
    pages = max(1, -(-len(found) // PER))
    return page(
        "surveys/comments.html", block="rows", survey=survey, hidden=hidden, found=found[(at - 1) * PER : at * PER], count=len(found), at=at, pages=pages, per=PER,
        tags=sorted(tags.items(), key=lambda pair: (-pair[1], pair[0])), questions=questions, args=_kept("search", "question", "tag", "page"), enough=ENOUGH,
    )  # fmt: skip


@bp.post("/surveys/<int:id>/comments/<int:answer_id>/tags")
@needs(Do.BUILD_SURVEYS)
def tag(id, answer_id):
    """All tags of a comment, with commas between them."""
    survey = rows.get(Survey, current_user, id)
    tags = reading.tag(_viewer(), survey, answer_id, request.form.get("tags", ""))
    toast("Tagged" if tags else "No tags")
    back = {name: value for name, value in request.form.items() if name in ("search", "tag", "question", "page") and value}
    return redirect_to(url_for("surveys.comments", id=id, **back))


# ── files ──


@bp.get("/surveys/<int:id>/results/<any(csv, xlsx, pdf, answers_csv, answers_xlsx):kind>")
@needs(Do.READ_RESULTS)
def export_results(id, kind):
    """The totals, or every response as a line; of an anonymous survey only the totals."""
    survey, viewer = rows.get(Survey, current_user, id), _viewer()
    narrow = _narrow(survey, request.args)
    found = counting.results(viewer, survey, narrow)
    if found.hidden:
        raise Invalid(f"Fewer than {ENOUGH} answers: nothing of an anonymous survey is shown yet.")
    name = f"survey-{id}-{clock.now():%Y-%m-%d}"
    if kind == "pdf":
        return send_file(BytesIO(_pdf(survey, found, narrow)), mimetype="application/pdf", as_attachment=True, download_name=f"{name}.pdf")
    if kind.startswith("answers") and survey.anonymous:
        raise Missing("An anonymous survey shows no single answers.")
    columns, lines = reading.responses_sheet(viewer, survey, narrow) if kind.startswith("answers") else reading.totals_sheet(found)
    if kind.endswith("csv"):
        return sent_csv(write_csv(columns, lines), f"{name}.csv")
    return sent_xlsx(lambda file: write_xlsx(file, columns, lines, sheet="Results"), f"{name}.xlsx")


def _pdf(survey: Survey, found: counting.Results, narrow: Narrow) -> bytes:
    org = Organisation.current()
    facts = [("Responses", f"{found.responses:,}"), ("As of", f"{formats.moment(clock.now(), org.zone, org.locale)} ({org.zone})")]
    facts += [(label, words) for label, words in _narrowed(survey, narrow)]
    html = environment().get_template("surveys/results_pdf.html").render(
        org_name=org.name, colours=accents(org.brand)["light"], size="A4", logo=logo_address(org.logo), survey=survey, found=found, facts=facts,
        quotes=reading.quotes(_viewer(), survey, narrow, found), words=WORDS,
    )  # fmt: skip
    return pdf.render(html)


def _narrowed(survey: Survey, narrow: Narrow) -> Iterator[tuple[str, str]]:
    for label, name, value in (("Wave", "wave", narrow.wave), ("Tier", "tier", narrow.tier), ("Territory", "territory", narrow.territory)):
        if value is not None:
            yield label, next((str(words) for key, words in _choices(survey).get(name, []) if key == value), str(value))
    if narrow.chosen:
        yield "Only who chose", ": ".join(narrow.chosen)


# ── for partners ──


@bp.get("/surveys/<int:id>/shared")
@needs(Do.SEE_SURVEYS)
def shared_results(id):
    """The totals over everybody, without words and names; not under five answers. Staff see it as partners do."""
    survey = rows.get(Survey, current_user, id)
    if not survey.shared or not survey.version:
        raise Missing()
    found = counting.results(_viewer(), survey, everybody=True)
    return page("surveys/shared.html", survey=survey, found=found, words=WORDS, enough=ENOUGH)


