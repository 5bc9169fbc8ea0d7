"""The main job, from an empty database: two spreadsheets in, a scorecard of every partner out, and the partner reads it."""
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.journeys.conftest import ROOT

pytestmark = pytest.mark.browser
DATA = ROOT / "prm" / "sample" / "data"
PARTNER, NUMBER, QUARTER = "Vigorous Exercise Company", "AW00000678", "Q4 2012"
ORDERS = sum(NUMBER in line for line in (DATA / "orders-2010-2012.csv").read_text("utf-8").splitlines())


def upload(page, object: str, file: Path):
    page.goto("/import/new")
    page.get_by_label("What does it hold?").select_option(object)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Columns").wait_for()


def choose(page, select: str, option: str):
    """Choose, and wait for the page to read the file anew."""
    with page.expect_response(lambda answer: answer.url.endswith("/settings")):
        page.locator(select).select_option(option)


def store(page, rows: str):
    page.get_by_role("button", name=f"Store {rows} rows").click()
    page.get_by_role("heading", name="What came of its rows").wait_for()


def download(page) -> bytes:
    page.get_by_role("button", name="PDF").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="A4").click()
    return coming.value.path().read_bytes()


def publish(page):
    """As often as it takes: while figures are being worked out it says so, and nothing is published."""
    for _ in range(40):
        page.get_by_role("button", name="Publish").first.click()
        page.get_by_role("dialog").get_by_role("button").last.click()
        page.wait_for_timeout(1500)
        page.reload()
        if page.get_by_role("heading", name="Published").count():
            return
    raise AssertionError("it was never published")


def text_of(content: bytes) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages)


def test_from_two_spreadsheets_to_the_partner_reading_the_scorecard(open_page, set_up, postbox):
    sam = open_page()
    set_up(sam)
    sam.get_by_role("heading", name="First steps").wait_for()

    # two spreadsheets
    upload(sam, "partner", DATA / "partners.csv")
    sam.get_by_role("button", name="Make fields of the").click()
    store(sam, "701")
    upload(sam, "deal", DATA / "orders-2010-2012.csv")
    choose(sam, "label:has-text('Currency') >> xpath=../following-sibling::select", "")
    choose(sam, "[name=fixed-field] >> nth=-1", "stage")
    choose(sam, "[aria-label='Value of Stage']", "Won")
    store(sam, "2,088")

    # every partner has a scorecard for each quarter; targets make scores
    sam.goto("/kpis/")
    sam.get_by_role("button", name="Propose targets from your data").click()
    sam.get_by_text("targets set").wait_for()
    for _ in range(180):
        sam.goto("/?period=2012-Q4")
        if sam.get_by_text("partners have a grade of").count():
            break
        sam.wait_for_timeout(500)
    sam.get_by_role("heading", name="Best partners").wait_for()

    # one of them, in the browser and as a PDF
    sam.goto("/partners/")
    sam.get_by_role("searchbox").fill(PARTNER)
    sam.get_by_role("link", name=PARTNER).click()
    sam.get_by_role("heading", name=PARTNER).wait_for()
    assert sam.get_by_text(QUARTER).first.is_visible()
    sam.get_by_role("link", name="Open", exact=True).click()
    publish(sam)
    paper = text_of(download(sam))
    assert PARTNER in paper and QUARTER in paper

    # a contact is let in
    sam.goto(f"/contacts/enable?partner={NUMBER}")
    sam.get_by_label("E-mail").fill("ada@vigorous.example")
    sam.get_by_label("Name", exact=True).fill("Ada Byron")
    sam.get_by_label("Access").select_option("executive")
    sam.get_by_role("button", name="Send invite").click()
    sam.get_by_text("Invite queued").wait_for()
    link = postbox.link_to("ada@vigorous.example", "/i/")

    # who opens it on a phone, chooses a password, and sees their side and nothing else
    ada = open_page(viewport={"width": 360, "height": 740})
    ada.goto(link)
    ada.get_by_label("Password").fill("seven tall wooden ladders")
    ada.get_by_role("button").last.click()
    ada.get_by_text("Sign in with it").wait_for()
    ada.get_by_label("E-mail").fill("ada@vigorous.example")
    ada.get_by_label("Password").fill("seven tall wooden ladders")
    ada.get_by_label("Password").press("Enter")
    ada.get_by_text(f"Score of {QUARTER}").wait_for()
    ada.get_by_role("link", name="Open", exact=True).click()
    ada.get_by_role("heading", name=PARTNER).first.wait_for()
    assert text_of(download(ada)) == paper
    ada.goto("/deals/")
    ada.get_by_text(f"of {ORDERS}").first.wait_for()
    ada.goto("/contacts/")
    ada.get_by_text("of 1").first.wait_for()
    assert ada.goto("/kpis/").status == 403 and ada.goto("/import/").status == 403
    assert ada.goto("/partners/1").status == 404
