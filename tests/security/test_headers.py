"""What every answer tells the browser: pages, blocks, files, refusals, redirects, for whoever asks."""
import re

import pytest

from tests.contracts.portal import HTMX
from tests.contracts.routes import worded
from tests.contracts.world import OWN

EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'self'",
    "connect-src": "'self'", "manifest-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT = re.compile(r"^/(static/|theme\.css|logo)")  # may be kept by the browser: nobody's data is in them


def lacking(answer, address: str) -> list[str]:
    headers = answer.headers
    wrong = [name for name, value in EXACT.items() if headers.getlist(name) != [value]]
    said = dict(part.split(" ", 1) for part in headers.get("Content-Security-Policy", "a b").split("; "))
    if said != POLICY and "sandbox" not in headers.get("Content-Security-Policy", ""):
        wrong.append("Content-Security-Policy")
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    if headers.get("Cache-Control") != "no-store" and not KEPT.match(address):
        wrong.append("Cache-Control")
    if not KEPT.match(address) and not {"cookie", "hx-request"} <= {name.strip().lower() for name in headers.get("Vary", "").split(",")}:
        wrong.append("Vary")
    if "Server" in headers or "X-Powered-By" in headers:
        wrong.append("Server")
    if answer.mimetype in ("text/csv", "application/pdf", "application/zip", SHEET) and answer.status_code == 200:
        wrong += [] if headers.get("Content-Disposition", "").startswith("attachment") else ["Content-Disposition"]
    return wrong


@pytest.fixture(scope="module")
def addresses(portal):
    found = [route.address((OWN,) * len(route.numbers), words) for route, words in worded(portal) if route.gets]
    lists = ("/partners/", "/deals/", "/contacts/", "/scorecards/")
    return [*found, *(f"{path}?format={kind}" for path in lists for kind in ("csv", "xlsx")), "/nothing/here", "/partners/999999", "/static/js/app.js"]


@pytest.mark.parametrize("name", ["sam", "ada", "nobody"])
def test_every_kind_of_answer_has_every_header(portal, addresses, name):
    wrong, kinds = [], set()
    for address in addresses:
        for headers in ({}, HTMX):
            answer = portal.ask(name, address, headers=headers)
            kinds.add((answer.status_code, answer.mimetype))
            if lost := lacking(answer, address):
                wrong.append((answer.status_code, address, bool(headers), lost))
    for body in ({}, {"csrf_token": "x"}, {"email": "x", "password": "y"}):
        answer = portal.ask(name, "/sign-in", "POST", data=body)
        wrong += [(answer.status_code, "POST /sign-in", lost) for lost in [lacking(answer, "/sign-in")] if lost]
    assert not wrong, wrong
    assert {200, 404} <= {status for status, _ in kinds}
    if name == "sam":
        assert {"text/html", "text/csv", "application/pdf", "application/json", "text/css"} <= {kind for _, kind in kinds}


def test_over_https_browsers_never_go_back_to_http(tmp_path):
    from prm import create_app
    from prm.core.db import db
    from prm.settings import Settings
    from tests.cli.portals import as_it_was

    with as_it_was():
        app = create_app(Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'prm.db'}", secret_keys=("k" * 40,),
                                  base_url="https://portal.example", testing=True))  # fmt: skip
        answer = app.test_client().get("/static/js/app.js", base_url="https://portal.example", buffered=True)
        db.close()
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    config = app.config
    assert config["SESSION_COOKIE_SECURE"] and config["SESSION_COOKIE_HTTPONLY"] and config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert config["SESSION_COOKIE_NAME"] == "__Host-prm"


def test_no_page_has_a_script_or_a_style_of_its_own_or_loads_from_elsewhere(portal, addresses):
    wrong = []
    for address in addresses:
        answer = portal.ask("sam", address)
        if answer.mimetype == "text/html":
            found = re.findall(r'<script(?![^>]*src=)[^>]*>|<style|\sstyle="|\son\w+="|(?:src|srcset|action)="(?:https?:)?//[^"]*', answer.text)
            wrong += [(address, found)] if found else []
    assert not wrong, wrong
