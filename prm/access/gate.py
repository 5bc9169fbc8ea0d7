"""The door. A view carries a mark (@needs or @public); one before_request reads it; without a mark nobody enters."""

from __future__ import annotations

from flask import Flask, abort, g, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager, current_user

from prm.access import looking, rows, sessions, tokens, two_step
from prm.access.policy import Do, may
from prm.core.errors import Forbidden, Unrecognised

PUBLIC = "public"


class Nobody(AnonymousUserMixin):
    """Who has not signed in: no role, so no rule lets them see a row."""

    id = None
    role = None
    disabled_at = None
    partner_id = None
    is_staff = False
    theme = ""
    viewed_by = None


def needs(do: Do):
    """Mark a view: only people whose role may `do` enter."""

    def mark(view):
        view.door = do
        return view

    return mark


def public(view):
    """Mark a view: anybody enters, signed in or not."""
    view.door = PUBLIC
    return view


def also_when_looking(view):
    """Mark a view: staff who look as somebody else may post to it, as it ends that."""
    view.also_when_looking = True
    return view


def before_two_step(view):
    """Mark a view: who has yet to turn on the second step of signing in may use it."""
    view.before_two_step = True
    return view


def door_of(app: Flask, endpoint: str):
    return getattr(app.view_functions.get(endpoint), "door", None)


def init_app(app: Flask) -> None:
    login = LoginManager(app, add_context_processor=False)  # templates know `viewer`, without which errors can be told
    login.session_protection = None  # sessions are rows of ours
    login.anonymous_user = Nobody
    login.request_loader(_person_of)
    app.view_functions["static"].door = PUBLIC
    app.session_interface = sessions.Cookies()
    app.before_request(lambda: _open(app))
    app.jinja_env.globals.update(
        may=lambda do, viewer=None: may(viewer or current_user, do), Do=Do, sees_account=lambda: rows.sees_account(current_user),
        sees_whole=lambda: rows.sees_whole_partners(current_user),
    )


API = "/api/"


def _person_of(request):
    if request.path.startswith(API):
        g.api_token = tokens.find(request.headers.get("Authorization", ""), request.remote_addr or "")
        return g.api_token.person if g.api_token else None
    found = sessions.find(sessions.key_in_cookie())
    g.session_row = found
    return looking.whom(found) if found else None


def _open(app: Flask):
    """Let in, send to the sign-in page, or refuse; an address that does not exist is handled by its own 404."""
    if request.endpoint is None:
        return None
    door = door_of(app, request.endpoint)
    _refuse_changes(app)
    if door == PUBLIC:
        return None
    if door is None:
        abort(404)
    if not current_user.is_authenticated:
        return _to_sign_in()
    if _lacks_two_step(app):
        if request.path.startswith(API):
            raise Forbidden("Your role signs in in two steps. Turn that on in your profile first.")
        return redirect(url_for("accounts.two_step"), 303)
    if not may(current_user, door):
        raise Forbidden()
    return None


def _lacks_two_step(app: Flask) -> bool:
    """Whether their role asks for a second step that they have not turned on."""
    view = app.view_functions[request.endpoint]
    if current_user.totp or current_user.viewed_by or getattr(view, "before_two_step", False):
        return False
    return two_step.needed(current_user)


def _refuse_changes(app: Flask) -> None:
    """Whoever looks as somebody else changes nothing, also where anybody may."""
    if request.method in ("GET", "HEAD", "OPTIONS") or getattr(app.view_functions[request.endpoint], "also_when_looking", False):
        return
    if current_user.is_authenticated and current_user.viewed_by is not None:
        raise Forbidden(f"You are looking at the portal as {current_user.display}: nothing can be changed. Stop looking first.")


def _to_sign_in():
    if request.path.startswith(API):
        raise Unrecognised()
    if request.headers.get("HX-Request") == "true":
        return "", 401, {"HX-Redirect": url_for("accounts.sign_in", next=_local(request.headers.get("HX-Current-URL")))}
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=here), 303)


def _local(url: str | None) -> str | None:
    """The path of our own page a htmx request came from."""
    if not url or not url.startswith(request.host_url):
        return None
    return "/" + url.removeprefix(request.host_url)
