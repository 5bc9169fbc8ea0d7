"""The portal as a browser sees it, without one: `client` is a visitor, `sign_in(person)` a signed-in one."""
import pytest

from prm import create_app
from prm.core.db import db
from prm.settings import Settings

KEY = "a key for tests that is long enough"


@pytest.fixture(scope="session")
def built(tmp_path_factory, sqlite_url):
    """Made once per process; which database it talks to is decided test by test."""
    before = db.obj
    var = tmp_path_factory.mktemp("var")
    app = create_app(Settings(var=var, database_url=sqlite_url, secret_keys=(KEY,), testing=True))
    app.config["WTF_CSRF_ENABLED"] = False
    db.initialize(before)
    return app


@pytest.fixture
def app(store, built):
    """The portal on this test's database. CSRF is off; the tests of CSRF switch it on."""
    return built


@pytest.fixture
def client(app):
    """A visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app):
    """`sign_in(ada)` is a client of its own, with a session of Ada."""

    def as_person(person):
        from prm.access import sessions

        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie[sessions.KEY] = sessions.begin(person)
        return client

    return as_person
