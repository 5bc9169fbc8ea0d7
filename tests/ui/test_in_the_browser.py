"""What only a browser can show: what is swapped in, where the focus goes, and that the strict policy holds."""
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import served

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def address(look):
    """The small application, served as in production."""
    with served(look) as address:
        yield address


@pytest.fixture
def open_page(chromium, address):
    """`open_page(…)` shows the things; afterwards the console must be free of errors and refused content."""
    contexts, said = [], []

    def opened(**look_of_it):
        context = chromium.new_context(
            base_url=address, extra_http_headers={"As": "sam"}, reduced_motion="reduce", **look_of_it
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
        page.goto("/things/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not said, said


def test_a_refused_form_is_swapped_in_with_the_focus_on_the_error(open_page):
    page = open_page()
    page.locator("#notes").fill("kept")
    page.get_by_role("button", name="Save").click()
    page.locator(".err-box").wait_for()
    assert page.locator("#name:focus").count() == 1
    assert page.locator("#notes").input_value() == "kept"


def test_an_accepted_form_leads_on_and_says_so(open_page):
    page = open_page()
    page.locator("#name").fill("Lamp")
    with page.expect_response(lambda answer: answer.url.endswith("/things/") and answer.request.is_navigation_request()) as led:
        page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/things/")
    assert "Lamp saved" in led.value.text()  # a toast leaves after some seconds, which a busy machine may need to get here


def test_a_refusal_leaves_the_region_as_it_is(open_page):
    page = open_page()
    page.locator("#name").fill("half typed")
    page.get_by_role("button", name="Refuse").click()
    page.locator("#toasts").get_by_text("Mia saved it first.").wait_for()
    assert page.locator("#name").input_value() == "half typed"


def test_a_dialog_opens_with_what_was_fetched_and_is_emptied_when_closed(open_page):
    page = open_page()
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("dialog", name="A thing").wait_for()
    page.keyboard.press("Escape")
    page.locator("#dialog:not([open])").wait_for(state="attached")
    assert page.locator("#dialog > *").count() == 0


def test_what_cannot_be_undone_is_asked_first(open_page):
    page = open_page()
    page.get_by_role("button", name="Touch").click()
    page.get_by_role("dialog").get_by_text("Really?").wait_for()
    page.get_by_role("button", name="Cancel").click()
    assert page.locator("#toasts .toast").count() == 0
    page.get_by_role("button", name="Touch").click()
    page.get_by_role("button", name="Continue").click()
    page.locator("#toasts").get_by_text("Touched").wait_for()


def test_asking_for_a_job_ends_with_the_job(open_page):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/job/" in request.url else None)
    page.locator("#job", has_text="Ready.").first.wait_for()
    before = len(asked)
    page.wait_for_timeout(700)
    assert len(asked) == before


def test_a_file_is_sent_with_progress_and_refused_in_place(open_page):
    page = open_page()
    page.locator("#scan").set_input_files([{"name": "a.png", "mimeType": "image/png", "buffer": b"x" * 300_000}])
    page.get_by_role("button", name="Send").click()
    page.get_by_text("300000 bytes, and no spreadsheet.").wait_for()


def test_a_menu_is_walked_with_the_arrows_and_left_with_escape(open_page):
    page = open_page()
    page.get_by_role("button", name="More").click()
    page.locator("#more a:focus", has_text="First").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#more a:focus").inner_text() == "Second"
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="More").evaluate("button => button === document.activeElement")


def test_single_keys_are_shortcuts_until_they_are_switched_off(open_page):
    page = open_page()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    sheet.get_by_role("switch").uncheck()
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    page.keyboard.press("?")
    assert not sheet.is_visible()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_is_wrong_for_a_screen_reader_and_nothing_sticks_out(open_page, width, colours):
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=colours, bypass_csp=True)
    page.locator("#job", has_text="Ready.").first.wait_for()
    page.get_by_role("button", name="Save").click()
    page.locator(".err-box").wait_for()
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_a_script_forms_and_links_still_work(open_page):
    page = open_page(java_script_enabled=False)
    page.locator("#name").fill("Lamp")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Lamp saved").is_visible()
