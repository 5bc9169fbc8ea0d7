"""What is found while typing: records for the palette, values for an input."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access.gate import needs
from prm.access.policy import Do
from prm.search import finding
from prm.ui.page import page, wants_block

bp = Blueprint("search", __name__, url_prefix="/search")


@bp.get("/")
@needs(Do.SEE_HOME)
def index():
    text = request.args.get("q", "")
    places = [
        (label, url_for(endpoint), icon, "")
        for label, endpoint, icon in finding.places(current_user)
        if finding.fits(label, text)
    ]
    groups = [(name, entries) for name, entries in (*finding.records(current_user, text), ("Go to", places)) if entries]
    return page("search/index.html", block="found", groups=groups, text=text, palette=wants_block())


@bp.get("/values/<object>/<field>")
@needs(Do.SEE_HOME)
def values(object, field):
    """The options of a datalist: the values in use, or the linked records, that fit what is typed so far."""
    typed = request.args.get(field, "")[:200]
    return page("search/values.html", block="options", options=finding.values(current_user, object, field, typed))
