"""The screens behind links from mails. GET and HEAD only show; a dead link says why, and what next."""

from __future__ import annotations

from flask import request, session as cookie, url_for

from prm.access import sessions
from prm.access.gate import public
from prm.accounts import spending
from prm.accounts.forms import InviteForm, ResetForm
from prm.accounts.spending import Found
from prm.core import throttle
from prm.ui.page import page, redirect_to, toast

GONE, UNKNOWN = 410, 404
ASKS, AN_HOUR = 20, 3600


@public
def invite(token):
    """Choose the first password."""
    form = InviteForm()
    if form.saved(lambda values: spending.accept_invite(token, **values), _sign_in):
        return _welcome(form.outcome, "Your password is set. Sign in with it.")
    found = spending.look_up(token, "invite")
    if found.state != "open":
        return _dead(found, "invite", token)
    if request.method != "POST":
        form.name.data = found.person.name
    return page("accounts/invite.html", form=form, found=found, status=form.status)


@public
def reset(token):
    """Choose a new password."""
    form = ResetForm()
    if form.saved(lambda values: spending.reset_password(token, **values), _sign_in):
        return _welcome(form.outcome, "Your new password is set. Sign in with it.")
    found = spending.look_up(token, "reset")
    if found.state != "open":
        return _dead(found, "reset", token)
    return page("accounts/reset.html", form=form, found=found, status=form.status)


@public
def ask_again(token):
    """Ask whoever sent the invite for a new one."""
    place = f"asks-again-from:{request.remote_addr}"
    throttle.check(place)
    throttle.hit(place, ASKS, AN_HOUR)
    spending.ask_again(token)
    return page("accounts/asked.html")


def _sign_in(person) -> str:
    return url_for("accounts.sign_in")


def _welcome(to: str, words: str):
    """Whoever was signed in in this browser may be somebody else: their session here ends."""
    sessions.end(sessions.key_in_cookie())
    cookie.clear()
    toast(words)
    return redirect_to(to)


def _dead(found: Found, purpose: str, token: str):
    status = UNKNOWN if found.state == "unknown" else GONE
    return page("accounts/dead_link.html", found=found, purpose=purpose, token=token, status=status)
