"""What lives as long as a request: one database connection, and the organisation in memory.

The connection is closed even when it broke: a dead one would raise on every query until somebody closes it.
"""
from __future__ import annotations

from flask import Flask, g, request

from prm.core.db import db
from prm.models import Organisation

WITHOUT = ("static", "health.show")


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    if request.endpoint in WITHOUT:
        return
    db.connect(reuse_if_open=True)
    g.organisation = Organisation.remember()


def _end(error: BaseException | None) -> None:
    token = g.pop("organisation", None)
    if token is not None:
        Organisation.forget(token)
    if not db.is_closed():
        db.close()
