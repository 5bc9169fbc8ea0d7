"""The first visit: one admin comes of it, however many try at once, and then the page is gone."""
import pytest

from prm.core.jobs import Job, job, run_once
from prm.models import BusinessRole, Organisation, Person, Role, Session, Stage, Tier
from prm.setup import services
from tests.accounts.doing import PASSWORD, enter

FORM = {
    "organisation": "Kestrel Alliance", "zone": "Europe/Berlin", "currency": "EUR", "fiscal_month": "4", "locale": "de",
    "name": "Sam Ortega", "email": "Sam@Kestrel.example", "password": PASSWORD,
}  # fmt: skip


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/i/x", "/partners/", "/setup/", "/profile"])
def test_every_page_leads_to_the_first_visit(client, path):
    answer = client.get(path)
    while answer.status_code in (302, 303) and answer.location != "/welcome":
        answer = client.get(answer.location)
    assert answer.location == "/welcome"


@pytest.mark.parametrize("path", ["/health", "/theme.css", "/static/js/app.js"])
def test_what_a_page_needs_is_there_before(client, path):
    assert client.get(path).status_code in (200, 503)


def test_it_offers_what_is_needed_and_guesses_no_zone(client):
    page = client.get("/welcome").text
    for words in ("Name of the organisation", "Time zone", "Currency", "First month of the fiscal year", "Load sample data"):
        assert words in page
    assert page.count('<option value="">Choose…</option>') == 2 and '<option selected value="UTC">' not in page
    assert '<option value="America/New_York">' in page and '<option value="JPY">' in page and "DEM" not in page


def test_it_makes_the_admin_the_organisation_and_its_lists(database, client):
    assert client.post("/welcome", data=FORM).location == "/"
    here, sam = Organisation.get(), Person.get()
    assert (here.name, here.zone, here.currency, here.fiscal_month, here.locale) == ("Kestrel Alliance", "Europe/Berlin", "EUR", 4, "de")
    assert (sam.email, sam.role) == ("sam@kestrel.example", Role.ADMIN)
    assert [(s.name, s.probability, s.outcome) for s in Stage.select().order_by(Stage.position)][-2:] == [("Won", 100, "won"), ("Lost", 0, "lost")]
    assert [tier.name for tier in Tier.select().order_by(Tier.position)] == ["Platinum", "Gold", "Silver", "Registered"]
    assert BusinessRole.select().count() == 7
    assert client.get("/setup/").status_code == 200


def test_the_admin_signs_in_with_the_password(client, app):
    client.post("/welcome", data=FORM)
    assert enter(app.test_client(), "sam@kestrel.example").status_code == 303


def test_afterwards_the_page_only_leads_to_signing_in(client, sam):
    assert client.get("/welcome").location == "/sign-in"
    assert client.post("/welcome", data=FORM | {"email": "mallory@evil.example"}).location == "/sign-in"
    assert Person.select().count() == 1


@pytest.mark.parametrize(("field", "value"), [
    ("organisation", ""), ("zone", ""), ("zone", "../../etc/passwd"), ("currency", ""), ("currency", "XXX"), ("fiscal_month", "13"),
    ("locale", "x" * 90), ("name", ""), ("name", "x" * 201), ("email", ""), ("email", "nope"), ("email", "a@b.example, c@d.example"),
    ("password", ""), ("password", "short"), ("password", "password123"), ("password", "sam@kestrel.example"),
])  # fmt: skip
def test_what_cannot_be_used_is_said_beside_its_field(client, field, value):
    answer = client.post("/welcome", data=FORM | {field: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not Person.select().exists() and not Organisation.select().exists()


def test_of_twenty_visitors_at_once_one_becomes_admin(database, app):
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    start = Barrier(20)

    def visit(number):
        client = app.test_client()
        start.wait(10)
        return client.post("/welcome", data=FORM | {"email": f"visitor{number}@kestrel.example"}).status_code

    with ThreadPoolExecutor(20) as threads:
        codes = list(threads.map(visit, range(20)))
    assert Person.select().where(Person.role == Role.ADMIN).count() == 1 == Session.select().count()
    assert Organisation.select().count() == 1 and Stage.select().count() == 6
    assert set(codes) <= {303, 422}


@pytest.fixture
def sample(monkeypatch):
    """Loading the sample data, as far as this screen knows it."""
    from prm.core import jobs

    monkeypatch.setitem(jobs.KINDS, "setup.sample", (lambda found: {"partners": 701}, 1))


def test_sample_data_is_loaded_by_a_job_with_a_page_that_follows_it(client, sample):
    assert client.post("/welcome", data=FORM | {"sample": "y"}).location == "/welcome/sample"
    assert "Waiting for a worker" in client.get("/welcome/sample").text
    Job.update(started_at=services.mail.clock.now(), progress=350, total=701).execute()
    block = client.get("/welcome/sample", headers={"HX-Request": "true"}).text
    assert '<progress class="progress" id="progress-bar" value="350" max="701">' in block and "<html" not in block
    Job.update(started_at=None).execute()
    run_once()
    assert client.get("/welcome/sample").location == "/"
    done = client.get("/welcome/sample", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == "/"


def test_sample_data_that_cannot_be_loaded_says_why(client, monkeypatch):
    from prm.core import jobs

    @job("setup.sample", attempts=1)
    def broken(found):
        raise jobs.GiveUp("the file is damaged")

    client.post("/welcome", data=FORM | {"sample": "y"})
    run_once()
    jobs.KINDS.pop("setup.sample")
    page = client.get("/welcome/sample").text
    assert "the file is damaged" in page and "hx-trigger" not in page.split("<main")[1]


def test_the_command_makes_the_first_and_a_further_admin(database, store):
    services.make_admin(email="sam@kestrel.example", password=PASSWORD)
    services.make_admin(email="olga@kestrel.example", password=PASSWORD, name="Olga")
    assert [(p.email, p.role) for p in Person.select().order_by(Person.id)] == [("sam@kestrel.example", "admin"), ("olga@kestrel.example", "admin")]


def test_the_command_gives_an_admin_back_who_was_locked_out(client, sam, make):
    mia = make.person("Mia", email="mia@kestrel.example", disabled_at=services.mail.clock.now())
    services.make_admin(email="mia@kestrel.example", password=PASSWORD)
    assert enter(client, "mia@kestrel.example").status_code == 303
    assert Person.get_by_id(mia.id).name == "Mia"


def test_a_portal_user_does_not_become_admin_by_the_command(sam, ada):
    with pytest.raises(services.Invalid):
        services.make_admin(email="ada@acme.example", password=PASSWORD)
