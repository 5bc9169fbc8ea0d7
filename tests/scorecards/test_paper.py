"""The scorecard on paper."""
import copy
import io
import time

import pytest
from pypdf import PdfReader

from prm.cards.showing import card_of
from prm.scorecards import paper, services
from tests.scorecards.conftest import text_of


@pytest.fixture
def card(quarter, sam):
    services.write_note(sam, quarter, "A strong quarter.\n\nMore in October.")
    return card_of(sam, quarter)


def _long(card, many=12):
    """Everything at its longest: names, figures, twelve KPIs, five deals, a full note."""
    card = copy.deepcopy(card)
    card["partner"] |= {"name": "Ω" + "Wholesale-and-Retail " * 9, "tier": "Distinguished Platinum Plus", "type": "Value added reseller of bicycles"}
    kpi = card["kpis"][0] | {"name": "Revenue of accessories and clothing, returns and rebates taken off " * 2, "value": "-123456789.12"}
    card["kpis"] = [kpi | {"id": at, "description": "What it is about. " * 6} for at in range(many)]
    card["deals"] = [card["deals"][0] | {"title": "Framework " * 20, "customer": "x" * 200, "amount": "-99999999999.99"}] * 5
    return card | {"note": "Words to the partner. " * 90}


def test_it_is_tagged_selectable_and_numbered(card):
    reader = PdfReader(io.BytesIO(paper.document(card)))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "Scorecard of Acme, Q3 2026" and reader.metadata.author == "Kestrel"
    text = text_of(paper.document(card))
    for words in ("Partner scorecard, draft", "Page 1 of 1", "as of", "Total amount of deals where outcome is Won", "Jul 1, 2026 – Sep 30, 2026"):
        assert words in text, words
    for words in ("Grade A", "Rank 1 of 2", "Gold median", "Weight 2", "A strong quarter. More in October.", "No target"):
        assert (words in text) is (words != "No target"), words


@pytest.mark.parametrize("size, width", [("a4", 595), ("letter", 612)])
def test_it_is_made_for_both_papers(card, size, width):
    page = PdfReader(io.BytesIO(paper.document(card, size))).pages[0]
    assert round(float(page.mediabox.width)) == width


@pytest.mark.parametrize("size", paper.SIZES)
def test_twelve_kpis_five_deals_and_the_longest_note_are_two_pages(card, size):
    full = card | {"note": "Words to the partner. " * 90}
    full["kpis"] = [card["kpis"][0] | {"id": at, "name": f"Revenue of region {at}"} for at in range(12)]
    full["deals"] = [card["deals"][0] | {"title": f"Framework agreement {at}"} for at in range(5)]
    assert len(PdfReader(io.BytesIO(paper.document(full, size))).pages) == 2


@pytest.mark.parametrize("size", paper.SIZES)
def test_the_longest_names_break_nothing(card, size):
    content = paper.document(_long(card), size)
    assert len(PdfReader(io.BytesIO(content)).pages) <= 3
    text = text_of(content)
    assert "-$123,456,789.12" in text and text.count("Weight 2") == 12
    assert len(content) < 100 * 1024


@pytest.mark.parametrize(("size", "longest"), [("a4", 120), ("letter", 60)])
def test_twelve_kpis_and_names_of_200_letters_are_two_pages(card, size, longest):
    name = ("Wholesale and retail of bicycles, parts, clothing and accessories " * 4)[:196]
    card["partner"] |= {"name": f"{name} Ltd", "type": name, "territory": name, "manager": name, "tier": name[:60]}
    card["org"]["name"] = name[:120]
    card["kpis"] = [card["kpis"][0] | {"id": at, "name": f"{name[:longest - 3]} {at}"} for at in range(12)]
    card["deals"] = [card["deals"][0] | {"title": name, "customer": name}] * 5
    content = paper.document(card, size)
    assert len(PdfReader(io.BytesIO(content)).pages) == 2
    text = text_of(content)
    assert text.count(f"{name} Ltd") == 1, "cut in the heading, whole where figures are explained"
    assert all(f"{name[:longest - 3]} {at}. Total amount" in text for at in range(12))


def test_six_kpis_and_a_note_are_one_page_and_small(card):
    card["kpis"] = [card["kpis"][0] | {"id": at, "name": f"KPI {at}"} for at in range(6)]
    content = paper.document(card)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    assert len(content) <= 60 * 1024


@pytest.mark.parametrize("name", ["مؤسسة الدراجات", "自行车商店", "Bikes 🚲 & Söhne <b>", "Żółć ő", "\u202eevil", "x" * 200])
def test_any_name_can_be_printed(card, name):
    card["partner"]["name"] = name
    card["kpis"][0]["name"] = name
    card["deals"][0]["title"] = name
    assert PdfReader(io.BytesIO(paper.document(card))).pages


def test_a_card_with_nothing_on_it_says_so(card):
    empty = card | {"score": None, "grade": "", "rank": None, "kpis": [], "deals": [], "note": "", "previous": None}
    empty["history"] = [each | {"score": None} for each in card["history"]]
    text = text_of(paper.document(empty))
    for words in ("Not ranked", "No KPI counts in this period", "No deal was won in Q3 2026", "No KPI of this period has a target yet"):
        assert words in text, words


def test_markup_in_a_note_stays_words(card):
    text = text_of(paper.document(card | {"note": "<script>alert(1)</script> {{ 7 * 7 }} <img src=file:///etc/passwd>"}))
    assert "<script>alert(1)</script> {{ 7 * 7 }}" in text and "root:" not in text


def test_many_are_made_in_their_order_and_one_that_fails_is_named(card, monkeypatch):
    from prm.core import pdf

    real = pdf.render
    monkeypatch.setattr(pdf, "render", lambda html: _fails() if "zqbroken" in html else real(html))
    cards = [card | {"partner": card["partner"] | {"name": name}} for name in ("One", "zqbroken", "Three", "Four", "Five", "Six")]
    made = list(paper.documents((None, each, None) for each in cards))
    assert [each["partner"]["name"] for _, each, _ in made] == ["One", "zqbroken", "Three", "Four", "Five", "Six"]
    assert [isinstance(content, bytes) for *_, content in made] == [True, False, True, True, True, True]


def _fails():
    from prm.core.pdf import PdfError

    raise PdfError("too long")


def test_a_logo_is_printed_small_and_a_lost_one_is_no_error(card):
    from PIL import Image

    picture = io.BytesIO()
    Image.effect_noise((900, 900), 90).save(picture, "PNG")
    import base64

    card["org"]["logo"] = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    assert len(picture.getvalue()) > 300_000
    assert len(paper.document(card)) < 120_000
    card["org"]["logo"] = "file:" + "0" * 64
    assert paper.document(card)


def test_the_same_file_is_read_again_and_not_made_anew(published, sam):
    first = services.document(sam, published).content
    started = time.perf_counter()
    assert services.document(sam, published).content == first
    assert time.perf_counter() - started < 0.1


def test_a_file_that_was_lost_is_made_again(published, sam):
    from prm.core import files

    services.document(sam, published)
    files.place(published.pdf).unlink()
    assert services.document(sam, published).content.startswith(b"%PDF")
    assert files.place(published.pdf).is_file()
