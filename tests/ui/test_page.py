"""One URL, one template: the whole page, or the block that htmx asks for; what was said travels with the answer."""
import re

from tests.ui.conftest import HTMX


def test_a_browser_gets_the_whole_page(browser):
    answer = browser("/things/")
    assert answer.text.startswith("<!doctype html>") and "<h1" not in answer.text[:50]
    assert 'data-theme="dark"' in answer.text and "Kestrel &amp; Co" in answer.text


def test_htmx_gets_the_block_and_the_further_blocks_for_their_own_regions(browser):
    answer = browser("/things/", htmx=True)
    assert "<html" not in answer.text
    assert '<hx-partial hx-target="#tabs" hx-swap="innerMorph">' in answer.text


def test_going_back_in_the_history_and_boosted_links_get_the_whole_page(browser):
    for header in ("HX-History-Restore-Request", "HX-Boosted"):
        assert "<html" in browser("/things/", htmx=True, headers={header: "true"}).text


def test_caches_are_told_that_the_answer_depends_on_who_asks(browser):
    for htmx in (False, True):
        vary = browser("/things/", htmx=htmx).headers["Vary"]
        assert "HX-Request" in vary and "HX-Boosted" in vary


def test_the_page_of_the_menu_one_is_on_is_marked(browser):
    assert re.search(r'href="/things/" data-key="t" aria-current="page"', browser("/things/").text)


def test_a_toast_waits_for_the_page_after_a_redirect_and_is_shown_once(browser):
    answer = browser("/things/", method="POST", data={"name": "Lamp", "size": "s"})
    assert (answer.status_code, answer.location) == (303, "/things/")
    assert "Lamp saved" in browser("/things/").text
    assert "Lamp saved" not in browser("/things/").text


def test_htmx_is_told_to_load_the_page_after_a_change(browser):
    answer = browser("/things/", method="POST", htmx=True, data={"name": "Lamp", "size": "s"})
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (204, "/things/", "")
    assert "Lamp saved" in browser("/things/").text


def test_a_fragment_takes_its_toasts_along(browser):
    answer = browser("/things/touch", method="POST", htmx=True)
    assert answer.headers["HX-Trigger"] == "thing-changed" and answer.headers["HX-Reswap"] == "none"
    assert '<div hx-swap-oob="beforeend:#toasts">' in answer.text and "Touched" in answer.text


def test_a_refused_form_is_422_with_the_error_beside_its_field(browser):
    answer = browser("/things/", method="POST", htmx=True, data={"size": "s"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text and "A thing needs a name." in answer.text


def test_what_is_said_is_escaped(browser):
    browser("/things/", method="POST", data={"name": "<script>x</script>", "size": "s"})
    assert "&lt;script&gt;x" in browser("/things/").text


def test_the_token_of_forms_is_inherited_by_every_htmx_request(browser):
    assert 'hx-headers:inherited=\'{"X-CSRFToken":' in browser("/things/").text


def test_the_pages_have_nothing_a_strict_policy_would_refuse(browser):
    for headers in ({}, HTMX):
        text = browser("/things/", headers=headers).text
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|hx-on", text)
