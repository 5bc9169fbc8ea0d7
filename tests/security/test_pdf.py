"""Paper is made without the network, without files but our own, and never longer or larger than it may be."""
import io
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pypdf import PdfReader

from prm.cards.showing import card_of
from prm.core import pdf
from prm.core.pdf import PdfError
from prm.scorecards import paper
from tests.contracts.world import OWN

SECRET = "zq-the-content-of-a-file"


@pytest.fixture(scope="module")
def trap():
    """A server on this machine that nobody may ask for anything: (its address, what it was asked for)."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        do_POST = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


# 25 ways of asking for something, {u} for the address.
WAYS = (
    '<img src="{u}/img">', '<img srcset="{u}/srcset 2x">', '<link rel="stylesheet" href="{u}/link">', '<link rel="attachment" href="{u}/link-attachment">',
    '<a rel="attachment" href="{u}/a-attachment">x</a>', '<style>@import url("{u}/import");</style>', '<style>p{{background:url("{u}/background")}}</style><p>x</p>',
    '<p style="background-image:url({u}/inline)">x</p>', '<style>li{{list-style-image:url("{u}/list")}}</style><ul><li>x</ul>', '<style>p::before{{content:url("{u}/content")}}</style><p>x</p>',
    '<style>@font-face{{font-family:a;src:url("{u}/font")}} p{{font-family:a}}</style><p>x</p>', '<style>p{{border-image:url("{u}/border") 30}}</style><p>x</p>',
    '<style>@page{{background:url("{u}/page")}}</style>', '<object data="{u}/object"></object>', '<embed src="{u}/embed">', '<iframe src="{u}/iframe"></iframe>', '<script src="{u}/script"></script>',
    '<svg><image href="{u}/svg-image" width="9" height="9"/></svg>', '<svg><use href="{u}/svg-use#a"/></svg>', '<svg><style>@import url("{u}/svg-import")</style></svg>',
    '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 xmlns:x=%22http://www.w3.org/1999/xlink%22%3E%3Cimage x:href=%22{u}/svg-in-data%22/%3E%3C/svg%3E">',
    '<base href="{u}/base/"><img src="relative">', '<video poster="{u}/poster"></video>', '<link rel="icon" href="{u}/icon">', '<style>p{{mask:url({u}/mask)}}</style><p>x</p>',
)  # fmt: skip


def shown(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    inside = "".join(name.decode() if isinstance(name, bytes) else str(name) for name in reader.attachments)
    return inside + "".join(page.extract_text() for page in reader.pages) + content.decode("latin-1")


def test_no_way_of_asking_for_something_reaches_the_network(trap):
    address, asked = trap
    everything = "<html><body>" + "".join(way.format(u=address) for way in WAYS) + "</body></html>"
    assert SECRET not in shown(pdf.render(everything))
    for spelling in (address.replace("http://127.0.0.1", "http://2130706433"), address.replace("http", "HTTP"), address.removeprefix("http:")):
        pdf.render(f'<img src="{spelling}/spelling"><link rel="stylesheet" href="{spelling}/spelling">')
    assert asked == []


@pytest.mark.filterwarnings("ignore")
def test_without_the_guard_most_of_these_ways_would_reach_it(trap):
    """Else the test above would prove nothing."""
    from weasyprint import HTML

    address, asked = trap
    HTML(string="<html><body>" + "".join(way.format(u=address) for way in WAYS) + "</body></html>").write_pdf()
    assert len(set(asked)) >= 12
    asked.clear()


def test_no_file_of_the_machine_gets_into_it(tmp_path):
    secret = tmp_path / "secret.css"
    secret.write_text(f'p::after {{ content: "{SECRET}" }} /* {SECRET} */')
    addresses = [f"file://{secret}", f"FILE://{secret}", str(secret), f"static:../../../../../../../..{secret}", f"static:%2e%2e/%2e%2e{secret}", f"static:css/../../../..{secret}", "static:../pyproject.toml"]
    for address in addresses:
        page = "<p>x</p>" + "".join(way.format(u=address).replace(f"{address}/", address) for way in WAYS[:20])
        content = pdf.render(page + f'<link rel="stylesheet" href="{address}"><link rel="attachment" href="{address}"><a rel="attachment" href="{address}">x</a>')
        assert SECRET not in shown(content), address
        assert not PdfReader(io.BytesIO(content)).attachments, address


MARKUP = "<b>zq</b><img src={u}/a><link rel=stylesheet href={u}/b><style>@import '{u}/c'; * {{ display: none }}</style><svg onload=zq><image href='{u}/d'/></svg><!--"


def test_markup_in_everything_a_person_can_write_is_printed_as_it_was_written(portal, trap):
    """Name, territory, note, deal, KPI, tier and organisation of a scorecard."""
    from prm.models import Scorecard
    from tests.contracts.world import OPEN_PERIOD

    address, asked = trap
    text = MARKUP.format(u=address)
    card = card_of(_sam(), Scorecard.get_by_id(OWN))
    assert card["period"]["key"] in ("2026-Q2", OPEN_PERIOD)
    content = paper.document(_with(card, text))
    assert asked == []
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")
    assert "<b>zq</b>" in words.replace(" ", "")
    assert words.count("<img") >= 3


def _sam():
    from prm.models import Person

    return Person.get(Person.email == "sam@kestrel.example")


def _with(value, text: str):
    """The card with this text in the place of every text that is a person's."""
    own = {"name", "title", "customer", "note", "territory", "type", "tier", "manager", "number", "description", "words", "partner"}
    if isinstance(value, dict):
        return {key: text if key in own and isinstance(each, str) and each else _with(each, text) for key, each in value.items()}
    return [_with(each, text) for each in value] if isinstance(value, list) else value


# ── bombs ──

FLEX = "<div style='display:flex'>" * 12 + "x" + "</div>" * 12
BOMBS = {
    "nested": "<div>" * 20_000, "table": "<table>" + "<tr><td>x" * 30_000 + "</table>", "flex": FLEX, "width": "<p style='width:1e9cm;font-size:1e9px'>x",
    "grid": "<div style='display:grid;grid-template-columns:repeat(99999,1fr)'>x</div>",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_fails_in_its_time_and_the_next_document_is_made(name):
    begun = time.monotonic()
    try:
        pdf.render(f"<html><body>{BOMBS[name]}</body></html>", timeout=1.0)
    except PdfError as refusal:
        assert "document" in refusal.message
    assert time.monotonic() - begun < 1 + pdf.START
    assert shown(pdf.render("<p>the next one</p>"))


def test_pages_are_answered_while_bombs_burn_and_their_document_says_why(portal):
    with ThreadPoolExecutor(2) as threads:
        bombs = [threads.submit(pdf.render, f"<html><body>{BOMBS['table']}</body></html>", timeout=1.5) for _ in range(2)]
        slowest = 0.0
        for _ in range(5):
            begun = time.monotonic()
            assert portal.ask("sam", "/partners/").status_code == 200
            slowest = max(slowest, time.monotonic() - begun)
        for bomb in bombs:
            with pytest.raises(PdfError, match="took too long"):
                bomb.result()
    assert slowest < 5


def test_the_child_gets_none_of_our_secrets():
    import os

    child = pdf._environment()
    assert not [name for name in child if name.startswith("PRM_") or "SECRET" in name or "PASSWORD" in name]
    assert set(child) <= {*os.environ, "PYTHONDONTWRITEBYTECODE", "DYLD_FALLBACK_LIBRARY_PATH"}
