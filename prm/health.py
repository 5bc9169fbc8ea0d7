"""Whether the portal works, for monitors and proxies: public, and without a word about what is inside."""
from __future__ import annotations

from flask import Blueprint, Flask, jsonify
from peewee import DatabaseError

from prm.access.gate import public
from prm.core.db import db

bp = Blueprint("health", __name__)


@bp.get("/health")
@public
def show():
    """ok; degraded when nobody works on jobs; down (503) when the database does not answer."""
    facts = {"database": _database_answers()}
    state = "ok" if all(facts.values()) else "down"
    return jsonify(state=state, **facts), 200 if facts["database"] else 503


def _database_answers() -> bool:
    try:
        with db.connection_context():
            db.execute_sql("SELECT 1")
    except DatabaseError:
        return False
    return True


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
