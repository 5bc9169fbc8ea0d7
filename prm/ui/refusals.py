"""Every no in one place: what happened and what to do next, as a page in the look, or a toast for htmx.

A toast leaves the region that was asked for as it is, so what somebody typed is never replaced by an error.
"""
from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from peewee import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge, SecurityError, TooManyRequests

from prm.access.gate import API
from prm.core.errors import Busy, Conflict, Refusal, Throttled
from prm.core.trouble import AWAY, FULL, trouble
from prm.ui.page import nothing, toast

log = logging.getLogger(__name__)

TITLES = {
    400: "That did not get through",
    401: "Who is asking?",
    403: "Not with your role",
    404: "Nothing here",
    405: "Not this way",
    409: "Somebody was faster",
    413: "Too large to send",
    422: "This cannot be saved",
    429: "Too many tries",
    500: "Something broke on our side",
    503: "Busy, nothing was saved",
    507: "The disk is full, nothing was saved",
}
TEXTS = {
    400: "The request was incomplete or damaged. Go back, reload the page and try again.",
    403: "Your role does not allow this. Ask an admin if you need it.",
    404: "There is nothing here, or it is not yours to see.",
    405: "This address cannot be used like that. Go back and use the button on the page.",
    409: "The same thing was saved a moment ago, by you or by somebody else. Nothing was saved now. Look at it first.",
    422: "One of the values does not fit. Nothing was saved. Go back and check what you entered.",
    429: "Wait a minute and try again.",
    500: "Nothing was saved. Try again; if it happens twice, tell your admin the time it happened.",
    503: "Somebody else is saving at the moment. Go back, what you typed is still there, and send it again.",
    507: "Reading still works. Tell your admin to make room on the server, then send it again.",
}
STALE = "This page was open for too long, or in two windows. Nothing was saved. Go back, reload it and send it again."


@dataclass(frozen=True)
class No:
    """What is shown: a status, a sentence, and for a lost race what is stored now."""

    status: int
    text: str
    theirs: dict | None = None
    wait: int | None = None
    field: str = ""

    @property
    def title(self) -> str:
        return TITLES.get(self.status, TITLES[400])


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _clash)
    app.register_error_handler(DataError, _misfit)
    for kind in (OperationalError, InterfaceError, DatabaseError):
        app.register_error_handler(kind, _database)
    app.register_error_handler(OSError, _system)


def _refused(error: Refusal) -> Response:
    theirs = error.theirs if isinstance(error, Conflict) else None
    wait = error.seconds if isinstance(error, Throttled) else 2 if isinstance(error, Busy) else None
    return _say(No(error.status, error.message, theirs, wait, getattr(error, "field", None) or ""))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    response = _say(No(status, _sentence(error), wait=60 if isinstance(error, TooManyRequests) else None))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.allow.update(error.valid_methods)
    return response


def _sentence(error: HTTPException) -> str:
    if isinstance(error, CSRFError):
        return STALE
    if isinstance(error, RequestEntityTooLarge):
        return _limit()
    return TEXTS.get(error.code or 500, TEXTS[400])


def _limit() -> str:
    megabytes = (request.max_content_length or 0) // 2**20
    at_most = f"At most {megabytes} MB can be sent at once" if megabytes else "That is more than can be sent at once"
    return f"{at_most}. Nothing was saved. Go back, what you typed is still there, and send less."


def _clash(error: IntegrityError) -> Response:
    """Two people saved the same key at once and no service said so first: worth a line in the log."""
    log.warning("a constraint refused %s %s: %s", request.method, request.path, error)
    return _say(No(409, TEXTS[409]))


def _misfit(error: DataError) -> Response:
    log.warning("the database refused a value of %s %s: %s", request.method, request.path, error)
    return _say(No(422, TEXTS[422]))


def _database(error: DatabaseError) -> Response:
    """Full or away is said as such. Anything else is a mistake of ours: raised again, it is logged and answered 500."""
    kind = trouble(error)
    if kind == FULL:
        return _say(No(507, TEXTS[507]))
    if kind == AWAY:
        return _say(No(503, TEXTS[503], wait=2))
    raise error


def _system(error: OSError) -> Response:
    """No room for a file that was sent, be it where a request is read or where files are kept."""
    if trouble(error) == FULL:
        return _say(No(507, TEXTS[507]))
    raise error


def _problem(no: No) -> Response:
    """For programs, as RFC 9457 has it."""
    said = {"title": no.title, "status": no.status, "detail": no.text} | ({"field": no.field} if no.field else {})
    response = Response(json.dumps(said, ensure_ascii=False), no.status, mimetype="application/problem+json")
    if no.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if no.wait:
        response.headers["Retry-After"] = str(no.wait)
    return response


def _say(no: No) -> Response:
    if request.path.startswith(API):
        return _problem(no)
    if request.htmx and not request.htmx.history_restore_request:
        toast(no.text, icon="triangle-alert", tone="bad")
        response = nothing(status=no.status)
    else:
        response = make_response(render_template("errors/refusal.html", no=no, shell=_shell(no)), no.status)
    if no.wait:
        response.headers["Retry-After"] = str(no.wait)
    return response


def _shell(no: No) -> str:
    """With the menu for somebody signed in; alone when nobody is, or when looking that up may fail again."""
    strange = isinstance(request.routing_exception, SecurityError)  # a Host that is not ours: no address can be built
    inside = no.status < 500 and not strange and current_user.is_authenticated
    return "base.html" if inside else "base_plain.html"
