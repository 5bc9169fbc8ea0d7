"""Static files: one stylesheet out of nine, packed, kept for a year, within their budgets."""
import hashlib
import re

import brotli
import pytest

from prm.ui import assets

KB = 1024
BUDGETS = {
    assets.STYLES: 12 * KB,
    "js/app.js": 5 * KB,
    "vendor/htmx-4.0.1.min.js": 15 * KB,
    "vendor/icons.svg": 5 * KB,
}


@pytest.mark.parametrize("path", BUDGETS)
def test_a_file_stays_within_its_budget(path):
    assert len(assets._packed(path)) <= BUDGETS[path]


def test_the_fonts_a_browser_loads_stay_within_their_budget():
    """Those for paper, of fixed weights, are read by the PDF only."""
    named = set(re.findall(r"vendor/([\w.-]+\.woff2)", assets._content(assets.STYLES).decode()))
    assert named and sum((assets.STATIC / "vendor" / name).stat().st_size for name in named) <= 62 * KB


def test_the_stylesheet_is_all_of_them_in_the_order_of_the_layers(look):
    answer = look.test_client().get("/static/css/app.css")
    found = [answer.text.index(_first_rules(name)) for name in assets.SHEETS[assets.STYLES]]
    assert answer.mimetype == "text/css" and found == sorted(found)


def _first_rules(name: str) -> str:
    return (assets.STATIC / "css" / f"{name}.css").read_text()[:400]


def test_a_browser_that_can_gets_it_packed(look):
    client = look.test_client()
    plain, packed = client.get("/static/js/app.js"), client.get("/static/js/app.js", headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br" and "Accept-Encoding" in packed.headers["Vary"]
    assert brotli.decompress(packed.data) == plain.data


def test_an_address_with_a_hash_is_kept_for_a_year_and_changes_with_the_content(look):
    address = assets.asset("js/app.js")
    answer = look.test_client().get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert address.endswith(hashlib.sha256(answer.data).hexdigest()[:10])
    assert "immutable" not in look.test_client().get("/static/js/app.js").headers["Cache-Control"]


def test_what_the_browser_has_already_is_not_sent_again(look):
    client = look.test_client()
    tag = client.get("/static/js/app.js").headers["ETag"]
    assert client.get("/static/js/app.js", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["../prm/settings.py", "..%2fprm/settings.py", "css/../../app.py", "nothing.css", "js/"]
)
def test_only_files_found_at_the_start_are_served(look, path):
    assert look.test_client().get(f"/static/{path}").status_code == 404


def test_everything_the_stylesheets_point_to_is_there():
    for name in (*assets.SHEETS[assets.STYLES], "survey", "pdf"):
        for target in re.findall(
            r'url\("(?:static:|\.\./)([^"]+)"\)', (assets.STATIC / "css" / f"{name}.css").read_text()
        ):
            assert (assets.STATIC / target).is_file(), target


def test_the_preloaded_font_is_the_one_the_stylesheet_asks_for(browser):
    font = re.search(r'rel="preload" href="/static/([^"]+)"', browser("/things/").text)[1]
    assert f"../{font}" in assets._content(assets.STYLES).decode()


def test_the_vendored_files_are_the_ones_written_down():
    listed = (assets.STATIC / "vendor/VERSIONS.md").read_text()
    for path in (assets.STATIC / "vendor").iterdir():
        if path.suffix != ".md":
            assert f"| {path.name} |" in listed and hashlib.sha256(path.read_bytes()).hexdigest() in listed, path.name
