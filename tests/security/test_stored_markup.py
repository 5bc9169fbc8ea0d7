"""Markup that lies in the database stays words: on every page, in every block, for staff and partners, in a real browser."""
import io
from urllib.parse import urlsplit

import pytest

import prm.schedule
from prm.core.jobs import run_once
from prm.models import Import
from tests.browser import served
from tests.contracts.pages import read
from tests.contracts.portal import HTMX
from tests.contracts.routes import worded
from tests.contracts.world import OWN
from tests.security.corpus import MARKUP
from tests.security.markup import alive
from tests.security.planting import plant

TEXT = "\"'><zqtag zqattr=1><img src=x onerror=zqrun()><script>zqrun()</script>{{7*7}}<!--"
WORD = "zqtag"


@pytest.fixture(scope="module")
def planted(portal):
    """The portal with the text in every column; kept so for this file."""
    addresses = [route.address((OWN,) * len(route.numbers), words) for route, words in worded(portal) if route.gets]
    assert plant(TEXT, address="javascript:zqrun()//<zqtag>") > 150
    prm.schedule.load()
    uploaded = _uploaded(portal)
    portal.keep()
    return [*addresses, uploaded, f"{uploaded}/rows?result=refused"]


def _uploaded(portal) -> str:
    """An import of a file whose name, columns and cells are markup; checked, so that there are refusals to read."""
    column = TEXT.replace('"', '""')
    sheet = f'Number,Name,Status,"{column}"\n' + "".join(f"Z{at},{TEXT[2:]}{at},{TEXT[2:]},{TEXT[2:]}\n" for at in range(3))
    answer = portal.ask("sam", "/import/new", "POST", data={"object": "partner", "file": (io.BytesIO(sheet.encode()), "<zqtag zqattr=1><img src=x onerror=zqrun()>.csv")})
    assert answer.status_code == 303, answer.text
    while run_once():
        pass
    assert Import.get_by_id(int(answer.location.rpartition("/")[2])).state == "checked"
    assert portal.ask("sam", f"{answer.location}/rows?result=refused").text.count("&lt;zqtag") >= 3
    return answer.location


def walked(portal, name: str, start: list[str], most: int) -> list[tuple[str, str]]:
    """(address, page) of whatever can be reached by links, each page and its block."""
    seen, open_ones, found = set(), list(start), []
    while open_ones and len(seen) < most:
        address = open_ones.pop(0)
        shape = (urlsplit(address).path, *sorted(part.partition("=")[0] for part in urlsplit(address).query.split("&")))
        if shape in seen:
            continue
        seen.add(shape)
        for headers in ({}, HTMX):
            answer = portal.ask(name, address, headers=headers)
            assert answer.status_code < 500, (answer.status_code, name, address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found.append((address, answer.text))
                open_ones += [a.attrs["href"] for a in read(answer.text).all("a") if a.attrs.get("href", "").startswith("/") and not headers]
    return found


@pytest.mark.parametrize("name", ["sam", "ada"])
def test_what_was_planted_is_nowhere_alive(portal, planted, name):
    pages = walked(portal, name, planted, 130)
    wrong = [(address, found[:2]) for address, page in pages if (found := alive(page))]
    assert not wrong, wrong[:10]
    assert sum(WORD in page for _, page in pages) >= (60 if name == "sam" else 15), "it must be there to be harmless"
    assert not [address for address, page in pages if "49<!--" in page], "a text is no template"


def test_what_is_searched_and_filtered_for_comes_back_as_words(portal):
    wrong = []
    for at, text in enumerate(MARKUP):
        for address in ("/partners/", "/deals/", "/search/", "/people/", "/kpis/", "/scorecards/")[at % 2 :: 2]:
            for query in ({"q": text}, {"f.name.contains": text, "sort": text, "cols": text}, {"period": text, "tab": text}):
                answer = portal.ask("sam", address, query_string=query)
                wrong += [(address, query)] if answer.status_code >= 500 or alive(answer.text) else []
    assert not wrong, wrong


@pytest.fixture
def live(portal, planted):
    """The planted portal, served as in production."""
    with served(portal.app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize("guarded", [True, False], ids=["with the policy", "without it"])
def test_nothing_of_it_runs_in_a_browser(portal, live, chromium, guarded):
    """With the policy of our headers nothing is even refused by it; without, nothing runs either."""
    context = chromium.new_context(base_url=live, bypass_csp=not guarded, reduced_motion="reduce")
    context.add_init_script("""
        window.zqran = 0; window.zqrun = () => { window.zqran += 1 };
        window.zqrefused = []; document.addEventListener("securitypolicyviolation", e => window.zqrefused.push(e.violatedDirective + " " + e.blockedURI));
    """)
    context.add_cookies([{"name": portal.app.config["SESSION_COOKIE_NAME"], "value": portal._cookies["sam"], "url": live}])
    page, dialogs, wrong = context.new_page(), [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    pages = ["/", "/partners/", f"/partners/{OWN}", f"/partners/{OWN}?tab=activity", "/deals/", f"/deals/{OWN}", "/contacts/", f"/contacts/{OWN}",
             "/kpis/", f"/kpis/{OWN}", "/scorecards/?period=2026-Q2", f"/scorecards/{OWN}", "/people/", "/import/", "/setup/tiers", "/setup/outbox"]  # fmt: skip
    for address in pages:
        assert page.goto(address).status == 200, (address, page.inner_text("main"))
        page.wait_for_function("window.zqrun !== undefined")
        found = page.evaluate("[window.zqran, window.zqrefused, document.querySelectorAll('zqtag, [zqattr], [onerror]').length]")
        if found != [0, [], 0]:
            wrong.append((address, found))
    page.goto("/search/?q=zqtag")
    if page.locator("a[href^='javascript:' i]").count() or page.evaluate("window.zqran"):
        wrong.append("search")
    context.close()
    assert not wrong and not dialogs, (wrong, dialogs)
