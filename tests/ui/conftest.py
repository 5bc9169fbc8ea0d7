"""A small application around the look alone: a menu, a person, and addresses that answer in each way a view can."""
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask, request
from flask_login import LoginManager
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import BooleanField, FileField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from prm import ui
from prm.core.errors import Conflict, Invalid, Missing, Throttled
from prm.models import Organisation
from prm.ui.page import nothing, page, redirect_to, toast

HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Entry:
    key: str
    label: str
    href: str
    icon: str


MENU = [SimpleNamespace(title="", entries=[Entry("things", "Things", "/things/", "house")])]


class Sam:
    """Signed in, with nothing behind him in the database."""

    id, theme, display = 1, "dark", "Sam Ortega"
    is_authenticated = is_active = True
    access = SimpleNamespace(label="Admin")

    def get_id(self):
        return "1"


class ThingForm(FlaskForm):
    name = StringField("Name", [InputRequired("A thing needs a name.")], description="As on the <contract>")
    notes = TextAreaField("Notes")
    size = SelectField("Size", choices=[SelectChoice("s", "Small"), SelectChoice("l", "Large")])
    tags = SelectMultipleField("Tags", choices=[SelectChoice("a", "Alpha"), SelectChoice("b", "Beta")])
    way = RadioField("Way", choices=[SelectChoice("up", "Up"), SelectChoice("down", "Down")], default="up")
    agreed = BooleanField("Agreed")
    scan = FileField("Scan")


things = Blueprint("things", __name__, url_prefix="/things")
accounts = Blueprint("accounts", __name__, url_prefix="/accounts")


@things.route("/", methods=["GET", "POST"])
def index():
    form = ThingForm()
    if form.validate_on_submit():
        toast(f"{form.name.data} saved", undo="/undo")
        return redirect_to("/things/")
    return page("things.html", block=("rows", "tabs"), form=form, status=422 if form.errors else 200)


@things.post("/touch")
def touch():
    toast("Touched")
    return nothing("thing-changed")


@things.route("/refuse/<how>", methods=["GET", "POST"])
def refuse(how):
    raise REFUSALS[how]


REFUSALS = {
    "missing": Missing(),
    "invalid": Invalid("The amount is no <number>."),
    "conflict": Conflict("Mia saved it first.", theirs={"Name": "Acme & Sons"}),
    "throttled": Throttled(120),
}

for endpoint in ("profile", "theme", "sign_out"):
    accounts.add_url_rule(f"/{endpoint}", endpoint, lambda: request.endpoint, methods=["GET", "POST"])

TEMPLATE = """{% extends "base.html" %}
{% block title %}Things{% endblock %}
{% block main %}
<div id="tabs">{% block tabs %}{{ ui.tabs([("All", "/things/", true, 3)], "Views", "rows") }}{% endblock %}</div>
<div id="rows">{% block rows %}{{ ui.error_summary(form) }}{{ ui.field(form.name) }}{% endblock %}</div>
{% endblock %}"""


@pytest.fixture(scope="session")
def look(tmp_path_factory):
    """The application, made once; nobody is signed in."""
    from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

    app = Flask(
        __name__, static_folder=str(ui.assets.STATIC), template_folder=str(ui.assets.STATIC.parent / "templates")
    )
    app.config.update(SECRET_KEY="test", TESTING=True, WTF_CSRF_ENABLED=False, MAX_CONTENT_LENGTH=12 * 2**20)
    folder = FileSystemLoader(app.template_folder)
    app.jinja_loader = ChoiceLoader([DictLoader({"things.html": TEMPLATE}), folder])
    login = LoginManager(app)
    login.request_loader(lambda request: Sam() if request.headers.get("As") == "sam" else None)
    login.anonymous_user = type("Nobody", (), {"is_authenticated": False, "theme": "", "is_active": False})
    CSRFProtect(app)
    ui.init_app(app, menu=lambda viewer: MENU)
    app.register_blueprint(things)
    app.register_blueprint(accounts)
    return app


@pytest.fixture(autouse=True)
def organisation():
    """In memory, so that nothing here needs a database."""
    org = Organisation(id=1, name="Kestrel & Co", zone="Europe/Berlin", locale="en_GB", currency="EUR")
    from prm.models.organisation import _current

    token = _current.set(org)
    yield org
    Organisation.forget(token)


@pytest.fixture
def browser(look):
    """As Sam; `htmx=True` asks for a part."""
    client = look.test_client()

    def ask(path, *, method="GET", htmx=False, signed_in=True, **more):
        headers = (HTMX if htmx else {}) | ({"As": "sam"} if signed_in else {}) | more.pop("headers", {})
        return client.open(path, method=method, headers=headers, **more)

    return ask


@pytest.fixture
def render(look):
    """Draw a snippet of a template as Sam's browser would get it."""

    def draw(source, **context):
        with look.test_request_context("/", headers={"As": "sam"}):
            return look.jinja_env.from_string(source).render(**context)

    return draw
