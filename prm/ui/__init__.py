"""How things are shown: pages and blocks, components, charts, formats, the organisation's colour, and refusals."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, current_app
from flask_login import current_user
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from peewee import DatabaseError

from prm.access.gate import Nobody
from prm.models import Organisation
from prm.ui import assets, charts, components, formats, inputs, marked, page, portal, refusals, rows, theme

Menu = Callable[[Any], Sequence[Any]]


def init_app(app: Flask, *, menu: Menu = lambda viewer: (), search: str | None = None, settings: str | None = None) -> None:
    """Prepare the templates. `menu` gives the groups of the sidebar that a viewer may use; `search` is the endpoint
    of the search behind Ctrl K, `settings` that of the gear."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(charts=charts, menu_for=menu, search_endpoint=search, settings_endpoint=settings, single_sign_on=_single_sign_on)
    app.context_processor(_around)
    Htmx(app)
    for part in (assets, components, formats, inputs, marked, page, portal, rows, theme, refusals):
        part.init_app(app)


def _single_sign_on() -> str:
    """What the identity provider is called, where one is set."""
    settings = current_app.extensions.get("settings")
    return settings.sso.name if settings is not None and settings.sso else ""


def _around() -> dict[str, Any]:
    """What every template may use: the organisation and who looks. Both are in memory by now: no query. If they are
    not, the database may be away, and the page that says so must not need it."""
    try:
        return {"org": Organisation.current(), "viewer": current_user._get_current_object()}
    except DatabaseError:
        return {"org": Organisation(name="Alongside"), "viewer": Nobody()}
