"""Portals: made from a template, shaped as a draft, published as one, entered by members, and nothing but a look."""
import io
import re

import pytest
from PIL import Image

from prm.access.portals import Content, fits, members
from prm.core.errors import Invalid
from prm.models import Activity, Mail, Organisation, Partner, Person, Portal, PortalPicture, PortalVersion
from prm.portals import services
from prm.portals.content import ENTRIES, SECTIONS, TEMPLATES
from prm.portals.writing import written
from prm.ui.portal import HOME


def picture(size=(40, 20), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "#0a7d4f").save(out, kind)
    return out.getvalue()


def posted(client, path, fields, **files):
    """A form with files, as bytes: the test client would keep a large one open."""
    edge, parts = "edge", []
    for name, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    for name, (data, filename) in files.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: image/png\r\n\r\n'.encode() + data)
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={edge}")


BRAND = {"name": "Kestrel Gold", "slug": "gold", "host": "", "colour": "#0a7d4f", "welcome": "Dear **partners**"}


@pytest.fixture
def portal(database, make, sam, acme, globex):
    """Live, for Gold partners only: Acme is one, Globex is not."""
    acme.tier, globex.tier = make.tier("Gold"), make.tier("Silver")
    acme.save(), globex.save()
    made = services.make(sam, "central", "Kestrel Gold", "gold")
    services.brand(sam, made, BRAND)
    services.choose_members(sam, made, {"statuses": [], "tiers": [acme.tier_id], "types": [], "partners": []})
    return services.publish(sam, made)


def test_every_section_and_entry_of_a_template_exists():
    assert tuple(SECTIONS) == HOME and len(TEMPLATES) >= 4
    for template in TEMPLATES.values():
        own = {f"page:{slug}" for slug, _, _ in template.pages}
        assert set(template.menu) <= set(ENTRIES) | own and set(template.home) <= set(SECTIONS)
    assert len({(t.menu, t.home) for t in TEMPLATES.values()}) == len(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_portal_of_each_template_is_made_published_and_entered(database, make, sam, ada, sign_in, template):
    client = sign_in(sam)
    shown = client.get(f"/setup/portals/new?template={template}").text
    assert all(each.name in shown for each in TEMPLATES.values())
    made = client.post("/setup/portals/new", data={"template": template, "name": "Our partners"})
    assert "only staff see" in client.get(made.location).text and sign_in(ada).get("/p/our-partners/").status_code == 404
    client.post(made.location + "/do/publish")
    member = sign_in(ada)
    assert member.get("/p/our-partners/").location == "/"
    home = member.get("/").text
    assert "Our partners" in home
    menu = re.findall(r'href="([^"]+)" data-key', home)
    wanted = [key for key in TEMPLATES[template].menu if key not in ("records", "reports", "dashboards")]
    assert [m for m in menu if not m.startswith(("/reports", "/dashboards"))][0] == "/" and len(menu) >= len(wanted)
    for slug, title, _ in TEMPLATES[template].pages:
        assert f"<h1>{title}</h1>" in member.get(f"/pages/{slug}").text


def test_only_members_enter(portal, ada, grace, sign_in, client):
    assert sign_in(ada).get("/p/gold/").location == "/"
    assert sign_in(grace).get("/p/gold/").status_code == 404
    assert sign_in(grace).get("/pages/help").status_code == 404 and "Kestrel Gold" not in sign_in(grace).get("/").text
    assert client.get("/p/nothing/").status_code == 404


def test_a_member_finds_its_look_its_menu_and_its_words(portal, ada, sign_in):
    home = sign_in(ada).get("/").text
    assert "Kestrel Gold" in home and "/theme.css?c=0a7d4f" in home and "Dear <strong>partners</strong>" in home
    assert "0a7d4f" in sign_in(ada).get(re.search(r'"(/theme.css[^"]+)"', home)[1].replace("&amp;", "&")).text


def test_it_shows_nobody_what_they_may_not_see(portal, make, ada, globex, sign_in):
    deal = make.deal("Globex deal", partner=globex)
    client = sign_in(ada)
    client.get("/p/gold/")
    assert client.get(f"/deals/{deal.id}").status_code == 404 and client.get("/setup/").status_code == 403


def test_its_sign_in_page_is_at_its_own_address_and_carries_its_look(portal, make, acme, client):
    from tests.accounts.doing import PASSWORD

    person = make.person("Ina Lang", role="executive", partner=acme, password=PASSWORD, email="ina@acme.example")
    shown = client.get("/p/gold/").text
    assert "Sign in to Kestrel Gold" in shown and "/theme.css?c=0a7d4f" in shown
    wrong = client.post("/p/gold/", data={"email": person.email, "password": "wrong"})
    assert wrong.status_code == 422 and "Kestrel Gold" in wrong.text
    entered = client.post("/p/gold/", data={"email": person.email, "password": PASSWORD})
    assert entered.status_code == 303 and "Kestrel Gold" in client.get("/").text


def test_a_paused_one_shows_its_page_and_staff_still_get_in(portal, ada, sam, sign_in, client):
    setup = sign_in(sam)
    setup.post(f"/setup/portals/{portal.id}/do/pause")
    member = sign_in(ada)
    for path in ("/", "/deals/", "/search/?q=x"):
        answer = member.get(path)
        assert answer.status_code == 503 and "is closed for a while" in answer.text
    assert client.get("/p/gold/").status_code == 503
    assert setup.get("/deals/").status_code == 200
    assert member.post("/sign-out").status_code == 303
    setup.post(f"/setup/portals/{portal.id}/do/resume")
    assert sign_in(ada).get("/").status_code == 200


def test_whoever_is_in_several_switches(portal, sam, ada, grace, sign_in):
    other = services.publish(sam, services.make(sam, "minimal", "Kestrel Small", "small"))
    client = sign_in(ada)
    first = client.get("/").text
    assert "Kestrel Gold" in first and "Kestrel Small" in first and "Other portals" in first
    assert client.post("/portal", data={"slug": "small"}).status_code == 303
    assert '<span class="bt">Kestrel Small</span>' in client.get("/").text
    assert client.post("/portal", data={"slug": "nothing"}).status_code == 404
    assert "Other portals" not in sign_in(grace).get("/").text and sign_in(grace).post("/portal", data={"slug": "gold"}).status_code == 404
    services.pause(sam, other, True)
    assert '<span class="bt">Kestrel Gold</span>' in sign_in(ada).get("/").text  # a live one comes first


def test_a_change_is_seen_once_it_is_published(portal, sam, ada, sign_in):
    client, member = sign_in(sam), sign_in(ada)
    client.post(f"/setup/portals/{portal.id}", data=BRAND | {"welcome": "New words"})
    client.post(f"/setup/portals/{portal.id}/pages/new", data={"title": "Price list", "text": "# Prices"})
    assert "New words" not in member.get("/").text and member.get("/pages/price-list").status_code == 404
    shown = client.get(f"/setup/portals/{portal.id}/publish").text
    assert "Welcome text changed" in shown and "Page “Price list” is new" in shown and "Menu changed" in shown
    client.post(f"/setup/portals/{portal.id}/do/publish")
    assert "New words" in member.get("/").text and "<h2>Prices</h2>" in member.get("/pages/price-list").text
    assert "Nothing: the draft is what is published." in client.get(f"/setup/portals/{portal.id}/publish").text


def test_it_is_rolled_back_as_a_new_version(portal, sam, ada, sign_in):
    client = sign_in(sam)
    services.brand(sam, portal, BRAND | {"welcome": "Second"})
    services.publish(sam, Portal.get_by_id(portal.id))
    client.post(f"/setup/portals/{portal.id}/versions/1")
    assert "Dear <strong>partners</strong>" in sign_in(ada).get("/").text
    assert [v.number for v in PortalVersion.select().order_by(PortalVersion.number)] == [1, 2, 3] and Portal.get().number == 3
    assert client.post(f"/setup/portals/{portal.id}/versions/9").status_code == 404


def test_a_draft_can_be_given_up(portal, sam):
    services.brand(sam, portal, BRAND | {"welcome": "Second"})
    services.discard(sam, Portal.get())
    assert Portal.get().draft == Portal.get().published


def test_the_draft_is_previewed_as_a_member_of_a_role(portal, sam, ada, make, acme, sign_in):
    make.deal("Acme deal", partner=acme)
    services.brand(sam, portal, BRAND | {"welcome": "Draft words"})
    client = sign_in(sam)
    assert client.post(f"/setup/portals/{portal.id}/preview", data={"role": "executive"}).location == "/"
    seen = client.get("/").text
    assert "Draft words" in seen and "in the draft of the portal Kestrel Gold" in seen and "Draft words" not in sign_in(ada).get("/").text
    assert client.post("/portal", data={"slug": "gold"}).status_code == 403
    client.post("/people/stop-viewing")
    assert "Draft words" not in client.get("/").text
    none = client.post(f"/setup/portals/{portal.id}/preview", data={"role": "member"})
    assert none.status_code == 422 and "there is no member yet" in none.text


@pytest.mark.parametrize(("rule", "names"), [
    ({}, ["Acme", "Globex", "Initech"]), ({"statuses": ["active"]}, ["Acme", "Globex"]), ({"types": ["Agent"]}, ["Globex"]),
    ({"statuses": ["active"], "types": ["Agent"]}, ["Globex"]), ({"tiers": "Gold"}, ["Acme"]), ({"partners": "Initech"}, ["Initech"]),
    ({"types": ["Agent"], "partners": "Initech"}, ["Globex", "Initech"]), ({"types": ["Nobody"]}, []),
])  # fmt: skip
def test_who_is_a_member(database, make, rule, names):
    make.partner("Acme", tier="Gold", type="Reseller")
    make.partner("Globex", type="Agent")
    make.partner("Initech", status="ended", tier="Silver")
    rule = dict(rule)
    if "tiers" in rule:
        rule["tiers"] = [make.tier("Gold").id]
    if "partners" in rule:
        rule["partners"] = [Partner.get(Partner.name == rule["partners"]).id]
    content = Content(members=rule)
    assert [p.name for p in Partner.select().where(members(content)).order_by(Partner.name)] == names
    assert sorted(p.name for p in Partner.select() if fits(content, p)) == names, "the same for one in memory"


def test_how_many_are_members_is_told_while_one_chooses(portal, sam, acme, sign_in):
    client = sign_in(sam)
    told = client.get(f"/setup/portals/{portal.id}/members?count=1&statuses=active", headers={"HX-Request": "true"}).text
    assert "<b>2</b> partners are members" in told and Portal.get().draft["members"]["tiers"] == [acme.tier_id]
    refused = client.post(f"/setup/portals/{portal.id}/members", data={"partners": "Nobody Ltd"})
    assert refused.status_code == 422 and "There is no partner “Nobody Ltd”." in refused.text


def test_the_menu_and_the_home_page_are_put_in_order(portal, sam, ada, sign_in):
    client = sign_in(sam)
    sent = {"order.menu": ["home", "surveys", "deals", "contacts"], "menu": ["home", "surveys", "deals"], "order.home": ["news", "figures"], "home": ["figures"]}
    client.post(f"/setup/portals/{portal.id}/navigation", data=sent | {"move": "menu/deals|up"})
    assert Portal.get().draft["menu"] == ["home", "deals", "surveys"] and Portal.get().draft["home"] == ["figures"]
    client.post(f"/setup/portals/{portal.id}/navigation", data={"order.menu": ["deals"], "menu": ["deals"]})
    assert Portal.get().draft["menu"] == ["home", "deals"], "everybody arrives at home"
    services.publish(sam, Portal.get())
    assert re.findall(r'href="([^"]+)" data-key', sign_in(ada).get("/").text) == ["/", "/deals/"]


# ── mails and papers ──


def test_mails_and_the_pdf_carry_its_brand(portal, make, sam, ada, grace, acme, globex, sign_in):
    from prm.access import invites
    from prm.models import Role

    for partner in (acme, globex):
        contact = make.contact(f"New {partner.name}", partner=partner, email=f"new@{partner.name.lower()}.example")
        invites.enable_contact(sam, contact, Role.MEMBER)
    texts = {mail.to: f"{mail.subject} {mail.text}" for mail in Mail.select()}
    assert "Kestrel Gold" in texts["new@acme.example"]
    assert "Kestrel Gold" not in texts["new@globex.example"] and "Kestrel" in texts["new@globex.example"]
    assert Organisation.current().name == "Kestrel"


def test_the_scorecard_a_member_downloads_carries_its_brand(portal, make, sam, ada, acme, sign_in):
    import pypdf

    from prm.kpis.refreshing import compute_all
    from prm.models import Scorecard
    from prm.scorecards.services import publish

    make.kpi(target=500)
    make.deal(partner=acme)
    compute_all()
    card = Scorecard.get(Scorecard.partner == acme)
    publish(sam, card)
    answer = sign_in(ada).get(f"/scorecards/{card.id}/scorecard.pdf")
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    assert "Kestrel Gold" in words


def test_a_survey_page_and_its_letter_carry_its_brand(portal, make, sam, acme, globex, client):
    from prm.surveys import sending
    from prm.surveys import services as surveys
    from prm.surveys.ready import ready_one

    contacts = [make.contact(name, partner=partner, email=f"{name.lower()}@x.example") for name, partner in (("Ann", acme), ("Gus", globex))]
    survey = surveys.make(sam, ready_one("satisfaction").content)
    wave = sending.send(sam, survey, sending.Order({"contacts": [c.id for c in contacts]}, "How is {organisation}?", "{link}"))
    from prm.core.jobs import run_once

    while run_once():
        pass
    subjects = {mail.to: mail.subject for mail in Mail.select()}
    assert subjects == {"ann@x.example": "How is Kestrel Gold?", "gus@x.example": "How is Kestrel?"}
    assert "Kestrel Gold" in client.get(f"/s/{sending.key_of(wave, contacts[0].id)}").text
    assert "Kestrel Gold" not in client.get(f"/s/{sending.key_of(wave, contacts[1].id)}").text


# ── bad input ──


@pytest.mark.parametrize(("change", "said"), [
    ({"colour": "red;}"}, "A colour looks like #4f46e5."), ({"name": " "}, "A name is needed."), ({"slug": "Gold Partners!"}, "small letters, digits and dashes"),
    ({"slug": "-"}, "small letters"), ({"slug": "small"}, "There is a portal at /p/small/ already."), ({"host": "nonsense"}, "A host name looks like"),
    ({"logo": (b"<svg onload=alert(1)>", "a.svg")}, "no PNG, JPEG or WebP"), ({"logo": (b"x" * 300_000, "a.png")}, "at most 200"),
    ({"cover": (b"%PDF-1.4", "a.png")}, "no PNG, JPEG or WebP"),
])  # fmt: skip
def test_a_brand_that_cannot_be_is_refused_and_nothing_is_lost(portal, sam, sign_in, change, said):
    services.make(sam, "minimal", "Small", "small")
    before = Portal.get_by_id(portal.id).draft
    files = {key: value for key, value in change.items() if isinstance(value, tuple)}
    fields = BRAND | {"welcome": "Other"} | {key: value for key, value in change.items() if key not in files}
    answer = posted(sign_in(sam), f"/setup/portals/{portal.id}", fields, **files)
    assert answer.status_code == 422 and said in answer.text and "Other" in answer.text
    assert Portal.get_by_id(portal.id).draft == before and Portal.get_by_id(portal.id).slug == "gold"


def test_a_picture_of_30_mb_is_refused_with_a_sentence(portal, sam, sign_in):
    answer = posted(sign_in(sam), f"/setup/portals/{portal.id}/pictures", {}, picture=(b"\x89PNG\r\n\x1a\n" + b"0" * (30 * 2**20), "big.png"))
    assert answer.status_code == 413 and "too large" in answer.text.lower() and not PortalPicture.select().exists()


def test_a_colour_on_which_nothing_is_read_gets_the_nearest_that_passes(portal, sam, sign_in):
    services.brand(sam, portal, BRAND | {"colour": "#7d7d7d"})
    shown = sign_in(sam).get(f"/setup/portals/{portal.id}").text
    nearest = re.search(r'name="colour" value="(#[0-9a-f]{6})"', shown)[1]
    from prm.ui.theme import readable

    assert "4.5 are needed" in shown and readable("#7d7d7d")[0] < 4.5 <= readable(nearest)[0]
    assert "Text on it is read well" in sign_in(sam).get(f"/setup/portals/{services.brand(sam, portal, BRAND | {'colour': nearest}).id}").text


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://evil.example/p.png)", "<img src=x onerror=alert(1)>", "![x](/logo)",
    "<div hx-get=/sign-out>", "![x](/pages/pictures/1/../../sign-out)",
])  # fmt: skip
def test_a_page_cannot_do_anything(text):
    html = str(written(text))
    assert "<script" not in html and "href=\"javascript:" not in html and "<div" not in html
    assert not re.search(r"<img[^>]*src=", html) and not re.search(r"<[^>]*onerror", html)


def test_a_picture_of_the_portal_stands_on_its_pages(portal, sam, ada, grace, sign_in):
    client = sign_in(sam)
    posted(client, f"/setup/portals/{portal.id}/pictures", {"slug": "help"}, picture=(picture(), "shop.png"))
    row = PortalPicture.get()
    assert f"![shop.png](/pages/pictures/{row.id})" in client.get(f"/setup/portals/{portal.id}/pages/help").text
    assert f'<img src="/pages/pictures/{row.id}" alt="Shop">' in str(written(f"![Shop](/pages/pictures/{row.id})"))
    assert sign_in(ada).get(f"/pages/pictures/{row.id}").status_code == 404, "no page that is published shows it yet"
    client.post(f"/setup/portals/{portal.id}/pages/help", data={"title": "Help", "text": f"![Shop](/pages/pictures/{row.id})"})
    services.publish(sam, Portal.get())
    with sign_in(ada).get(f"/pages/pictures/{row.id}") as answer:
        assert answer.mimetype == "image/png" and answer.data == picture()
    assert sign_in(grace).get(f"/pages/pictures/{row.id}").status_code == 404
    assert sign_in(ada).get("/pages/pictures/99999999999").status_code == 404


def test_a_page_is_looked_at_before_it_is_saved_and_taken_away(portal, sam, sign_in):
    client = sign_in(sam)
    seen = client.post(f"/setup/portals/{portal.id}/pages/help", data={"title": "Help", "text": "Call **us**", "look": "1"}).text
    assert "Call <strong>us</strong>" in seen and "Call" not in Portal.get().draft["pages"][0]["text"]
    client.post(f"/setup/portals/{portal.id}/pages/help/remove")
    assert Portal.get().draft["pages"] == [] and "page:help" not in Portal.get().draft["menu"]


def test_only_an_admin_shapes_portals(portal, mia, ada, sign_in):
    for person in (mia, ada):
        client = sign_in(person)
        assert client.get("/setup/portals/").status_code == 403 and client.post(f"/setup/portals/{portal.id}/do/publish").status_code == 403


def test_a_template_that_does_not_exist_is_refused(database, sam):
    with pytest.raises(Invalid):
        services.make(sam, "spaceship", "X")


def test_all_that_was_done_stands_in_the_audit_trail(portal, sam):
    services.pause(sam, portal, True)
    assert [a.verb for a in Activity.select().where(Activity.subject == "portal").order_by(Activity.id)] == [
        "portal.created", "portal.changed", "portal.changed", "portal.published", "portal.paused",
    ]  # fmt: skip
    assert Person.select().exists()


def test_a_host_name_of_its_own_leads_to_its_sign_in_page_and_into_it(portal, sam, ada, sign_in, client, app, monkeypatch):
    services.publish(sam, services.make(sam, "minimal", "Kestrel Small", "small"))
    services.brand(sam, Portal.get(Portal.slug == "small"), BRAND | {"name": "Kestrel Small", "slug": "small", "host": "Small.Example"})
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["localhost", "small.example"])
    assert "Sign in to Kestrel Small" in client.get("/sign-in", base_url="http://small.example").text
    assert "Sign in to Kestrel Small" not in app.test_client().get("/sign-in").text
    member = app.test_client()
    with member.session_transaction(base_url="http://small.example") as cookie:
        from prm.access import sessions

        cookie[sessions.KEY] = sessions.begin(ada)
    assert '<span class="bt">Kestrel Small</span>' in member.get("/", base_url="http://small.example").text
    taken = sign_in(sam).post(f"/setup/portals/{portal.id}", data=BRAND | {"host": "small.example"})
    assert taken.status_code == 422 and "Another portal has this host name." in taken.text
