"""The first visit with sample data: a progress bar, then real numbers; and a scorecard as a PDF."""
from io import BytesIO

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser


def test_the_first_visit_loads_the_sample_and_shows_real_numbers(open_page, set_up):
    page = open_page()
    set_up(page, sample=True)
    page.get_by_role("heading", name="Loading the sample data").wait_for()
    page.wait_for_url("/", timeout=60_000)
    page.get_by_role("heading", name="Best partners").wait_for()
    assert "Q4 2012" in page.content()
    page.get_by_role("link", name="Revenue").first.click()
    page.get_by_text("of 330").first.wait_for()
    page.goto("/partners/?q=retail mall")
    page.get_by_role("link", name="Retail Mall").click()
    page.get_by_text("On target").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(download.value.path().read_bytes())).pages)
    assert "Retail Mall" in text and "81,230.94" in text and "Page 1" in text
