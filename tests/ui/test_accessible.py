"""The main pages for a screen reader and on a phone: axe finds nothing, in light and dark, and no page is wider than
its screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("light", 1280), ("dark", 360)]  # each scheme and each width once: colours do not depend on the width
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk " * 3
RTL = "شركة الشراكة المحدودة 🚲"

STAFF = [
    "/partners/?q=a&f.status=active&f.ghost=1", "/partners/{acme}", "/partners/{long}", "/partners/{acme}?tab=contacts", "/partners/{acme}/edit",
    "/deals/", "/deals/{deal}", "/contacts/{contact}", "/contacts/enable", "/people/", "/setup/", "/nowhere",
    "/reports/", "/reports/{report}", "/dashboards/{board}", "/reports/{report}/edit", "/reports/new?object=deal&logic=1+and+(2&filters.0.field=stage&filters.0.value=Won",
]  # fmt: skip
OTHERS = [
    "/", "/partners/", "/partners/{acme}?tab=deals", "/partners/{acme}?tab=activity",
    "/partners/new", "/deals/{deal}/edit", "/contacts/", "/people/{ada}", "/people/new", "/profile", "/search/?q=acme",
    "/setup/organisation", "/setup/outbox", "/setup/rates",
    "/reports/library", "/reports/folders", "/subscriptions/new?what=report:{report}", "/reports/{report}/versions", "/reports/{report}/rows?at=[]&m=n",
    "/dashboards/", "/dashboards/{board}/edit",
    "/surveys/", "/surveys/new", "/surveys/import", "/surveys/{survey}", "/surveys/{survey}/build", "/surveys/{survey}/build?at=survey",
    "/surveys/{survey}/send", "/surveys/{survey}/results", "/surveys/{survey}/comments", "/surveys/{survey}/actions", "/surveys/{survey}/waves/1", "/surveys/{survey}/try",
    "/surveys/{survey}/settings", "/s/{key}", "/s/{key}/stop",
    "/setup/?q=logo", "/setup/objects/", "/setup/objects/new", "/setup/objects/certification",
    "/setup/objects/partner/fields/new", "/setup/objects/deal/fields/new?kind=choice", "/setup/objects/partner/fields/{field}",
    "/setup/objects/partner/fields/{field}/kind?kind=text", "/setup/objects/deal/layout", "/records/certification/", "/records/certification/{record}", "/records/certification/new",
    "/setup/portals/", "/setup/portals/new?template=central", "/setup/portals/{portal}", "/setup/portals/{portal}/pages",
    "/setup/portals/{portal}/pages/help", "/setup/portals/{portal}/members", "/setup/portals/{portal}/apply", "/setup/portals/{portal}/publish",
    "/applications/", "/applications/{application}", "/setup/audit", "/setup/access", "/profile/tokens", "/profile/two-step",
]  # fmt: skip
OPENED = [
    "/partners/ [popovertarget=filters]", "/partners/ [popovertarget=columns]", "/partners/ [popovertarget=exports]",
    "/deals/ [data-palette]", "/deals/ .menu-btn", "/reports/{report} [popovertarget=pdf-menu]",
]  # fmt: skip
PARTNER = ["/", "/pages/help", "/deals/new", "/records/certification/{record}", "/partners/{acme}", "/deals/", "/contacts/{contact}", "/people/", "/profile", "/reports/", "/reports/{report}", "/dashboards/{board}"]


@pytest.fixture
def paths(make, acme, ada, mia, sam):
    """Addresses in which a name may stand for an id, over rows with names as people really have them."""
    from prm.partners import services

    make.stages()
    make.tier("Gold")
    long = make.partner(LONG[:200].strip(), territory=LONG[:80].strip(), tier="Gold")
    make.partner(RTL)
    make.custom_field("employees", "number")
    deal = make.deal(LONG[:200].strip(), partner=acme, owner=ada.contact)
    services.edit_partner(sam, acme, {"type": "Reseller", "tier": make.tier("Gold").id})
    question = {"rows": [{"field": "partner"}, {"field": "stage"}], "measures": [{"key": "n", "fn": "count"}], "filters": [{"field": "stage", "op": "is", "value": "Won"}],
                "chart": {"kind": "stacked"}}  # fmt: skip
    marks = [{"key": "n", "op": "below", "value": "9", "tone": "bad", "word": "Few"}]
    report = make.report("Deals", question, sharing="partners", owner=sam, open=[1], highlights=marks)
    board = make.dashboard("Sales", report, sharing="partners", owner=sam)
    survey, key = _survey(sam, ada)
    ids = _shaped(make, sam, acme) | {"survey": survey, "key": key, "board": board.id, "report": report.id, "acme": acme.id, "deal": deal.id, "contact": ada.contact_id, "ada": ada.id, "long": long.id}
    return lambda templates: [path.format(**ids) for path in templates]


def _shaped(make, sam, acme) -> dict[str, int]:
    """An object of one's own with a record, a live portal of which Acme is a member, and somebody who wants to be a partner."""
    from prm.models import Application, CustomField, Portal
    from prm.portals import services

    certification = make.custom_object()
    make.custom_field("level", "choice", object="certification", audience="partner", choices=[["a", "Associate", "info"], ["e", "Expert", "good"]], section="Result")
    record = make.record(LONG[:150], object=certification, partner=acme, custom={"level": "e"})
    portal = services.make(sam, "central", "Kestrel Partner Central", "central")
    services.ask_applicants(sam, portal, {"open": True, "intro": "Sell **with** us.", "fields": ["website"]})
    services.publish(sam, Portal.get())
    application = Application.create(portal=portal, company=LONG[:150], contact="Bo", email="bo@initech.example", values={"website": "https://initech.example"}, message="Hello")
    return {"record": record.id, "portal": portal.id, "application": application.id, "field": CustomField.get(CustomField.key == "employees").id}


def _survey(sam, ada) -> tuple[int, str]:
    """One that Ada has been asked in, with an answer by its open link."""
    from prm.surveys import sending, services
    from prm.surveys.content import Content
    from prm.surveys.ready import ready_one
    from prm.surveys.sitting import saved_wave
    from prm.surveys.storing import store

    survey = services.make(sam, ready_one("satisfaction").content)
    order = sending.Order({"contacts": [ada.contact_id]}, "How are we doing?", "{link}", ask="nps")
    wave = sending.send(sam, survey, order)
    survey = type(survey).get_by_id(survey.id)
    answers = {"nps": 9, "why": "Good people", "drivers": {"r1": "c4"}, "help": ["c1", "c2"], "ease": 5}
    store(saved_wave(survey), survey.version, "en", answers, content=Content.parse(survey.content))
    return survey.id, sending.key_of(wave, ada.contact_id)


@pytest.fixture
def looked_at(chromium, live_server, app):
    """`looked_at(sam, ["/"], "dark", 360)`: what is wrong on each page, as one line each."""
    from flask.sessions import SecureCookieSessionInterface

    from prm.access import sessions

    axe = Axe()

    def look(person, paths, scheme, width):
        touch = width < 500
        context = chromium.new_context(
            base_url=live_server, color_scheme=scheme, reduced_motion="reduce", has_touch=touch, is_mobile=touch,
            viewport={"width": width, "height": 800},
        )  # fmt: skip
        if person is not None:
            value = SecureCookieSessionInterface().get_signing_serializer(app).dumps({sessions.KEY: sessions.begin(person)})
            context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": live_server}])
        page, wrong = context.new_page(), []
        page.set_default_timeout(10_000)
        for path in paths:
            path, _, opened = path.partition(" ")  # "/partners/ [popovertarget=filters]" looks at what that button opens
            page.goto(path)
            if opened:
                page.click(opened)
            wrong += [f"{path} {scheme} {width}: {problem}" for problem in _problems(axe, page)]
        context.close()
        return wrong

    return look


def _problems(axe, page):
    found = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    said = [f"{rule['id']} at {node['target']}: {node['html'][:160]}" for rule in found for node in rule["nodes"][:2]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return said + ([f"{wide} px wider than the screen"] if wide > 0 else [])


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_pages_of_an_admin_can_be_used_by_everybody(looked_at, paths, sam, scheme, width):
    assert looked_at(sam, paths(STAFF), scheme, width) == []


def test_and_so_can_the_pages_seen_less_often(looked_at, paths, sam):
    assert looked_at(sam, paths(OTHERS), "dark", 360) == []


def test_and_so_can_what_opens_over_a_page(looked_at, paths, sam):
    assert looked_at(sam, paths(OPENED), "dark", 360) == []


def test_and_so_can_the_pages_before_signing_in(looked_at, paths):
    assert looked_at(None, paths(["/sign-in", "/p/central/", "/p/central/apply", "/p/central/apply?sent=1"]), "dark", 360) == []


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_pages_of_a_partner_can_be_used_by_everybody(looked_at, paths, ada, scheme, width):
    assert looked_at(ada, paths(PARTNER), scheme, width) == []
