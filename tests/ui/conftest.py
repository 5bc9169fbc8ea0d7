"""A small application around the look alone: a menu, a person, and addresses that answer in each way a view can."""
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask, request
from flask_login import LoginManager
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import FileSystemLoader
from wtforms import BooleanField, FileField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from prm import ui
from prm.core.errors import Conflict, Invalid, Missing, Throttled
from prm.models import Organisation
from prm.models.organisation import _current
from prm.ui import headers
from prm.ui.page import nothing, page, redirect_to, toast

HTMX = {"HX-Request": "true"}
HERE = {}  # the organisation of the running test; the browser tests are answered by other threads


@dataclass(frozen=True)
class Entry:
    key: str
    label: str
    href: str
    icon: str
    covers: tuple = ()


MENU = [SimpleNamespace(title="", entries=[Entry("things", "Things", "/things/", "house")])]


class Sam:
    """Signed in, with nothing behind him in the database."""

    id, theme, display, viewed_by, is_staff = 1, "dark", "Sam Ortega", None, True
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
    return page("things.html", block=("rows", "tabs"), form=form, done=0, status=422 if form.errors else 200)


@things.post("/touch")
def touch():
    toast("Touched")
    return nothing("thing-changed")


@things.get("/dialog")
def dialog():
    return page("things.html", block="dialog", form=ThingForm())


@things.get("/job/<int:done>")
def job(done):
    return page("things.html", block="job" if done < 3 else "ready", form=ThingForm(), done=done)


@things.post("/scan")
def scan():
    form = ThingForm()
    form.scan.errors = [f"{len(form.scan.data.read())} bytes, and no spreadsheet."]
    return page("things.html", block="upload", form=form, status=422)


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

TEMPLATES = ui.assets.STATIC.parent / "templates"


@pytest.fixture(scope="session")
def look():
    """The application, made once; nobody is signed in."""
    app = Flask(__name__, static_folder=str(ui.assets.STATIC), template_folder=str(TEMPLATES))
    app.config.update(SECRET_KEY="test", TESTING=True, WTF_CSRF_ENABLED=False, MAX_CONTENT_LENGTH=12 * 2**20)
    app.jinja_loader = FileSystemLoader([TEMPLATES, Path(__file__).parent / "templates"])
    login = LoginManager(app)
    login.request_loader(lambda request: Sam() if request.headers.get("As") == "sam" else None)
    login.anonymous_user = type("Nobody", (), {"is_authenticated": False, "theme": "", "is_active": False})
    CSRFProtect(app)
    ui.init_app(app, menu=lambda viewer: MENU)
    headers.init_app(app, secure=False)
    app.before_request(lambda: _current.set(HERE["org"]) and None)
    app.register_blueprint(things)
    app.register_blueprint(accounts)
    return app


@pytest.fixture(autouse=True)
def organisation():
    """In memory, so that nothing here needs a database."""
    org = Organisation(id=1, name="Kestrel & Co", zone="Europe/Berlin", locale="en_GB", currency="EUR")
    HERE["org"] = org
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
