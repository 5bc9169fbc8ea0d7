"""The API's own description, OpenAPI 3.1: made of the catalogue as its reader may know it, so that it is never behind."""
from __future__ import annotations

from typing import Any

from prm.api.services import MOST, USUAL
from prm.catalogue import keeping
from prm.catalogue.fields import Catalogue, Field, Object

TEXT = {"type": "string"}
SHOWN: dict[str, dict[str, Any]] = {
    "number": {"type": "string", "description": "A decimal, such as 12.5"}, "formula": {"type": "string"}, "percent": {"type": "string", "description": "A fraction: 0.25 is 25 %"},
    "money": {"type": "string", "description": "In major units"}, "date": {"type": "string", "format": "date"}, "datetime": {"type": "string"},
    "bool": {"type": "boolean"}, "choices": {"type": "array", "items": TEXT},
}  # fmt: skip
PROBLEM = {"description": "What happened, and what to do", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def document(viewer, known: Catalogue, *, title: str, url: str) -> dict[str, Any]:
    paths: dict[str, Any] = {"/openapi.json": {"get": {"summary": "This document", "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}} | _noes()}}}
    schemas: dict[str, Any] = {"Problem": _problem(), "Link": _link()}
    for key, obj in known.objects.items():
        schemas[key] = _shown(obj)
        paths[f"/{key}"] = {"get": _list(obj)}
        paths[f"/{key}/{{id}}"] = {"get": _one(obj), "parameters": [_path_id()]}
        if keeping.may_edit(viewer, obj):
            schemas[f"{key}_new"], schemas[f"{key}_changes"] = _sent(viewer, obj, new=True), _sent(viewer, obj, new=False)
            paths[f"/{key}"]["post"] = _post(obj)
            paths[f"/{key}/{{id}}"]["patch"] = _patch(obj)
    return {
        "openapi": "3.1.0", "info": {"title": f"{title} API", "version": "1"}, "servers": [{"url": url}], "security": [{"token": []}],
        "paths": paths, "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }  # fmt: skip


def _problem() -> dict[str, Any]:
    return {
        "type": "object", "required": ["title", "status", "detail"],
        "properties": {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "field": TEXT},
    }  # fmt: skip


def _link() -> dict[str, Any]:
    return {"type": ["object", "null"], "required": ["id", "title"], "properties": {"id": {"type": "integer"}, "title": {"type": ["string", "null"]}}}


def _noes() -> dict[str, Any]:
    return dict.fromkeys(("400", "401", "403", "404", "405", "409", "413", "415", "422", "429", "503"), PROBLEM)


def _answers(obj: Object, code: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {code: {"description": obj.label, "content": {"application/json": {"schema": schema}}}} | _noes()


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _path_id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _list(obj: Object) -> dict[str, Any]:
    page = {"type": "object", "required": ["data", "next"], "properties": {"data": {"type": "array", "items": _ref(obj.key)}, "next": {"type": ["string", "null"]}}}
    asked = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}},
        {"name": "cursor", "in": "query", "description": "The `next` of the page before", "schema": TEXT}, {"name": "q", "in": "query", "schema": TEXT},
        *({"name": f.key, "in": "query", "description": f"{f.label} is", "schema": TEXT} for f in obj.fields if f.kind_key != "long_text" and f.key not in ("limit", "cursor", "q")),
    ]  # fmt: skip
    return {"summary": f"{obj.plural}, page by page", "parameters": asked, "responses": _answers(obj, "200", page)}


def _one(obj: Object) -> dict[str, Any]:
    return {"summary": obj.label, "responses": _answers(obj, "200", _ref(obj.key))}


def _post(obj: Object) -> dict[str, Any]:
    key = {"name": "Idempotency-Key", "in": "header", "description": "The same key makes one record, however often it is sent", "schema": TEXT | {"maxLength": 200}}
    answers = _answers(obj, "201", _ref(obj.key)) | {"200": {"description": "Made before, with the same key", "content": {"application/json": {"schema": _ref(obj.key)}}}}
    return {"summary": f"Add a {obj.label.lower()}", "parameters": [key], "requestBody": _body(f"{obj.key}_new"), "responses": answers}


def _patch(obj: Object) -> dict[str, Any]:
    match = {"name": "If-Match", "in": "header", "description": "The ETag that was read: refused where somebody saved since", "schema": TEXT}
    return {"summary": f"Change a {obj.label.lower()}", "parameters": [match], "requestBody": _body(f"{obj.key}_changes"), "responses": _answers(obj, "200", _ref(obj.key))}


def _body(schema: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def _shown(obj: Object) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "integer"}}
    for field in obj.fields:
        if field.link:
            properties[field.key] = _ref("Link")
            continue
        shape = dict(SHOWN.get(field.kind_key, TEXT))
        shape["type"] = shape["type"] if field.kind_key == "choices" else [shape["type"], "null"]
        properties[field.key] = shape | {"title": field.label}
    return {"type": "object", "title": obj.label, "required": ["id"], "properties": properties}


def _sent(viewer, obj: Object, *, new: bool) -> dict[str, Any]:
    fields = obj.writable(viewer)
    needed = [f.key for f in fields if new and f.required and f.default is None and f.key not in ("number", "stage")]
    return {"type": "object", "title": obj.label, "additionalProperties": False, "properties": {f.key: _taken(f) for f in fields}} | ({"required": needed} if needed else {})


def _taken(field: Field) -> dict[str, Any]:
    """What may be sent for a field; null empties it."""
    if field.link:
        return {"type": ["integer", "string", "null"], "title": field.label, "description": "Its id, number or name"}
    kinds = {"number": ["string", "number"], "percent": ["number"], "money": ["string", "number"], "bool": ["boolean"], "choices": ["array"]}
    shape: dict[str, Any] = {"type": [*kinds.get(field.kind_key, ["string"]), "null"], "title": field.label}
    if field.kind_key == "choices":
        shape["items"] = TEXT
    if field.kind_key == "date":
        shape["format"] = "date"
    return shape
