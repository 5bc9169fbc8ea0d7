"""Whether the portal works, for monitors and proxies: public, and without a word about what is inside."""
from __future__ import annotations

from flask import Blueprint, Flask, jsonify
from peewee import DatabaseError

from prm.access.gate import public
from prm.core import clock
from prm.core.db import db
from prm.core.jobs import Schedule
from prm.serve import BEAT, WORKER

bp = Blueprint("health", __name__)


@bp.get("/health")
@public
def show():
    """ok; degraded while nobody works on jobs; down (503) when the database does not answer."""
    try:
        with db.connection_context():
            working = worker_seen()
    except DatabaseError:
        return jsonify(state="down", database=False, worker=False), 503
    return jsonify(state="ok" if working else "degraded", database=True, worker=working)


def worker_seen() -> bool:
    """Whether a worker has spoken lately: it may be late by one more beat, as it may just be starting."""
    row = Schedule.get_or_none(Schedule.kind == WORKER)
    return row is not None and -BEAT <= row.next_at - clock.now() <= 2 * BEAT  # more: the clock was set back


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
