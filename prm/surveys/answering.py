"""The pages of those who answer: without signing in, without a script, without a cookie. The key in the address is the proof.

Opening a link (GET, HEAD) spends nothing, as mail scanners open links; only what is sent (POST) counts.
"""
from __future__ import annotations

from secrets import token_urlsafe

from flask import redirect, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs, public
from prm.access.policy import Do
from prm.access.portals import portal_of, wear
from prm.core import throttle
from prm.core.errors import Forbidden, Missing
from prm.models import Survey
from prm.surveys.blueprint import bp
from prm.surveys.content import Content, Page
from prm.surveys.sitting import Answered, Closed, Sitting, by_key, refuse_surveys, saved_wave, takes
from prm.ui.page import page as render

TRIES, AN_HOUR = 30, 3600


@bp.route("/s/<key>", methods=["GET", "POST"])
@public
def answer(key):
    if getattr(current_user, "viewed_by", None):
        raise Forbidden("You are looking as somebody else. Their answers are theirs alone.")
    sitting = _sitting(key)
    _speak(sitting)
    if request.method == "POST":
        return _taken(sitting)
    if request.args.get("done") and (sitting.invitation is None or sitting.invitation.answered):
        return _thanks(sitting)
    if not takes(sitting.survey, sitting.wave):
        return _closed(sitting)
    if sitting.invitation is not None and sitting.invitation.answered and not _may_change(sitting, request.args):
        return _answered(sitting)
    _opened(sitting)
    sitting.begin_with(request.args)
    draft = sitting.invitation.draft if sitting.keeps and sitting.invitation.draft else {}
    where = sitting.page(request.args.get("page") or draft.get("page", ""))
    return _page(sitting, where, resumed=bool(draft) and not request.args.get("page"))


def _sitting(key: str) -> Sitting:
    """Keys are long, but whoever tries many of them is slowed down all the same."""
    with throttle.guessing(f"survey-from:{request.remote_addr}", TRIES, AN_HOUR):
        found = by_key(key)
    if found.invitation is not None:
        wear(portal_of(found.invitation.partner))
    return found


def _speak(sitting: Sitting) -> None:
    """The language that was chosen, else the one it was begun in, else the reader's."""
    wanted = request.values.get("lang", "")
    draft = (sitting.invitation.draft or {}) if sitting.invitation else {}
    known = [each for each in (wanted, draft.get("language", "")) if each in sitting.content.languages]
    sitting.language = (known or [sitting.content.language_for([each for each, _ in request.accept_languages])])[0]


def _may_change(sitting: Sitting, values) -> bool:
    return sitting.keeps and sitting.survey.again == "last" and bool(values.get("again") or values.get("page"))


def _opened(sitting: Sitting) -> None:
    """That a link was opened is noted once, for who is known by name; a scanner that only looks (HEAD) is not counted."""
    if sitting.keeps and request.method == "GET" and sitting.invitation.opened_at is None:
        sitting.open()


def _taken(sitting: Sitting):
    """A page was sent: on to the next, back, or handed in."""
    if not takes(sitting.survey, sitting.wave):
        return _closed(sitting)
    if sitting.invitation is not None and sitting.invitation.answered and not _may_change(sitting, request.form):
        return _answered(sitting)
    if not sitting.keeps:
        _carry(sitting)
    return _one_page(sitting)


def _carry(sitting: Sitting) -> None:
    sitting.carry(request.form.get("so_far", ""))
    sitting.seed = request.form.get("seed", "")[:60] or token_urlsafe(12)


def _one_page(sitting: Sitting):
    form = request.form
    where = sitting.page(form.get("page", ""))
    if where is None:
        return _page(sitting, None)
    if form.get("do") == "look":
        sitting.take(where, form)
        return {"shown": [question.code for question in sitting.shown(where)]}
    if form.get("do") == "back":
        return _back(sitting, where)
    complete = sitting.take(where, form)
    if sitting.errors:
        return _page(sitting, where, status=422)
    following = sitting.after(where) if complete else where
    if following is None:
        return _handed_in(sitting, where)
    sitting.keep(following)
    return _to(sitting, following) if complete else _page(sitting, where, more=True)


def _back(sitting: Sitting, where: Page):
    """What stands on the page is kept as far as it is right; nobody is held back by what is not."""
    sitting.take(where, request.form)
    sitting.errors, sitting.typed = {}, {}
    sitting.keep(where)
    return _to(sitting, sitting.before(where) or where)


def _to(sitting: Sitting, where: Page):
    """A saved page has an address; what travels in the form is answered with the next page itself."""
    if sitting.keeps:
        return redirect(url_for("surveys.answer", key=sitting.key, page=where.key, lang=_asked_language(sitting)), 303)
    sitting.typed = {}
    return _page(sitting, where)


def _asked_language(sitting: Sitting) -> str | None:
    return sitting.language if request.values.get("lang") else None


def _handed_in(sitting: Sitting, where: Page):
    """What stands on the last page is saved with all the others, or by itself where something is still lacking."""
    lacking = sitting.missing()
    if lacking is not None:
        sitting.keep(where)
        return _page(sitting, lacking, status=422)
    if sitting.invitation is None and not sitting.on_trial and sitting.wave.id is None:
        sitting.wave = saved_wave(sitting.survey)
    try:
        sitting.hand_in()
    except Closed:
        return _closed(sitting)
    except Answered:
        return _answered(sitting)
    if sitting.on_trial:
        return _thanks(sitting)
    return redirect(url_for("surveys.answer", key=sitting.key, done=1, lang=_asked_language(sitting)), 303)


# ── what is shown ──


def _page(sitting: Sitting, where: Page | None, *, status: int = 200, resumed: bool = False, more: bool = False):
    sitting.seed = sitting.seed or token_urlsafe(12)
    return render("surveys/answer.html", sitting=sitting, page=where, resumed=resumed, more=more, fresh=_fresh(sitting, where) if more else "", status=status)


def _fresh(sitting: Sitting, where: Page) -> str:
    """The first question that has come up on this page."""
    seen = request.form.get("seen", "").split(",")
    return next((q.code for q in sitting.shown(where) if q.asks and q.code not in seen), "")


def _thanks(sitting: Sitting):
    return render("surveys/ended.html", sitting=sitting, how="thanks")


def _closed(sitting: Sitting):
    return render("surveys/ended.html", sitting=sitting, how="closed", status=410)


def _answered(sitting: Sitting):
    return render("surveys/ended.html", sitting=sitting, how="answered", status=409 if request.method == "POST" else 200)


# ── on trial ──


@bp.route("/surveys/<int:id>/try", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def trial(id):
    """What is being built, answered as a reader would: nothing is stored."""
    survey = rows.get(Survey, current_user, id)
    sitting = Sitting(survey, Content.parse(survey.content), on_trial=True)
    _speak(sitting)
    sitting.begin_with(request.args)
    if request.method == "GET":
        return _page(sitting, sitting.page(""))
    _carry(sitting)
    return _one_page(sitting)


# ── no more surveys ──


@bp.route("/s/<key>/stop", methods=["GET", "POST"])
@public
def stop(key):
    """GET only shows. POST is also what the button of a mail program sends (RFC 8058)."""
    return _wish(key, True)


@bp.post("/s/<key>/ask-again")
@public
def ask_again(key):
    return _wish(key, False)


def _wish(key: str, refused: bool):
    sitting = _sitting(key)
    if sitting.invitation is None:
        raise Missing()
    _speak(sitting)
    contact = sitting.invitation.contact
    if request.method == "POST":
        refuse_surveys(contact, refused)
        contact = contact.__class__.get_by_id(contact.id)
    return render("surveys/stop.html", sitting=sitting, refuses=contact.no_surveys_at is not None, done=request.method == "POST")


@bp.record
def _without_token(state) -> None:
    """The key in the address is the proof, and readers get no cookie in which a token could be kept."""
    for view in (answer, stop, ask_again):
        state.app.extensions["csrf"].exempt(view)
