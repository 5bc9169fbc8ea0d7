"""The surveys' screens: the list, one with its waves and settings, sending. Building, answering and results have files of their own."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from flask import Response, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core import clock, links
from prm.core.errors import Invalid, Missing
from prm.models import Invitation, Organisation, Survey, SurveyVersion, Wave
from prm.models.survey import AGAIN, EVERY, STATES
from prm.surveys import actions, answering, builder, lime, listed, loading, portable, reading, recipients, results, sending, services, versions
from prm.surveys.blueprint import bp
from prm.surveys.checking import problems
from prm.surveys.content import Content
from prm.surveys.forms import AnswersForm, ImportForm, NewForm, SendForm, SettingsForm
from prm.surveys.ready import empty, ready, ready_one
from prm.ui.lists import listing
from prm.ui.page import page, redirect_to, toast

COLUMNS = ("name", "partner", "roles", "email", "primary")
FILTERS = ("primary", "roles", "partner.status", "partner.tier", "partner.territory")
LARGEST_FILE = 20 * 2**20


@bp.get("/surveys/")
@needs(Do.SEE_SURVEYS)
def index():
    if not current_user.is_staff:
        return page("surveys/mine.html", waiting=_with_links(listed.waiting(current_user)), shared=reading.shared(current_user))
    args = request.args
    found = listed.surveys(_viewer(), args.get("q", ""), args.get("state", ""))
    any_yet = bool(found) or rows.visible(Survey, current_user).exists()
    return page("surveys/index.html", block="rows", entries=found, q=args.get("q", "")[:200], state=args.get("state", ""), states=STATES, any=any_yet)


def _with_links(waiting: list[Invitation]) -> list[tuple[Invitation, str]]:
    """Whoever looks as somebody gets no link: with it alone one answers in their name."""
    if current_user.viewed_by:
        return [(each, "") for each in waiting]
    return [(each, url_for("surveys.answer", key=sending.key_of(each.wave, each.contact_id))) for each in waiting]


def _viewer():
    return current_user._get_current_object()


def _address(survey: Survey) -> str:
    return url_for("surveys.build", id=survey.id)


# ── a new one ──


@bp.route("/surveys/new", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def new():
    """From nothing, or from one that is ready."""
    template = ready_one(request.values.get("from", ""))
    form = NewForm()

    def make(values):
        if template is None and not (values["title"] or "").strip():
            raise Invalid("A survey needs a title.", field="title")
        content = template.content if template else empty((values["title"] or "").strip())
        if template and (values["title"] or "").strip():
            content = Content.parse(content.to_json() | {"title": {content.languages[0]: (values["title"] or "").strip()}})
        return services.make(_viewer(), content, anonymous=values["anonymous"])

    if form.saved(make, _address):
        return redirect_to(form.outcome)
    if template and not form.is_submitted():
        form.title.data = template.content.say(template.content.title)
    return page("surveys/new.html", form=form, ready=ready(), chosen=template, status=form.status)


@bp.route("/surveys/import", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def take_in():
    """A survey out of a file: JSON of ours, or the structure of a LimeSurvey. What could not be taken over is listed."""
    form = ImportForm()
    notes: list[str] = []

    def make(values):
        data = values["file"].read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Invalid("That file is larger than any survey.", field="file")
        content, anonymous, said = portable.read(values["file"].filename or "", data)
        notes.extend(said)
        return services.make(_viewer(), content, anonymous=anonymous)

    if form.saved(make, _address):
        toast("Taken over. Look through it before you send it." if notes else "Taken over whole.")
        if notes:
            return page("surveys/taken.html", survey=form.result, notes=notes, lime=lime)
        return redirect_to(form.outcome)
    return page("surveys/import.html", form=form, status=form.status)


# ── one survey ──


@bp.get("/surveys/<int:id>")
@needs(Do.READ_RESULTS)
def show(id):
    survey = rows.get(Survey, current_user, id)
    waves = list(rows.visible(Wave, current_user).where(Wave.survey == id).order_by(Wave.number.desc()))
    reached = listed.reach(_viewer(), [wave.id for wave in waves])
    published = list(rows.visible(SurveyVersion, current_user).where(SurveyVersion.survey == id).order_by(SurveyVersion.number.desc()))
    content = Content.parse(survey.content)
    return page(
        "surveys/show.html", survey=survey, content=content, waves=[(wave, reached.get(wave.id, listed.Reach())) for wave in waves], versions=published,
        reach=listed.together(reached.values()), problems=problems(content), form=_settings(survey), every=EVERY, again=AGAIN,
        open_link=links.address(url_for("surveys.answer", key=services.open_key(survey))) if survey.open_hash else "", changed=versions.is_changed(survey),
        responses=reading.responses(_viewer(), survey),
    )  # fmt: skip


def _settings(survey: Survey) -> SettingsForm:
    return SettingsForm(data={"anonymous": survey.anonymous, "again": survey.again, "rest_days": survey.rest_days})


@bp.route("/surveys/<int:id>/settings", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def settings(id):
    survey = rows.get(Survey, current_user, id)
    form = _settings(survey)

    def save(values):
        services.settle(_viewer(), survey, again=values["again"] or "", rest_days=values["rest_days"] or 0, anonymous=values["anonymous"])

    if form.saved(save):
        toast("Saved")
        return redirect_to(url_for("surveys.show", id=id))
    return page("surveys/settings.html", survey=survey, form=form, status=form.status)


# What a button does that leads back to the survey, and what is said then.
ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "publish": (versions.publish, "Published: it is what people answer from now on."),
    "close": (services.close, "Closed: it takes no more answers."),
    "reopen": (services.reopen, "Open again."),
    "open_link": (partial(services.set_open_link, wanted=True), "Whoever has the link can answer now."),
    "end_link": (partial(services.set_open_link, wanted=False), "The open link leads nowhere any more."),
    "share": (partial(services.share, shared=True), "Partners can read the totals now."),
    "unshare": (partial(services.share, shared=False), "Partners do not see the results any more."),
}


@bp.post(f"/surveys/<int:id>/<any({', '.join(ACTS)}):do>")
@needs(Do.BUILD_SURVEYS)
def act(id, do):
    run, said = ACTS[do]
    run(_viewer(), rows.get(Survey, current_user, id))
    toast(said, undo=url_for("surveys.act", id=id, do="reopen") if do == "close" else None)
    return redirect_to(url_for("surveys.show", id=id))


@bp.post("/surveys/<int:id>/copy")
@needs(Do.BUILD_SURVEYS)
def copy(id):
    made = services.copy(_viewer(), rows.get(Survey, current_user, id))
    toast("Copied: this one has no answers yet.")
    return redirect_to(_address(made))


@bp.post("/surveys/<int:id>/delete")
@needs(Do.BUILD_SURVEYS)
def delete(id):
    services.delete(_viewer(), rows.get(Survey, current_user, id))
    toast("Deleted, with its answers.", undo=url_for("surveys.restore", id=id))
    return redirect_to(url_for("surveys.index"))


@bp.post("/surveys/<int:id>/restore")
@needs(Do.BUILD_SURVEYS)
def restore(id):
    services.restore(_viewer(), id)
    toast("It is there again.")
    return redirect_to(url_for("surveys.show", id=id))


@bp.get("/surveys/<int:id>/survey.json")
@needs(Do.BUILD_SURVEYS)
def export(id):
    survey = rows.get(Survey, current_user, id)
    return Response(portable.write(survey), mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="survey-{id}.json"'})


@bp.route("/surveys/<int:id>/load", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def load(id):
    """Answers out of a file."""
    survey = rows.get(Survey, current_user, id)
    form = AnswersForm()

    def take(values):
        data = values["file"].read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Invalid("That file is larger than 20 MB.", field="file")
        return loading.load(_viewer(), survey, values["file"].filename or "answers.csv", data)

    if form.saved(take, lambda _: url_for("surveys.read_results", id=id)):
        if form.result is None:
            return redirect_to(form.outcome)
        return page("surveys/loaded.html", survey=survey, loaded=form.result)
    return page("surveys/load.html", survey=survey, form=form, status=form.status)


# ── sending ──


@bp.route("/surveys/<int:id>/send", methods=["GET", "POST"])
@needs(Do.BUILD_SURVEYS)
def send(id):
    """Choose whom, see who, write the mail, send. The choice stands in the address."""
    survey, viewer = rows.get(Survey, current_user, id), _viewer()
    content = Content.parse(survey.content)
    recipe = recipients.recipe(request.args)
    form = SendForm.of(content, repeats="query" in recipe)

    def save(values):
        order = _order(recipe, values)
        if request.form.get("do") == "test":
            sending.check(survey, order, clock.now())
            sending.send_test(viewer, survey, order)
            return None
        return sending.send(viewer, survey, order)

    if request.form.get("do") == "test":
        form["once_key"].data = ""
    if form.saved(save, lambda wave: url_for("surveys.wave", id=id, number=wave.number) if wave else ""):
        if request.form.get("do") == "test":
            toast(f"A test is on its way to {viewer.email}. Its link opens a trial: nothing is stored.")
        else:
            return redirect_to(form.outcome)
    table = listing("contact", current_user, request.args, columns=COLUMNS, filters=FILTERS, sort="name", under=("partner", "roles"), name="survey recipients", kept=("pick",))
    try:
        planned = recipients.plan(viewer, survey, recipe, clock.now())
    except Invalid:
        planned = []  # the list says what is wrong with its address
    return page(
        "surveys/send.html", block=("rows", "go"), survey=survey, sure_over=sending.SURE_OVER, content=content, form=form, table=table, planned=planned, picked=recipients.picked(request.args),
        problems=[each for each in problems(content) if each.stops], words=recipients.words(viewer, recipe) if "contacts" in recipe or not table.problems else "",
        ready=[each for each in planned if not each.held], held=_held(planned), zone=Organisation.current().zone, fields=sending.letters.FIELDS,
        status=form.status,
    )  # fmt: skip


def _held(planned) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for each in planned:
        if each.held:
            counts[each.held] = counts.get(each.held, 0) + 1
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _order(recipe: dict, values: dict) -> sending.Order:
    return sending.Order(
        recipe, values["subject"], values["text"], values["ask"] or "", values["label"] or "", _moment(values["send_at"]), _moment(values["closes_at"]),
        values["remind_days"] or 0, values["remind_times"] or 0, values["every"] or "",
        "sure" in request.form,
    )  # fmt: skip


def _moment(local: datetime | None) -> datetime | None:
    """A time as it was typed, by the organisation's clock."""
    return local.replace(tzinfo=clock.zone(Organisation.current().zone)).astimezone(UTC) if local else None


@bp.get("/surveys/<int:id>/waves/<int:number>")
@needs(Do.READ_RESULTS)
def wave(id, number):
    survey, wave = _wave(id, number)
    how = request.args.get("how", "") if request.args.get("how") in listed.HOW else ""
    found, counts = listed.invitations(_viewer(), wave, how, request.args.get("q", ""))
    return page(
        "surveys/wave.html", block="rows", survey=survey, wave=wave, found=found, counts=counts, how=how, hows=listed.HOW, q=request.args.get("q", "")[:200],
        reach=listed.reach(_viewer(), [wave.id]).get(wave.id, listed.Reach()), words=recipients.words(_viewer(), wave.recipients) if wave.how == "mail" else "",
        every=EVERY, sending=wave.sent_at is None,
    )  # fmt: skip


def _wave(id: int, number: int) -> tuple[Survey, Wave]:
    survey = rows.get(Survey, current_user, id)
    found = rows.visible(Wave, current_user).where((Wave.survey == id) & (Wave.number == min(number, rows.MAX_ID))).get_or_none()
    if found is None:
        raise Missing()
    return survey, found


@bp.post("/surveys/<int:id>/waves/<int:number>/<any(once, call_off, remind):do>")
@needs(Do.BUILD_SURVEYS)
def act_on_wave(id, number, do):
    survey, wave = _wave(id, number)
    if do == "once":
        sending.stop_repeating(_viewer(), wave)
        toast("It is not repeated any more.")
    elif do == "call_off":
        sending.call_off(_viewer(), wave)
        toast("Called off: nobody is asked.")
        return redirect_to(url_for("surveys.show", id=survey.id))
    else:
        count = sending.remind_now(_viewer(), wave)
        toast(f"{count} reminder{'' if count == 1 else 's'} on the way." if count else "Nobody is left to be reminded.")
    return redirect_to(url_for("surveys.wave", id=id, number=number))


@bp.post("/surveys/invitations/<int:id>/again")
@needs(Do.BUILD_SURVEYS)
def send_again(id):
    found = rows.get(Invitation, current_user, id)
    sending.send_again(_viewer(), found)
    toast(f"Sent again to {found.contact.display}, with the same link.")
    return redirect_to(url_for("surveys.wave", id=found.wave.survey_id, number=found.wave.number))


__all__ = ["actions", "answering", "bp", "builder", "results"]
