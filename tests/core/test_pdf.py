"""Documents and pictures out of the guarded child: how long one may be, and what a mail shows instead of an SVG."""
import io

import pypdf
import pytest
from PIL import Image

from prm.core import pdf

PAGES = '<!doctype html><html lang="en"><title>Three</title>' + '<p style="break-after: page">Page</p>' * 2 + "<p>The last</p>"


def test_a_document_that_is_too_long_says_how_long_it_is_and_the_next_one_is_made():
    with pytest.raises(pdf.TooLong) as refusal:
        pdf.render(PAGES, most=2)
    assert refusal.value.pages == 3 and "3 pages" in refusal.value.message
    assert len(pypdf.PdfReader(io.BytesIO(pdf.render(PAGES, most=3))).pages) == 3


def test_a_picture_has_two_pixels_to_each_of_its_page():
    html = '<!doctype html><html lang="en"><title>Red</title><style>@page { size: 200px 80px; margin: 0; background: #ff0000 }</style><p>x</p>'
    with Image.open(io.BytesIO(pdf.picture(html))) as picture:
        assert (picture.format, picture.size) == ("PNG", (400, 160))
        assert picture.convert("RGB").getpixel((390, 150)) == (255, 0, 0)
