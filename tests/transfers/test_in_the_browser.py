"""The way of a file in a real browser, by keyboard too: choose, match, check, store, take back."""
import threading

import pytest
from playwright.sync_api import expect

from prm.core import jobs
from prm.models import Partner
from prm.transfers import jobs as kinds

ROWS = 'Partner no,Name,Since,Land\nP1,Acme,03/04/2026,Norway\nP2,Globex,05/06/2026,Chile\n,Nobody,05/06/2026,\n'


@pytest.fixture
def worker():
    """Does what is queued while the test looks at the page."""
    assert kinds
    stop = threading.Event()
    thread = threading.Thread(target=jobs.work, args=(stop,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)


def test_a_file_goes_in_and_comes_out_again(enter, sam, written, worker):
    page = enter(sam)
    page.goto("/import/new?object=partner")
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_text("Choose a file first.").first.wait_for()
    page.get_by_label("File").set_input_files(written(ROWS))
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_text("has dates that can be read in two ways").wait_for()
    assert not page.get_by_role("button", name="Store").count()
    page.get_by_label("Date format of Since").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Store 2 rows").wait_for()
    assert page.get_by_label("Date format of Since").evaluate("box => box === document.activeElement")
    page.get_by_role("button", name="Make a field of the one left out").click()
    expect(page.get_by_label("Land")).to_have_value("+text")
    page.get_by_text("Every row checked").wait_for()
    page.get_by_role("button", name="Store 2 rows").press("Enter")
    page.get_by_role("link", name="Made: 2 rows").wait_for()
    page.get_by_text("Partner no is empty.").wait_for()
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Reversed: 2 rows").wait_for()
    assert not Partner.select().exists()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(enter, sam, looked_at, width):
    _, batch = looked_at(sam, "partner", ROWS)
    page = enter(sam)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/import/", "/import/new", f"/import/{batch.id}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
