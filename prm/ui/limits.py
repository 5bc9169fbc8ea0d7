"""What may be sent, and how much: a view that takes files says so with a mark, everything else keeps the small limit."""
from __future__ import annotations

from flask import Flask, request
from werkzeug.routing import IntegerConverter


class Id(IntegerConverter):
    """A whole number in an address, in plain digits only: `/partners/٣` is no other way to write `/partners/3`."""

    regex = r"[0-9]+"


def takes_files(view):
    """Mark a view: a request to it may be as large as an upload."""
    view.takes_files = True
    return view


def init_app(app: Flask, *, largest: int) -> None:
    """Has to run before anything reads the form, the CSRF check included, and before there are routes."""
    app.url_map.converters["int"] = Id

    @app.before_request
    def widen():
        if getattr(app.view_functions.get(request.endpoint), "takes_files", False):
            request.max_content_length = largest
