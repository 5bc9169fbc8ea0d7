"""What lives as long as a request: one database connection, the organisation and, while one only looks, the catalogue's
added fields in memory.

The connection is closed even when it broke: a dead one would raise on every query until somebody closes it.
"""
from __future__ import annotations

from flask import Flask, g, request

from prm.catalogue.objects import hold_fields, release_fields
from prm.core import origin
from prm.core.db import db
from prm.core.patience import impatient, patient
from prm.models import Organisation

SECONDS = 30  # that one question of a page may take
WITHOUT = ("static", "health.show")


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    if request.endpoint in WITHOUT:
        return
    db.connect(reuse_if_open=True)
    g.organisation = Organisation.remember()
    g.origin = origin.come_from(request.remote_addr or "")
    if request.method in ("GET", "HEAD"):
        g.fields = hold_fields()
        g.limit = impatient(SECONDS, request.environ.get("waitress.client_disconnected") or _stays)


def _stays() -> bool:
    """A server that does not tell whether the browser still waits: then it does."""
    return False


def _end(error: BaseException | None) -> None:
    token = g.pop("organisation", None)
    if token is not None:
        Organisation.forget(token)
    token = g.pop("origin", None)
    if token is not None:
        origin.leave(token)
    token = g.pop("limit", None)
    if token is not None:
        patient(token)
    token = g.pop("fields", None)
    if token is not None:
        release_fields(token)
    if not db.is_closed():
        db.close()
