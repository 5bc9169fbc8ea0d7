"""The first visit: the first admin, the organisation, and sample data if wanted."""

from __future__ import annotations

from flask import request, url_for
from flask_login import current_user

from prm.access import sessions
from prm.access.gate import needs, public
from prm.access.policy import Do
from prm.setup import services
from prm.setup.forms import WelcomeForm
from prm.ui.page import page, redirect_to, toast

OPEN = ("static", "theme_css", "logo", "health.show", "setup.welcome", None)


def lead_to_welcome():
    """Before there is an admin every page leads here; the door has sent whoever is not signed in to a public page."""
    if request.endpoint in OPEN or current_user.is_authenticated or services.admin_exists():
        return None
    return redirect_to(url_for("setup.welcome"))


@public
def welcome():
    if services.admin_exists():
        return redirect_to(url_for("accounts.sign_in"))
    form = WelcomeForm()
    if form.saved(lambda values: services.first_admin(**values), lambda _: _next(form)):
        if form.result is not None:
            sessions.keep_in_cookie(
                sessions.begin(form.result, address=request.remote_addr or "", agent=request.user_agent.string)
            )
        return redirect_to(form.outcome)
    return page("setup/welcome.html", form=form, status=form.status)


def _next(form: WelcomeForm) -> str:
    return url_for("setup.sample") if form.sample.data else "/"


@needs(Do.SET_UP)
def sample():
    """How far loading the sample data is; leads on to the home page when it is done."""
    found = services.sample_job()
    if found is None:
        return redirect_to("/")
    if found.state == "done":
        toast("The sample data is loaded.")
        return redirect_to("/")
    return page("setup/sample.html", block="progress", job=found)
