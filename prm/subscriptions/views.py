"""Subscriptions: the list, one with the log of its mails, setting up, stopping; and leaving from a mail, without signing in."""
from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs, public
from prm.access.policy import Do
from prm.core import throttle
from prm.core.errors import Invalid, Missing
from prm.models import Dashboard, Delivery, Person, Report, Subscriber, Subscription
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.subscriptions import services, times
from prm.subscriptions.conditions import ROWS, figures
from prm.subscriptions.forms import SubscriptionForm
from prm.ui.page import page, redirect_to, toast

bp = Blueprint("subscriptions", __name__)
LOG = 50
OUTCOMES = {"sent": ("Mailed", "good"), "skipped": ("Not sent", ""), "failed": ("Failed", "bad")}
TRIES, AN_HOUR = 60, 3600


@bp.get("/subscriptions/")
@needs(Do.SUBSCRIBE)
def index():
    return page("subscriptions/index.html", subscriptions=services.overview(_viewer()))


@bp.route("/subscriptions/new", methods=["GET", "POST"])
@needs(Do.SUBSCRIBE)
def new():
    what = services.source(current_user, request.args.get("what", ""))
    form = _form(what)
    if form.saved(lambda _: services.save(_viewer(), what, services.checked(**form.facts()), form.people.data), _address):
        toast("Subscribed. The log below says what became of each mail.")
        return redirect_to(form.outcome)
    return page("subscriptions/edit.html", form=form, what=what, subscription=None, zones=sorted(available_timezones()), status=form.status)


def _viewer() -> Person:
    return current_user._get_current_object()


def _address(subscription: Subscription) -> str:
    return url_for("subscriptions.show", id=subscription.id)


def _form(what: Report | Dashboard, known: Subscription | None = None) -> SubscriptionForm:
    getting = [each.person_id for each in known.subscribers if each.ended_at is None] if known else []
    return SubscriptionForm.of(current_user, services.readers(_viewer(), what), _figures(what), known, getting, isinstance(what, Dashboard))


def _figures(what: Report | Dashboard) -> dict[str, str]:
    """What a condition may be about; of a report that cannot be answered now, only its rows."""
    if isinstance(what, Dashboard):
        return {}
    try:
        return figures(ask(Content.parse(what.content), _viewer(), limit=1))
    except Invalid:
        return {ROWS: "Number of rows"}


@bp.get("/subscriptions/<int:id>")
@needs(Do.SUBSCRIBE)
def show(id):
    found = rows.get(Subscription, current_user, id)
    what, when = services.subject(current_user, found), times.words(found.every, found.on_day, found.hour, found.zone)
    among = rows.visible(Subscriber, current_user).where(Subscriber.subscription == id)
    log = rows.visible(Delivery, current_user).where(Delivery.subscription == id).order_by(Delivery.at.desc(), Delivery.id.desc()).limit(LOG)
    return page(
        "subscriptions/show.html", subscription=found, what=what, when=when, getting=list(among.where(Subscriber.ended_at.is_null())),
        left=list(among.where(Subscriber.ended_at.is_null(False))), log=list(log), outcomes=OUTCOMES, gets_it=services.gets(current_user, found), has_left=among.where(Subscriber.person == current_user.id).exists(),
        is_mine=found.owner_id == current_user.id, condition=_condition(found, what),
    )  # fmt: skip


def _condition(found: Subscription, what) -> str:
    """In words, where there is one."""
    if not found.condition or not isinstance(what, Report):
        return ""
    label = _figures(what).get(found.condition["key"], "a figure that is gone")
    return f"{label} is {found.condition['op']} {found.condition['value']}"


@bp.route("/subscriptions/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.SUBSCRIBE)
def edit(id):
    found = rows.get(Subscription, current_user, id, among=rows.visible(Subscription, current_user).where(Subscription.owner == current_user.id))
    what = services.subject(current_user, found)
    if what is None:
        raise Missing()
    form = _form(what, found)
    if form.saved(lambda _: services.save(_viewer(), what, services.checked(**form.facts()), form.people.data, subscription=found), _address):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("subscriptions/edit.html", form=form, what=what, subscription=found, zones=sorted(available_timezones()), status=form.status)


@bp.post("/subscriptions/<int:id>/stop")
@needs(Do.SUBSCRIBE)
def stop(id):
    services.stop(_viewer(), rows.get(Subscription, current_user, id))
    toast("Stopped: nobody gets it any more.", undo=url_for("subscriptions.start", id=id))
    return redirect_to(url_for("subscriptions.show", id=id))


@bp.post("/subscriptions/<int:id>/start")
@needs(Do.SUBSCRIBE)
def start(id):
    services.start(_viewer(), rows.get(Subscription, current_user, id))
    toast("It is sent again.")
    return redirect_to(url_for("subscriptions.show", id=id))


@bp.post("/subscriptions/<int:id>/now")
@needs(Do.SUBSCRIBE)
def now(id):
    services.send_now(_viewer(), rows.get(Subscription, current_user, id))
    toast("One is on its way, to you alone.")
    return redirect_to(url_for("subscriptions.show", id=id))


@bp.post("/subscriptions/<int:id>/leave")
@needs(Do.SUBSCRIBE)
def leave(id):
    services.leave(_viewer(), rows.get(Subscription, current_user, id))
    toast("You do not get it any more.", undo=url_for("subscriptions.rejoin", id=id))
    return redirect_to(url_for("subscriptions.index"))


@bp.post("/subscriptions/<int:id>/rejoin")
@needs(Do.SUBSCRIBE)
def rejoin(id):
    """Only whoever got it once: others are added by whoever set it up."""
    services.rejoin(_viewer(), rows.get(Subscription, current_user, id))
    toast("You get it again.")
    return redirect_to(url_for("subscriptions.show", id=id))


# ── from a mail, without signing in ──


@bp.route("/leave/<key>", methods=["GET", "POST"])
@public
def leave_by_mail(key):
    """GET only shows. POST is also what the button of a mail program sends (RFC 8058): without a cookie, and so without a
    token of ours."""
    return _by_mail(key, services.leave if request.method == "POST" else None)


@bp.post("/leave/<key>/again")
@public
def again_by_mail(key):
    return _by_mail(key, services.rejoin)


def _by_mail(key: str, do=None):
    """Keys are long, but whoever tries many of them is slowed down all the same."""
    with throttle.guessing(f"leave-from:{request.remote_addr}", TRIES, AN_HOUR, counted=do is not None):
        delivery = services.by_key(key)
    if do is not None:
        do(delivery.person, delivery.subscription)
    what = services.subject(delivery.person, delivery.subscription)
    gone = not services.gets(delivery.person, delivery.subscription)
    return page("subscriptions/leave.html", key=key, gone=gone, name=what.name if what else "this report", done=do is not None)


@bp.record
def _without_token(state) -> None:
    """The key in the address is the proof; a mail program has no token to send."""
    for view in (leave_by_mail, again_by_mail):
        state.app.extensions["csrf"].exempt(view)
