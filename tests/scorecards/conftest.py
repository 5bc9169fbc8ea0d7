"""The third quarter of 2026: Acme has figures of two KPIs in it and before, and a draft."""
import io

import pytest
from pypdf import PdfReader

import prm.scorecards.jobs  # noqa: F401  makes its jobs known
from prm.core import files


@pytest.fixture(autouse=True)
def store_of_files(tmp_path):
    """What is kept by hash lands in this test's folder."""
    before = files._root
    files.configure(tmp_path / "files")
    yield
    files.configure(before)


@pytest.fixture
def revenue(make):
    return make.kpi("Revenue", weight=2)


@pytest.fixture
def orders(make):
    question = {
        "object": "deal",
        "filters": [{"field": "outcome", "op": "is", "value": "won"}],
        "measures": [{"key": "value", "fn": "count"}],
    }
    return make.kpi("Orders", question=question, unit="number")


@pytest.fixture
def quarter(make, acme, revenue, orders):
    """Acme's draft of Q3 2026: 1,500.00 of 1,000.00, and 2 orders of 4; the quarter before it had 1,200.00."""
    acme.tier, acme.territory, acme.type = make.tier("Gold"), "North", "Reseller"
    acme.save()
    make.result(revenue, acme, value="1500", target="1000", weight=2, rows=2)
    make.result(revenue, acme, "2026-Q2", value="1200", target="1000")
    make.result(orders, acme, value="2", target="4", rows=2)
    make.deal("Forty bikes", partner=acme, amount=100_000, customer="City of Nord")
    make.deal("Ten bikes", partner=acme, amount=50_000)
    make.scorecard(acme, "2026-Q2", "120")
    return make.scorecard(acme, score="116.7", grade="A")


@pytest.fixture
def published(quarter, sam):
    from prm.scorecards import services

    return services.publish(sam, quarter)


def text_of(pdf: bytes) -> str:
    """Everything a reader can select, with single blanks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
