"""A real browser and a real server on a free port, for what cannot be seen without them."""
import os
import shutil
import threading
from contextlib import contextmanager, suppress

import pytest

from tests.databases import skip_or_fail

NAMES = ("chromium", "chromium-browser", "google-chrome")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once per process; `chromium.new_page()` opens a page without cookies."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        places = [os.environ.get("PRM_CHROMIUM"), *map(shutil.which, NAMES), MACOS, playwright.chromium.executable_path]
        found = next((place for place in places if place and os.path.exists(place)), None)
        if not found:
            skip_or_fail("no Chromium: install the package chromium, or set PRM_CHROMIUM=/path/to/it")
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def served(app):
    """The address of an application that waitress serves as in production. At the end what is still being answered is
    waited for; the loop may then find its sockets closed under it."""
    from waitress import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=4)

    def run():
        with suppress(OSError):
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()  # it uses this test's database
    server.close()
    thread.join(5)


@pytest.fixture
def live_server(app):
    """The address of the portal on this test's database."""
    with served(app) as address:
        yield address


@pytest.fixture
def page(chromium, live_server):
    """A page at the portal's address; relative addresses work, an error in the console fails the test."""
    context = chromium.new_context(base_url=live_server, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors


@pytest.fixture
def enter(page, live_server, app):
    """`enter(ada)` signs the page in as Ada, without the form."""

    def as_person(person):
        from flask.sessions import SecureCookieSessionInterface

        from prm.access import sessions

        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        value = signer.dumps({sessions.KEY: sessions.begin(person)})
        page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": live_server}])
        return page

    return as_person
