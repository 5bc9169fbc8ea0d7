"""A row of another company is not there, in no form: for every route, for Acme's people and Acme's manager, with the ids,
numbers, names and addresses of Globex. Routes, parameters, forms, fields and lists are found, not named.
"""
import re
from html import unescape
from itertools import product
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from prm.models import TABLES, Mail, Person
from tests.contracts import world
from tests.contracts.pages import forms, read
from tests.contracts.portal import HTMX, text_of
from tests.contracts.routes import ROOT, routes, wordings
from tests.contracts.world import FOREIGN, GLOBEX, OWN

IDS = (FOREIGN, world.UNKNOWN, 10**19, 0)
# What one may type to mean a row of Globex: its id, its number, its name, the address of its people.
TYPED = (str(FOREIGN), f"{GLOBEX}-NO", f"{GLOBEX} Ltd", f"grace@{GLOBEX.lower()}.example")
SECRETS = {"mia": (GLOBEX,)}
PARTNER_SECRETS = (GLOBEX, world.STAFF_ONLY, world.DRAFT)
PARAMETER = re.compile(r"""(?:args|form|values)(?:\.get(?:list)?\(|\[)\s*["']([\w.-]+)["']""")


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
def worded(portal):
    """[(route, words)]: every route in every way that leads somewhere."""
    return [(route, words) for route in routes(portal.app) for words in _words(portal, route)]


def _words(portal, route) -> list[tuple]:
    return sorted({*wordings(portal, route, FOREIGN), *wordings(portal, route, OWN)})


@pytest.fixture(scope="module")
def own_pages(portal, worded):
    """Addresses of every page that is Acme's, or of nobody."""
    return [route.address((OWN,) * len(route.numbers), words) for route, words in worded if route.gets]


# ── ids in the address ──


def strange(route, words) -> list[tuple[str, bool]]:
    """Addresses in which one id or all are not one's own."""
    count = len(route.numbers)
    ids = {(id,) * count for id in IDS}
    ids |= {(OWN,) * at + (id,) + (OWN,) * (count - at - 1) for at, id in product(range(count), IDS)}
    return [route.address(each, words) for each in sorted(ids)] if count else []


@pytest.mark.parametrize("name", world.STRANGERS)
def test_a_strangers_id_is_not_found(portal, worded, own_forms, name):
    """404 for a page, a block, HEAD and POST alike, with or without a body that would do for one's own row, or 403 where
    the role may not at all; nothing changes."""
    person, wrong, cells = viewer(name), [], 0
    bodies = {form.action: form.data() for form in own_forms(name)}
    for route, words in worded:
        code, body = 404 if route.allows(person) else 403, bodies.get(route.address((OWN,) * len(route.numbers), words))
        for address, method, headers in product(strange(route, words), route.verbs, ({}, HTMX)):
            for data in [None] if body is None or method != "POST" else [None, body]:
                answer = portal.ask(name, address, method, headers=headers, data=data)
                cells += 1
                if answer.status_code != code or leaks(answer, name) or portal.changed():
                    wrong.append((answer.status, method, address, leaks(answer, name), portal.changed()))
                portal.back()
    assert not wrong, wrong
    assert cells > 300


def test_the_ids_that_strangers_try_are_there_for_an_admin(portal, worded):
    """Else the matrix would prove nothing: every route with an id finds a row 77, or 11 where rows belong to nobody."""
    lost = []
    for route, words in worded:
        found = set()
        for id in (FOREIGN, OWN, FOREIGN + 1, OWN + 1) if route.numbers else ():
            address = route.address((id,) * len(route.numbers), words)
            found |= {portal.ask("sam", address, method).status_code for method in route.methods}
            portal.back()
        if route.numbers and not found - {404}:
            lost.append(route.rule)
    assert not lost, lost


# ── what is typed, chosen or added to an address ──


def parameters(folder) -> set[str]:
    """The names that a feature reads from an address or a form."""
    return {name for path in folder.rglob("*.py") for name in PARAMETER.findall(path.read_text())}


@pytest.mark.parametrize("name", world.STRANGERS)
def test_no_parameter_leads_to_a_stranger(portal, worded, name):
    """Every name that the code reads from addresses, with everything that could mean Globex: all at once, and those of
    the feature one by one."""
    everywhere, wrong = parameters(ROOT / "prm"), []
    for route, words in worded:
        if not route.gets or not route.allows(viewer(name)):
            continue
        address = route.address((OWN,) * len(route.numbers), words)
        folder = ROOT / portal.app.view_functions[route.endpoint].__module__.rpartition(".")[0].replace(".", "/")
        queries = [dict.fromkeys(everywhere - {"format", "next"}, typed) for typed in TYPED]
        queries += [{one: typed} for one in parameters(folder) for typed in TYPED[:2]]
        for query in queries:
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


@pytest.fixture(scope="module")
def own_forms(portal, own_pages):
    """`own_forms(mia)`: every form that her own pages offer her."""

    def of(name: str):
        found = {}
        for page in own_pages:
            answer = portal.ask(name, page)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                for form in forms(answer.text, page):
                    if form.method == "post":
                        found[form.action, tuple(form.names)] = form
        return list(found.values())

    return of


class Belongings:
    """What is Globex's, what leads to it, and what was written to its people, compared with how it was."""

    def __init__(self, portal):
        self.portal = portal
        self.rows, self.led, self.mails = self._rows(), self._led(), Mail.select().count()

    def hurt(self) -> str:
        """In a word, what happened to them; empty while all is well."""
        if not self.portal.changed():
            return ""
        if not self.rows <= self._rows():
            return "changed"
        if self._led() != self.led:
            return "led to"
        written_to = Mail.select().where(Mail.to.contains(GLOBEX) & (Mail.id > FOREIGN))
        return "written to" if written_to.exists() else ""

    def _rows(self) -> set:
        return {(name, *row) for name in self.portal.tables for row in self.portal.rows(name) if row[0] in (FOREIGN, FOREIGN + 1)}

    def _led(self) -> list:
        return [table.select().where(column == FOREIGN).count() for table in TABLES for column in _leading(table)]


def _leading(table) -> list:
    return [f for f in table._meta.sorted_fields if hasattr(f, "rel_model") or f.name in ("partner_id", "person_id")]


@pytest.mark.parametrize("name", [*world.STRANGERS, "ann"])
def test_no_form_field_takes_a_stranger(portal, own_forms, name):
    """Each field of each form one is offered, with everything that could mean Globex: nothing of Globex is changed,
    led to, told or written to."""
    globex, wrong = Belongings(portal), []
    for form in own_forms(name):
        for field, typed in product(form.names, TYPED):
            if form.action == "/forgot":  # anybody may ask for anybody: the mail goes to them alone
                continue
            answer = portal.ask(name, form.action, "POST", data=form.data(**{field: typed}))
            told = leaks(answer, name, typed) if name != "ann" else []
            if answer.status_code >= 500 or told or globex.hurt():
                wrong.append((answer.status, form.action, field, typed, told, globex.hurt()))
            portal.back()
    assert not wrong, wrong
