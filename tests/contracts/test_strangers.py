"""A row of another company is not there, in no form: for every route, for Acme's people and Acme's manager, with the ids,
numbers, names and addresses of Globex. Routes, parameters, forms, fields and lists are found, not named.
"""
import re
from html import unescape
from itertools import cycle, product, repeat
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from prm.catalogue.objects import OBJECTS
from prm.models import Person
from prm.settings import ROOT
from tests import proof
from tests.contracts import world
from tests.contracts.pages import Form, forms, read
from tests.contracts.portal import HTMX, Belongings, text_of
from tests.contracts.routes import worded
from tests.contracts.world import FOREIGN, GLOBEX, OWN

REFUSED = (301, 303, 308, 400, 403, 404, 405)
NUMBER = f"{world.MARK[GLOBEX]}-"
IDS = (FOREIGN, world.UNKNOWN, 10**19, 0)
# What one may type to mean a row of Globex: its id, its number, its name, the address of its people.
TYPED = (str(FOREIGN), f"{NUMBER}{FOREIGN}", f"{GLOBEX} Ltd", f"grace@{GLOBEX.lower()}.example")
SECRETS = {"mia": (GLOBEX, NUMBER)}
PARTNER_SECRETS = (GLOBEX, NUMBER, world.STAFF_ONLY, world.DRAFT)
PARAMETER = re.compile(r"""(?:args|form|values)(?:\.get(?:list)?\(|\[)\s*["']([\w.-]+)["']""")

LINKS = {f.key for obj in OBJECTS for f in obj.fields if f.link} | {"email", "fixed-value"}


def leaks(answer, name: str, *typed: str) -> list[str]:
    """The secrets of others that an answer has; what was typed by oneself and is said again gives nothing away."""
    text = unquote_plus(unescape(text_of(answer))).lower()
    for words in typed:
        for said_again in (words, words.replace(" ", "_"), words.rpartition(".")[0]):
            text = text.replace(said_again.lower(), "") if said_again else text
    return [secret for secret in SECRETS.get(name, PARTNER_SECRETS) if secret.lower() in text]


def viewer(name: str) -> Person:
    return Person.get(Person.email.startswith(f"{name}@"))


@pytest.fixture(scope="module")
def every_route(portal):
    return worded(portal)


@pytest.fixture(scope="module")
def own_pages(portal, every_route):
    """Addresses of every page that is Acme's, or of nobody."""
    return [route.address((OWN,) * len(route.numbers), words) for route, words in every_route if route.gets]


# ── ids in the address ──


def ways(route) -> list[tuple[str, dict]]:
    """As a page and as a part, and what comes with each GET."""
    return [*product(sorted(route.methods), ({}, HTMX)), *([("HEAD", {})] if route.gets else [])]


def strange(route, words) -> list[tuple[str, bool]]:
    """Addresses in which one id or all are not one's own."""
    count = len(route.numbers)
    ids = {(id,) * count for id in IDS}
    ids |= {(OWN,) * at + (id,) + (OWN,) * (count - at - 1) for at, id in product(range(count), IDS)}
    return [route.address(each, words) for each in sorted(ids)] if count else []


@pytest.mark.parametrize("name", world.STRANGERS)
def test_a_strangers_id_is_not_found(portal, every_route, own_forms, name):
    """404 for a page, a block, HEAD and POST alike, with or without a body that would do for one's own row, or 403 where
    the role may not at all; nothing changes."""
    person, wrong, cells = viewer(name), [], 0
    bodies = {form.action: form.data() for form in own_forms(name)}
    for route, words in every_route:
        code, body = 404 if route.allows(person) else 403, bodies.get(route.address((OWN,) * len(route.numbers), words))
        for address, (method, headers) in product(strange(route, words), ways(route)):
            for data in [None] if body is None or method != "POST" else [None, body]:
                answer = portal.ask(name, address, method, headers=headers, data=data)
                cells += 1
                if answer.status_code != code or leaks(answer, name) or portal.changed():
                    wrong.append((answer.status, method, address, leaks(answer, name), portal.changed()))
                portal.back()
    assert not wrong, wrong
    assert cells > 300


# How else one might write an address that is not one's own, and get around what looks at it.
SPELLINGS = (
    lambda path, id: path.replace(id, f"0{id}"),
    lambda path, id: path.replace(id, "".join(f"%{ord(digit):02x}" for digit in id)),
    lambda path, id: path.replace(id, f"+{id}"),
    lambda path, id: path.replace(id, f"{id};x"),
    lambda path, id: path.replace(id, f"{id}.0"),
    lambda path, id: path.replace(id, f"{OWN}/../{id}"),
    lambda path, id: f"{path}/",
    lambda path, id: f"/{path}",
    lambda path, id: path.upper(),
    lambda path, id: f"{path}?id={OWN}&partner={OWN}",
    lambda path, id: f"{path}?_method=GET&format=csv",
    lambda path, id: f"/partners/{OWN}/..{path}",
)  # fmt: skip
GUISES = (HTMX, HTMX | {"HX-Boosted": "true"}, HTMX | {"HX-History-Restore-Request": "true"}, {"X-HTTP-Method-Override": "GET"})


@pytest.mark.parametrize("name", world.STRANGERS)
def test_no_spelling_of_a_strangers_address_is_answered(portal, every_route, name):
    """Every spelling in every guise in the long run; in each run every one of either."""
    wrong, cells = [], 0
    for route, words in every_route:
        plain = route.address((FOREIGN,) * len(route.numbers), words) if route.numbers else ""
        ways = product(SPELLINGS, GUISES, sorted(route.methods)) if proof.SECONDS else zip(SPELLINGS, cycle(GUISES), repeat("GET"))
        for spelled, headers, method in ways if plain else ():
            address = spelled(plain, str(FOREIGN))
            answer, cells = portal.ask(name, address, method, headers=headers), cells + 1
            if answer.status_code not in REFUSED or leaks(answer, name) or portal.changed():
                wrong.append((answer.status, method, address, leaks(answer, name), portal.changed()))
            portal.back()
    assert not wrong, wrong
    assert cells > 300
    proof.tell(f"{name}: {cells:,} other spellings of strangers' addresses, none answered")


def test_the_ids_that_strangers_try_are_there_for_whose_they_are(portal, every_route):
    """Else the matrix would prove nothing: every route with an id finds a row 77, or 11 where rows belong to nobody."""
    lost = []
    for route, words in every_route:
        found = set()
        for name, id in product(("sam", "nora", "grace"), (FOREIGN, OWN) if route.numbers else ()):
            address = route.address((id,) * len(route.numbers), words)
            found |= {portal.ask(name, address, method).status_code for method in route.methods}
            portal.back()
        if route.numbers and not found - {404}:
            lost.append(route.rule)
    assert not lost, lost


# ── what is typed, chosen or added to an address ──


def parameters(folder) -> set[str]:
    """The names that a feature reads from an address or a form."""
    return {name for path in folder.rglob("*.py") for name in PARAMETER.findall(path.read_text())}


@pytest.mark.parametrize("name", world.STRANGERS)
def test_no_parameter_leads_to_a_stranger(portal, every_route, name):
    """Every name that the code reads from addresses, with everything that could mean Globex: all at once, and those of
    the feature one by one."""
    everywhere, wrong = parameters(ROOT / "prm"), []
    for route, words in every_route:
        if not route.gets or not route.allows(viewer(name)):
            continue
        address = route.address((OWN,) * len(route.numbers), words)
        folder = ROOT / portal.app.view_functions[route.endpoint].__module__.rpartition(".")[0].replace(".", "/")
        queries = [dict.fromkeys(everywhere - {"format", "next"}, typed) for typed in TYPED]
        queries += [{one: TYPED[0]} for one in parameters(folder)]
        for query in queries[:1] if route.is_file else queries:
            answer = portal.ask(name, address, query_string=query)
            if answer.status_code >= 500 or leaks(answer, name, *query.values()):
                wrong.append((answer.status, address, query, leaks(answer, name, *query.values())))
    assert not wrong, wrong


@pytest.mark.parametrize("name", world.STRANGERS)
def test_no_link_leads_to_a_stranger(portal, own_pages, name):
    """Every link of every page of one's own: sorted, paged, in tabs, as files."""
    seen, open_ones, wrong = set(), list(own_pages), []
    while open_ones:
        address = open_ones.pop(0)
        if _shape(address) in seen:
            continue
        seen.add(_shape(address))
        answer = portal.ask(name, address)
        if answer.status_code >= 500 or leaks(answer, name):
            wrong.append((answer.status, address, leaks(answer, name)))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            open_ones += filter(None, map(_local, read(answer.text).all("a")))
    assert not wrong, wrong
    assert len(seen) > 40


def _shape(address: str) -> tuple:
    """Two sorts of one list are alike, two files or tabs are not."""
    query = parse_qs(urlsplit(address).query)
    return urlsplit(address).path, *sorted(query), *query.get("format", ()), *query.get("tab", ())


def _local(link) -> str:
    href = link.attrs.get("href", "")
    return href if href.startswith("/") and not href.startswith(("//", "/static/")) and not urlsplit(href).fragment else ""


# ── what is posted ──


@pytest.mark.parametrize("address", ["/contacts/new", "/contacts/enable", "/contacts/11/edit"])
def test_an_address_of_a_stranger_is_refused_without_a_word_about_them(portal, address):
    data = {"name": "Grace", "email": f"grace@{GLOBEX.lower()}.example", "role": "member"}
    answer = portal.ask("ada", address, "POST", data=data)
    assert answer.status_code == 422 and "This address cannot be used" in answer.text
    assert "contact has" not in answer.text and not portal.changed()


@pytest.fixture(scope="module")
def own_forms(portal, own_pages):
    """`own_forms(mia)`: every form that her own pages offer her."""

    def of(name: str):
        found = {}
        for page in own_pages:
            answer = portal.ask(name, page)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found |= {(form.action, *form.names): form for form in forms(answer.text, page) if form.method == "post"}
        portal.back()  # a page may have remembered how it was looked at
        return complete(list(found.values()))

    return of


def complete(found: list[Form]) -> list[Form]:
    """What an empty form lacks is taken from the others of its feature, so that it would be accepted: only then is a
    refusal telling."""
    known = {(form.feature, name): value for form in found for name, value in form.fields if value}
    for form in found:
        own = {"number": "New 1", "email": "new@acme.example"} if form.action.endswith("/new") else {}
        form.fields = [(name, value or own.get(name) or known.get((form.feature, name))) for name, value in form.fields]
    return found


def fields_of(form: Form) -> tuple:
    """The catalogue's fields of the object that this form makes or edits."""
    if form.action.endswith(("/new", "/edit")):
        return next((obj.fields for obj in OBJECTS if form.action.startswith(f"/{obj.plural.lower()}/")), ())
    return ()


@pytest.mark.parametrize("name", ["mia", "ada"])
def test_a_link_to_a_stranger_is_refused_and_one_to_oneself_is_not(portal, own_forms, name):
    """Every link of every form of the catalogue, with everything that could mean a row of Globex."""
    wrong, tried = [], 0
    for form in own_forms(name):
        links = [f.key for f in fields_of(form) if f.link and f.key in form.names and f.editable]
        sent = {"": form.data()} if links else {}
        sent |= {f"{link} {typed}": form.data(**{link: typed}) for link, typed in product(links, TYPED)}
        for which, data in sent.items():
            answer, tried = portal.ask(name, form.action, "POST", data=data), tried + 1
            if answer.status_code != (422 if which else 303) or (which and portal.changed()):
                wrong.append((answer.status, form.action, which))
            portal.back()
    assert not wrong, wrong
    assert tried >= (30 if name == "mia" else 0)


@pytest.mark.parametrize("name", [*world.STRANGERS, "ann"])
def test_no_form_field_takes_a_stranger(portal, own_forms, name):
    """Each field of each form one is offered, with everything that could mean Globex: nothing of Globex is changed,
    led to, told or written to."""
    globex, wrong = Belongings(portal), []
    for form in own_forms(name):
        for field, typed in product(form.names, TYPED):
            if form.action == "/forgot" or (field not in LINKS and typed != TYPED[0]):
                continue  # anybody may ask for a new password of anybody: the mail goes to them alone
            answer = portal.ask(name, form.action, "POST", data=form.data(**{field: typed}))
            told = leaks(answer, name, typed) if name != "ann" else []
            if answer.status_code >= 500 or told or globex.hurt():
                wrong.append((answer.status, form.action, field, typed, told, globex.hurt()))
            portal.back()
    assert not wrong, wrong
