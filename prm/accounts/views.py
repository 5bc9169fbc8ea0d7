"""Signing in and out, and a forgotten password. The screens of links and of the profile are in their own files."""

from __future__ import annotations

import re

from flask import Blueprint, request, session as cookie, url_for
from flask_login import current_user

from prm.access import sessions, two_step
from prm.access.gate import also_when_looking, before_two_step, needs, public
from prm.access.policy import Do
from prm.accounts import links, logs, profile, services, single, tokens
from prm.accounts.forms import CodeForm, ForgotForm, SignInForm
from prm.core.errors import Invalid
from prm.ui.page import page, redirect_to, toast

LOCAL = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*")
NO_MATCH = "That address and password do not match. Try again, or have a link sent to choose a new password."

bp = Blueprint("accounts", __name__)


def local(address: str | None) -> str:
    """The address if it is a page of ours, else the home page: a sign-in must not lead elsewhere."""
    return address if address and len(address) < 2000 and LOCAL.fullmatch(address) else "/"


@public
def sign_in():
    if current_user.is_authenticated:
        return redirect_to(local(request.args.get("next")))
    form = SignInForm(data={"next": local(request.args.get("next"))})
    if form.validate_on_submit():
        person = services.recognise(form.email.data, form.password.data, request.remote_addr or "")
        if person is not None:
            return came_in(person, form.next.data)
        form.refuse(Invalid(NO_MATCH, field="password"))
    return page("accounts/sign_in.html", form=form, status=form.status)


def came_in(person, to: str | None):
    """Whoever proved who they are, by their password or by the identity provider: the code comes next where it is on."""
    return _half_way(person, to) if person.totp else _let_in(person, to)


def _half_way(person, to: str | None):
    """The password was right: the code comes next, within a few minutes, in this browser."""
    chosen = {key: cookie[key] for key in ("portal",) if key in cookie}
    cookie.clear()
    cookie.update(chosen, half=two_step.half_way(person))
    return redirect_to(url_for("accounts.code", next=local(to)))


@public
def code():
    """The second step."""
    person = two_step.half_in(cookie.get("half"))
    if person is None:
        return redirect_to(url_for("accounts.sign_in", next=local(request.args.get("next"))))
    form = CodeForm(data={"next": local(request.args.get("next"))})
    if form.validate_on_submit():
        if two_step.confirms(person, form.code.data):
            return _let_in(person, form.next.data)
        form.refuse(Invalid(two_step.WRONG, field="code"))
    return page("accounts/code.html", form=form, status=form.status)


def _let_in(person, to: str | None):
    """A new session under a new key; whatever this browser had before ends."""
    sessions.end(sessions.key_in_cookie())
    sessions.keep_in_cookie(sessions.begin(person, address=request.remote_addr or "", agent=request.user_agent.string))
    return redirect_to(local(to))


@needs(Do.KEEP_OWN_PROFILE)
@also_when_looking
@before_two_step
def sign_out():
    sessions.end(sessions.key_in_cookie())
    cookie.clear()
    toast("You are signed out.")
    return redirect_to(url_for("accounts.sign_in"))


@public
def forgot():
    """The same answer whether or not there is such an account."""
    form = ForgotForm()
    sent = form.validate_on_submit()
    if sent:
        services.ask_for_reset(form.email.data, request.remote_addr or "")
    return page("accounts/forgot.html", form=form, sent=sent, status=form.status)


ROUTES = (
    ("/sign-in", "GET POST", sign_in),
    ("/sign-in/code", "GET POST", code),
    ("/sign-in/sso", "GET", single.begin),
    ("/sign-in/sso/back", "GET", single.back),
    ("/sign-out", "POST", sign_out),
    ("/forgot", "GET POST", forgot),
    ("/i/<token>", "GET POST", links.invite),
    ("/i/<token>/again", "POST", links.ask_again),
    ("/r/<token>", "GET POST", links.reset),
    ("/profile", "GET POST", profile.profile),
    ("/profile/password", "POST", profile.password),
    ("/profile/theme", "POST", profile.theme),
    ("/profile/tokens", "GET POST", tokens.index),
    ("/profile/tokens/<int:id>/revoke", "POST", tokens.revoke),
    ("/profile/two-step", "GET POST", profile.two_step),
    ("/profile/two-step/off", "POST", profile.two_step_off),
    ("/profile/sessions/<int:id>/end", "POST", profile.end_session),
    ("/profile/sessions/end-others", "POST", profile.end_others),
)
NAMES = {tokens.index: "tokens", tokens.revoke: "revoke_token", single.begin: "sso", single.back: "sso_back"}  # called otherwise than in their file
for rule, methods, view in ROUTES:
    bp.add_url_rule(rule, NAMES.get(view), view, methods=methods.split())
logs.init_app()
