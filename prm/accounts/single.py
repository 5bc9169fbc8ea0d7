"""Signing in with an OpenID Connect provider: it says who somebody is; who may come in stands here, as ever. Nobody is made by it."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask import session as cookie

from prm.access.gate import public
from prm.accounts import services
from prm.accounts.forms import SignInForm
from prm.core.errors import Invalid, Missing
from prm.core.links import address
from prm.models import Person
from prm.ui.entering import host
from prm.ui.page import page
from prm.ui.portal import here

log = logging.getLogger(__name__)
NAME, SECONDS = "sso", 10
NOBODY = "Nobody here signs in with {}. Ask whoever invited you for access, or sign in with your password."
FAILED = "Signing in with {} did not work. Try again; if it happens twice, tell your admin the time it happened."


def client_of(app: Flask):
    """The client of the provider that is set, made when it is first needed; Missing without one."""
    sso = app.extensions["settings"].sso
    if sso is None:
        raise Missing()
    if NAME not in app.extensions:
        from authlib.integrations.flask_client import OAuth

        oauth = OAuth(app)
        oauth.register(
            NAME, server_metadata_url=f"{sso.issuer}/.well-known/openid-configuration", client_id=sso.client_id, client_secret=sso.client_secret,
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "default_timeout": SECONDS},
        )  # fmt: skip
        app.extensions[NAME] = oauth
    return app.extensions[NAME].create_client(NAME)


@public
def begin():
    """To the provider: with a state, a nonce and a PKCE challenge, each checked when the browser comes back."""
    from prm.accounts.views import local

    client = client_of(current_app)
    if _elsewhere():  # the provider comes back to the portal's first address, so the cookie has to be of there too
        return redirect(address(url_for("accounts.sso", next=local(request.args.get("next")))))
    cookie["next"] = local(request.args.get("next"))
    try:
        return client.authorize_redirect(address(url_for("accounts.sso_back")))
    except Exception:  # whatever the network or the provider does
        log.exception("the identity provider cannot be reached")
        return _refused(FAILED)


def _elsewhere() -> bool:
    """Whether this is the host name of one portal, and not the address of all."""
    found = here()
    return found is not None and host() == found.portal.host != urlsplit(address("/")).hostname


@public
def back():
    """From the provider, with a code that is exchanged for who they are."""
    from prm.accounts.views import came_in

    client = client_of(current_app)
    try:
        claims = client.authorize_access_token().get("userinfo") or {}
    except Exception:  # a wrong state, a code used twice, a signature that does not fit, a network that is away
        log.exception("signing in with the identity provider failed")
        return _refused(FAILED)
    person = _person(claims)
    if person is None:
        return _refused(NOBODY)
    return came_in(person, cookie.pop("next", "/"))


def _person(claims: dict) -> Person | None:
    """Whoever has this address here. One that the provider has not verified could be anybody's."""
    sso = current_app.extensions["settings"].sso
    email = claims.get("email")
    if not isinstance(email, str) or not (claims.get("email_verified") is True or sso.trusts_email):
        return None
    person = services.person_with(email)
    return person if person is not None and person.is_active else None


def _refused(sentence: str):
    form = SignInForm(formdata=None, data={"next": "/"})
    form.refuse(Invalid(sentence.format(current_app.extensions["settings"].sso.name)))
    return page("accounts/sign_in.html", form=form, status=403)
