"""Every way to say no: the right status, a sentence, and for htmx a toast that leaves the region alone."""
import pytest
from flask import Flask
from flask_login import current_user
from peewee import DataError, IntegrityError, OperationalError

from prm import ui
from prm.ui import refusals

SAID = [
    ("missing", 404, "not yours to see"),
    ("invalid", 422, "The amount is no &lt;number&gt;."),
    ("conflict", 409, "Mia saved it first."),
    ("throttled", 429, "Wait 2 min"),
]


@pytest.mark.parametrize(("how", "status", "sentence"), SAID)
def test_a_refusal_is_a_page_with_its_status_and_sentence(browser, how, status, sentence):
    answer = browser(f"/things/refuse/{how}")
    assert answer.status_code == status and sentence in answer.text
    assert "<h1" in answer.text and 'id="nav"' in answer.text


@pytest.mark.parametrize(("how", "status", "sentence"), SAID)
def test_for_htmx_a_refusal_is_a_toast_and_the_region_stays(browser, how, status, sentence):
    answer = browser(f"/things/refuse/{how}", htmx=True)
    assert answer.status_code == status and answer.headers["HX-Reswap"] == "none"
    assert 'role="alert"' in answer.text and sentence in answer.text and "<html" not in answer.text


def test_somebody_not_signed_in_sees_no_menu(browser):
    answer = browser("/nowhere", signed_in=False)
    assert answer.status_code == 404 and 'id="nav"' not in answer.text and "Nothing here" in answer.text


def test_a_lost_race_shows_what_is_stored_now(browser):
    assert "Acme &amp; Sons" in browser("/things/refuse/conflict").text


def test_a_wrong_method_says_which_are_right(browser):
    answer = browser("/things/touch", method="DELETE")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_too_many_tries_says_when_the_next_one_is_heard(browser):
    assert browser("/things/refuse/throttled").headers["Retry-After"] == "120"


def test_too_much_at_once_says_what_the_limit_is(browser):
    answer = browser("/things/", method="POST", data={"name": "x" * (13 * 2**20), "size": "s"})
    assert answer.status_code == 413 and "At most 12 MB" in answer.text and "still there" in answer.text


def test_a_form_without_its_token_is_explained(look, browser):
    look.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = browser("/things/", method="POST", data={"name": "Lamp"})
    finally:
        look.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400 and "reload it" in answer.text


def _hidden_full_disk() -> OperationalError:
    """As peewee reports it: the reason is only in the context."""
    error = OperationalError("cannot rollback - no transaction is active")
    error.__context__ = OperationalError("database or disk is full")
    return error


FAULTS = [
    (OperationalError("database is locked"), 503, "Nothing was saved|nothing was saved"),
    (OperationalError("server closed the connection unexpectedly"), 503, "nothing was saved"),
    (_hidden_full_disk(), 507, "The disk is full"),
    (IntegrityError("UNIQUE constraint failed: partner.number"), 409, "Nothing was saved"),
    (DataError("integer out of range"), 422, "Nothing was saved"),
]


@pytest.mark.parametrize(("fault", "status", "sentence"), FAULTS)
def test_a_fault_of_the_database_is_told_in_words(fault_app, fault, status, sentence):
    fault_app.config["FAULT"] = fault
    answer = fault_app.test_client().get("/fault")
    assert answer.status_code == status
    assert any(words in answer.text for words in sentence.split("|"))


def test_a_mistake_of_ours_is_500_without_its_words(fault_app):
    fault_app.config["FAULT"] = OperationalError("no such table: secret_thing")
    answer = fault_app.test_client().get("/fault")
    assert answer.status_code == 500 and "secret_thing" not in answer.text and "Something broke" in answer.text


def test_the_page_that_says_the_database_is_away_does_not_need_it(fault_app):
    def away(request):
        raise OperationalError("database is locked")

    fault_app.login_manager.request_loader(away)
    answer = fault_app.test_client().get("/who")
    assert answer.status_code == 503 and "nothing was saved" in answer.text


def test_every_status_has_a_title_and_a_sentence():
    assert set(refusals.TEXTS) <= set(refusals.TITLES)


@pytest.fixture
def fault_app(look):
    """As in production: what is raised becomes an answer."""
    from flask_login import LoginManager
    from flask_wtf import CSRFProtect

    app = Flask("faults", static_folder=look.static_folder, template_folder=look.template_folder)
    app.config.update(SECRET_KEY="test", PROPAGATE_EXCEPTIONS=False)
    LoginManager(app, add_context_processor=False)
    app.login_manager.request_loader(lambda request: None)
    app.login_manager.anonymous_user = look.login_manager.anonymous_user
    CSRFProtect(app)
    ui.init_app(app)

    @app.get("/fault")
    def fault():
        raise app.config["FAULT"]

    @app.get("/who")
    def who():
        return str(current_user.is_authenticated)

    return app
