"""`/api/v1`: GET, POST and PATCH over the catalogue."""
from __future__ import annotations

import json

from flask import Blueprint, Response, g, request
from flask_login import current_user

from prm.access.gate import needs
from prm.access.policy import Do
from prm.api import services
from prm.api.openapi import document
from prm.catalogue.objects import catalogue
from prm.core.errors import Conflict, Forbidden, Invalid
from prm.core.links import address
from prm.models import Organisation

bp = Blueprint("api", __name__, url_prefix="/api/v1")
MOST_KEY = 200


def _json(content, status: int = 200, etag: int | None = None) -> Response:
    response = Response(json.dumps(content, ensure_ascii=False), status, mimetype="application/json")
    if etag is not None:
        response.set_etag(str(etag))
    return response


@bp.get("/openapi.json")
@needs(Do.ASK)
def openapi():
    return _json(document(current_user, catalogue(current_user), title=Organisation.current().name, url=address("/api/v1")))


@bp.get("/<object>")
@needs(Do.ASK)
def index(object):
    known = catalogue(current_user)
    return _json(services.listed(current_user, known, services.object_of(known, object), request.args))


@bp.get("/<object>/<int:id>")
@needs(Do.ASK)
def show(object, id):
    known = catalogue(current_user)
    obj = services.object_of(known, object)
    return _json(services.one(current_user, known, obj, id), etag=services.version_of(current_user, obj, id))


@bp.post("/<object>")
@needs(Do.ASK)
def add(object):
    known, key = catalogue(current_user), request.headers.get("Idempotency-Key", "")
    obj = services.object_of(known, object)
    if len(key) > MOST_KEY:
        raise Invalid(f"An Idempotency-Key has at most {MOST_KEY} characters.")
    made, is_new = services.add(current_user, known, obj, _body(), key)
    response = _json(made, 201 if is_new else 200, services.version_of(current_user, obj, made["id"]))
    response.headers["Location"] = f"/api/v1/{obj.key}/{made['id']}"
    return response


@bp.patch("/<object>/<int:id>")
@needs(Do.ASK)
def change(object, id):
    known = catalogue(current_user)
    obj = services.object_of(known, object)
    changed = services.change(current_user, known, obj, id, _body(), _seen())
    return _json(changed, etag=services.version_of(current_user, obj, id))


def _body():
    """What was sent, where the token may write at all."""
    if g.api_token.scope != "write":
        raise Forbidden("This token reads only. Make one that may write.")
    if request.mimetype != "application/json":
        raise Invalid("Send JSON, with Content-Type: application/json.")
    return services.body_of(request.get_data())


def _seen() -> int | None:
    """The version that If-Match names."""
    if not request.headers.get("If-Match") or request.if_match.star_tag:
        return None
    tag = next(iter(request.if_match.as_set()), None) or ""
    if not (tag.isascii() and tag.isdigit() and len(tag) < 9):
        raise Conflict("If-Match names no version of this record. Read it again.")
    return int(tag)
