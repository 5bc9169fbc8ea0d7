"""Our own static files: named with a hash of what is in them, kept by browsers for a year, sent brotli-packed.

The stylesheets are joined at start-up into one response a page: no build step, one request. Only files found at start-up are
served, so no path that is asked for ever reaches the disk.
"""
from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request

from prm.access.gate import public

STATIC = Path(__file__).parents[2] / "static"
STYLES = "css/app.css"
SHEETS = {
    STYLES: ("tokens", "base", "layout", "buttons", "forms", "data", "overlays", "charts", "screens", "transfers", "reports"),
    "css/answering.css": ("tokens", "base", "buttons", "survey"),  # who answers a survey on a phone loads what is needed for that
}
PACKED = (".css", ".js", ".svg")
A_YEAR = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"


def init_app(app: Flask) -> None:
    """Serve /static/… from here, and read and pack everything now rather than in somebody's first request."""
    app.view_functions["static"] = serve
    app.jinja_env.globals["asset"] = asset
    for path in (*_files(), *SHEETS):
        _packed(path)


@cache
def asset(path: str) -> str:
    """The address of a static file; it changes with the content. An unknown file is a mistake in a template."""
    return f"/static/{path}?v={_hash(path)}"


@public
def serve(filename: str) -> Response:
    """One static file. Addresses with a hash, and vendored files with a version in the name, never change."""
    if filename not in SHEETS and filename not in _files():
        abort(404)
    body, packing = _packed(filename), "br"
    if body is None or "br" not in request.accept_encodings:
        body, packing = _content(filename), ""
    response = Response(body, mimetype=mimetypes.guess_type(filename)[0])
    if packing:
        response.headers["Content-Encoding"] = packing
    response.vary.add("Accept-Encoding")
    lasting = "v" in request.args or filename.startswith("vendor/")
    response.headers["Cache-Control"] = A_YEAR if lasting else AN_HOUR
    response.set_etag(_hash(filename) + packing)
    return response.make_conditional(request)


@cache
def _files() -> dict[str, Path]:
    return {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}


@cache
def _content(path: str) -> bytes:
    if path in SHEETS:
        return b"\n".join(_content(f"css/{name}.css") for name in SHEETS[path])
    return _files()[path].read_bytes()


@cache
def _packed(path: str) -> bytes | None:
    return brotli.compress(_content(path)) if path.endswith(PACKED) else None


@cache
def _hash(path: str) -> str:
    return hashlib.sha256(_content(path)).hexdigest()[:10]
