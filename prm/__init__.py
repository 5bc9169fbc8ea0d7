"""Alongside: a portal in which a company tracks how its partners perform. `create_app` puts the floors together.

The imports are inside, because every module of `prm` passes through this file first.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from prm.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI application. The database is opened here; whoever serves migrates it before."""
    from flask import Flask

    from prm.opening import open_portal
    from prm.settings import ROOT

    settings = open_portal(settings)
    app = Flask("prm", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.config.from_mapping(_config(settings))
    app.extensions["settings"] = settings
    _configure_web(app, settings)
    return app


def _config(settings: Settings) -> dict:
    """What Flask leaves open by default is closed here; the figures are reasoned in docs/decisions/."""
    return {
        "SECRET_KEY": settings.secret_keys[0],
        "SECRET_KEY_FALLBACKS": list(settings.secret_keys[1:]),
        "TESTING": settings.testing,
        "TRUSTED_HOSTS": settings.hosts,
        "MAX_CONTENT_LENGTH": settings.max_request,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "MAX_FORM_PARTS": 5000,
        # the prefix makes browsers refuse the cookie from plain http and from other hosts of the domain
        "SESSION_COOKIE_NAME": "__Host-prm" if settings.secure else "prm",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch is not lost; it ends with the session
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 3,  # a tenth of the CPU of a page less than 4, a twentieth of its bytes more
        "COMPRESS_STREAMS": False,
    }


def _configure_web(app: Flask, settings: Settings) -> None:
    """The order is the order of a request: limits, connection, door, CSRF; and backwards of its answer."""
    from flask_compress import Compress
    from flask_wtf import CSRFProtect

    from prm import cli, health, menu, ui
    from prm.access import gate
    from prm.ui import headers, lifetime, limits

    if settings.behind_proxy:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    Compress(app)
    headers.init_app(app, secure=settings.secure)
    limits.init_app(app, largest=settings.max_upload)
    lifetime.init_app(app)
    gate.init_app(app)
    forged = CSRFProtect(app)
    ui.init_app(app, menu=menu.menu, search="search.index", settings="setup.index")
    menu.init_app(app)
    forged.exempt(app.blueprints["api"])  # a token has to be sent, which no other site can make a browser do
    health.init_app(app)
    app.cli = cli.main
