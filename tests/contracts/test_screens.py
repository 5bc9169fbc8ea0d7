"""Every page there is, as an admin, a manager and an executive get it: its title and heading, a name for every control,
a token in every form, targets that exist, nothing a strict policy would refuse, and few queries however long it is.
"""
import ast
import re
from urllib.parse import urlsplit

import pytest

from prm.settings import ROOT
from prm.ui.headers import ALWAYS
from tests.contracts import world
from tests.contracts.pages import Node, read
from tests.contracts.portal import HTMX
from tests.contracts.routes import worded

WHO = ("sam", "mia", "ada")
NAMED = ("submit", "hidden", "button", "image", "reset")  # they need no label
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "form": "action", "use": "href", "object": "data"}
TARGETS = ("hx-target", "hx-include", "hx-select", "aria-controls", "popovertarget", "commandfor", "aria-labelledby", "aria-describedby", "list", "for", "form")
# Blocks that go into an element of another page: the palette of the shell, the datalist of an input.
ELSEWHERE = {("search/index.html", "found"), ("search/values.html", "options")}
LIST_OF_IDS = ("aria-labelledby", "aria-describedby", "aria-controls")


@pytest.fixture(scope="module")
def screens(portal):
    """{(who, address): the page as a tree}: every page, with the check of tokens on as in production."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(portal.app.config, "WTF_CSRF_ENABLED", True)
        for name in WHO:
            for route, words in worded(portal):
                address = route.address((world.OWN,) * len(route.numbers), words)
                answer = portal.ask(name, address) if route.gets and not route.is_file else None
                if answer and answer.status_code == 200 and answer.mimetype == "text/html" and answer.text.startswith("<!doctype"):
                    found[name, address] = read(answer.text)
        portal.back()
    return found


def test_each_of_them_has_pages(screens):
    for name in WHO:
        assert len([address for who, address in screens if who == name]) >= 12


def wrong(screens, check) -> list[tuple]:
    """(who, address, what) of everything that `check` finds on a page."""
    return [(*where, str(each)) for where, page in screens.items() for each in check(page)]


def test_every_page_has_a_title_of_its_own_and_one_heading(screens):
    def check(page: Node):
        titles = [node.text for node in page.all("title") if node.inside("svg") is None]
        if len(titles) != 1 or not titles[0].split("·")[0].strip():
            yield f"titles {titles}"
        headings = [node.text for node in page.all("h1")]
        if len(headings) != 1 or not headings[0]:
            yield f"h1 {headings}"

    found = wrong(screens, check)
    assert not found, found


def test_every_control_has_a_name(screens):
    def check(page: Node):
        fors = {node.attrs.get("for") for node in page.all("label")}
        for node in page.all("input", "select", "textarea"):
            called = node.attrs.get("aria-label") or node.attrs.get("aria-labelledby") or node.attrs.get("id") in fors
            around = node.inside("label")
            if node.attrs.get("type") not in NAMED and not called and not (around and around.text):
                yield node
        for node in page.all("button", "a"):
            pictures = [image.attrs.get("alt") for image in node.all("img")]
            if not (node.text or node.attrs.get("aria-label") or node.attrs.get("aria-labelledby") or any(pictures)):
                yield node

    found = wrong(screens, check)
    assert not found, found


def test_every_form_that_changes_something_carries_the_token(screens):
    def check(page: Node):
        for form in page.all("form"):
            tokens = [node for node in form.all("input") if node.attrs.get("name") == "csrf_token" and node.attrs.get("value")]
            if form.attrs.get("method", "get").lower() == "post" and len(tokens) != 1:
                yield f"{form} has {len(tokens)} tokens"
            if form.attrs.get("method", "get").lower() == "get" and tokens:
                yield f"{form} puts its token into the address"

    found = wrong(screens, check)
    assert not found, found


def test_ids_are_unique_and_what_points_to_one_finds_it(screens):
    def check(page: Node):
        ids = [node.attrs["id"] for node in page.all() if "id" in node.attrs]
        yield from {f"twice: {id}" for id in ids if ids.count(id) > 1}
        for node in page.all():
            if node.tag == "dialog" and not node.children:
                continue  # filled, title and all, when it opens
            for name in TARGETS:
                value = node.attrs.get(name, "")
                values = value.split() if name in LIST_OF_IDS else [value]
                if name.startswith("hx-"):
                    values = re.findall(r"(?:^|[\s,])#([\w-]+)", value)
                yield from (f"{name} {each} of {node}" for each in values if each and each not in ids)
            href = node.attrs.get("href", "") if node.tag == "a" else ""
            if href.startswith("#") and href[1:] not in ids:
                yield f"{node} leads nowhere"

    found = wrong(screens, check)
    assert not found, found


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(screens):
    def check(page: Node):
        for node in page.all():
            if node.tag == "style" or (node.tag == "script" and "src" not in node.attrs):
                yield f"inline {node}"
            for name, value in node.attrs.items():
                if name == "style" or name.startswith(("on", "hx-on")) or value.strip().lower().startswith(("javascript:", "vbscript:")):
                    yield f"{name} of {node}"
            address = node.attrs.get(LOADING.get(node.tag, ""), "")
            if urlsplit(address).netloc or (urlsplit(address).scheme and not address.startswith("data:image/")):
                yield f"loads {address}"

    found = wrong(screens, check)
    assert not found, found


def test_a_link_to_elsewhere_says_nothing_about_us(screens):
    def check(page: Node):
        for node in page.all("a"):
            if urlsplit(node.attrs.get("href", "")).netloc and "noopener" not in node.attrs.get("rel", ""):
                yield node

    found = wrong(screens, check)
    assert not found, found


# ── blocks ──


def pages_in_views() -> list[tuple[str, str, list[str]]]:
    """(file, template, blocks) of every call of page() in the code."""
    found = []
    for path in (ROOT / "prm").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "page" and call.args:
                names = [k.value for k in call.keywords if k.arg == "block"]
                blocks = [n.value for name in names for n in ast.walk(name) if isinstance(n, ast.Constant) and n.value]
                found.append((str(path.relative_to(ROOT)), ast.literal_eval(call.args[0]), blocks))
    return found


def test_every_block_that_a_view_names_is_in_its_template_with_an_element_of_that_id(portal):
    lost = []
    for path, name, blocks in pages_in_views():
        template, text = portal.app.jinja_env.get_template(name), (ROOT / "templates" / name).read_text()
        for block in blocks:
            element = re.search(rf"""id="{block}"|ui\.\w+\(["']{block}["']""", text)
            if block not in template.blocks or not (element or (name, block) in ELSEWHERE):
                lost.append((path, name, block))
    assert not lost, lost
    assert len({name for _, name, _ in pages_in_views()}) > 20


def test_every_page_in_parts_answers_htmx_with_a_part(portal, screens):
    """A part has no shell; asked for as a history restore it is the page."""
    for who, address in screens:
        part = portal.ask(who, address, headers=HTMX)
        whole = portal.ask(who, address, headers=HTMX | {"HX-History-Restore-Request": "true"})
        assert part.status_code in (200, 204) and whole.text.startswith("<!doctype"), (who, address)
        assert "HX-Request" in part.headers["Vary"], (who, address)


def test_a_page_that_breaks_says_nothing_and_keeps_its_guards(portal, monkeypatch):
    """The headers of every other answer are tested in tests/security."""

    def broken():
        raise RuntimeError

    broken.door = portal.app.view_functions["partners.index"].door
    monkeypatch.setitem(portal.app.view_functions, "partners.index", broken)
    answer = portal.ask("sam", "/partners/")
    assert answer.status_code == 500 and "RuntimeError" not in answer.text
    assert ALWAYS.items() <= dict(answer.headers).items()
