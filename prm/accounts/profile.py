"""One's own profile: name, password, theme, and the browsers one is signed in with."""

from __future__ import annotations

from flask import request, session as cookie, url_for
from flask_login import current_user

from prm.access import sessions
from prm.access import two_step as steps
from prm.access.gate import before_two_step, needs
from prm.access.policy import Do
from prm.accounts import services
from prm.accounts.forms import ChangePasswordForm, ConfirmForm, NameForm, TurnOnForm
from prm.core.errors import Invalid
from prm.core.links import digest
from prm.ui.page import page, redirect_to, toast

BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@needs(Do.KEEP_OWN_PROFILE)
def profile():
    form = NameForm(data={"name": current_user.name})
    if form.saved(lambda values: services.rename(current_user, values["name"]), lambda _: url_for("accounts.profile")):
        toast("Saved")
        return redirect_to(form.outcome)
    return _profile(form, ChangePasswordForm(formdata=None), form.status)


@needs(Do.KEEP_OWN_PROFILE)
def password():
    """Every session ends; this browser goes on with a new one, so that a copied cookie is worth nothing."""
    form = ChangePasswordForm()
    if form.validate_on_submit() and not services.confirms(current_user, form.current.data):
        form.refuse(Invalid("That is not your current password.", field="current"))
    elif form.saved(lambda values: services.change_password(current_user, values["password"])):
        cookie.clear()
        sessions.keep_in_cookie(
            sessions.begin(current_user, address=request.remote_addr or "", agent=request.user_agent.string)
        )
        toast("Your password is changed. Your other sessions have ended.")
        return redirect_to(url_for("accounts.profile"))
    return _profile(NameForm(formdata=None, data={"name": current_user.name}), form, form.status)


def _profile(name: NameForm, change: ChangePasswordForm, status: int):
    here = digest(sessions.key_in_cookie() or "")
    found = services.own_sessions(current_user)
    return page(
        "accounts/profile.html",
        form=name,
        change=change,
        sessions=found,
        here=here,
        browser_of=browser_of,
        status=status,
    )


@needs(Do.KEEP_OWN_PROFILE)
@before_two_step
def two_step():
    """A picture for the app, one code to prove it, and the recovery codes, once."""
    if current_user.totp:
        return page("accounts/two_step.html", form=None, off=ConfirmForm(formdata=None), left=len(current_user.recovery or []), needed=steps.needed(current_user))
    secret = cookie.setdefault("secret", steps.new_secret())
    form = TurnOnForm()
    if form.saved(lambda values: steps.turn_on(current_user, secret, values["code"])):
        cookie.pop("secret", None)
        if form.result is None:  # the same form, sent again
            return redirect_to(url_for("accounts.two_step"))
        return page("accounts/recovery.html", codes=form.result)
    link = steps.address(current_user, secret)
    return page("accounts/two_step.html", form=form, secret=secret, qr=steps.picture(link), needed=steps.needed(current_user), status=form.status)


@needs(Do.KEEP_OWN_PROFILE)
def two_step_off():
    form = ConfirmForm()
    if form.validate_on_submit() and not services.confirms(current_user, form.password.data):
        form.refuse(Invalid("That is not your password.", field="password"))
    elif form.saved(lambda values: steps.turn_off(current_user, current_user)):
        toast("Off: your password alone signs you in.")
        return redirect_to(url_for("accounts.profile"))
    return page("accounts/two_step.html", form=None, off=form, left=len(current_user.recovery or []), needed=steps.needed(current_user), status=form.status)


@needs(Do.KEEP_OWN_PROFILE)
def theme():
    services.choose_theme(current_user, request.form.get("theme", ""))
    return redirect_to(_back())


def _back() -> str:
    """The page of ours they came from, else the profile."""
    came_from = request.referrer or ""
    inside = came_from.startswith(request.host_url)
    return "/" + came_from.removeprefix(request.host_url).lstrip("/\\") if inside else url_for("accounts.profile")


@needs(Do.KEEP_OWN_PROFILE)
def end_session(id):
    services.end_own_session(current_user, id)
    toast("That session has ended.")
    return redirect_to(url_for("accounts.profile"))


@needs(Do.KEEP_OWN_PROFILE)
def end_others():
    ended = sessions.end_all(current_user, but=sessions.key_in_cookie())
    toast("You are signed out everywhere else." if ended else "There was no other session.")
    return redirect_to(url_for("accounts.profile"))


def browser_of(agent: str) -> str:
    """“Firefox on Linux” from what a browser calls itself."""
    browser = next((name for part, name in BROWSERS.items() if part in agent), "A program")
    system = next((name for part, name in SYSTEMS.items() if part in agent), "")
    return f"{browser} on {system}" if system else browser
