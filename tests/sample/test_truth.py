"""One truth: what the orders add up to by hand is what the lists, their files, the KPIs, the home page and the PDFs say,
to the cent: in all, by year, quarter, territory and reseller."""
import csv
import io
import json
import re
from collections import defaultdict
from decimal import Decimal as D
from pathlib import Path

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from prm.models import Kpi, KpiResult, Partner, Scorecard

TRUTH = Path(__file__).parents[3] / "shared" / "data" / "adventureworks" / "truth.json"


def summed(orders, *keys):
    found = defaultdict(lambda: [D(0), 0])
    for order in orders:
        entry = found[tuple(order[key] for key in keys)]
        entry[0] += order["amount"]
        entry[1] += 1
    return {key: tuple(value) for key, value in found.items()}


def test_our_sums_by_hand_are_those_that_came_with_the_data(orders):
    if not TRUTH.exists():
        pytest.skip("only where the data came with its truth")
    truth = json.loads(TRUTH.read_text("utf-8"))
    for key in ("year", "quarter", "territory", "partner"):
        by_hand = {name: str(amount) for (name,), (amount, _) in summed(orders, key).items()}
        known = dict(truth["amount"][key].items())
        assert {name: amount for name, amount in by_hand.items() if name in known} == known
    assert str(summed(orders)[()][0]) == truth["amount"]["total"]["all"]


def test_every_output_says_the_same_to_the_cent(loaded, orders, sign_in, sam):
    client = sign_in(sam)

    def listed(**filters):
        address = "/deals/?" + "&".join(f"f.{name.replace('__', '.')}={value}" for name, value in filters.items())
        page = client.get(address).text
        total = re.search(r"Amount <b>\$([\d,.]+)</b>", page)[1].replace(",", "")
        count = re.search(r'role="status">([\d,]+) rows?<', page)[1].replace(",", "")
        text = client.get(address + "&format=csv").get_data(as_text=True).lstrip("\ufeff")
        amounts = [D(row["Amount"]) for row in csv.DictReader(io.StringIO(text))]
        assert (D(total), int(count)) == (sum(amounts), len(amounts))
        return D(total), int(count)

    assert listed() == summed(orders)[()]
    for (year,), expected in summed(orders, "year").items():
        assert listed(closed_on__in=year) == expected
    for (quarter,), expected in summed(orders, "quarter").items():
        assert listed(closed_on__in=quarter) == expected
    for (territory,), expected in summed(orders, "territory").items():
        assert listed(partner__territory=territory) == expected

    # Excel: numbers are numbers
    with client.get("/deals/?format=xlsx") as answer:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    head, *rows = book.get_sheet_by_index(0).to_python()
    at = head.index("Amount")
    assert sum(D(str(row[at])) for row in rows) == summed(orders)[()][0]

    # every reseller, every quarter: results, and the home page under its chart
    kpi = Kpi.get(Kpi.name == "Revenue")
    numbers = dict(Partner.select(Partner.id, Partner.number).tuples())
    results = KpiResult.select().where((KpiResult.kpi == kpi) & KpiResult.value.is_null(False))
    assert {(numbers[r.partner_id], r.period): (r.value, r.rows) for r in results} == summed(orders, "partner", "quarter")
    home = client.get("/?period=2012-Q4").text
    for (quarter,), (amount, count) in summed(orders, "quarter").items():
        if quarter >= "2011-Q1":
            year, q = quarter.split("-")
            row = re.search(rf'<th scope="row">{q} {year}</th>(.*?)</tr>', home)[1]
            assert f"${amount:,.2f}" in row and f">{count}<" in row

    # the scorecards of the largest reseller, on the page and on paper
    largest = max(summed(orders, "partner").items(), key=lambda item: item[1])[0][0]
    for (number, quarter), (amount, _) in summed(orders, "partner", "quarter").items():
        if number == largest and quarter >= "2012":
            card = Scorecard.get((Scorecard.period == quarter) & (Scorecard.partner == Partner.get(Partner.number == number)))
            assert f"${amount:,.2f}" in client.get(f"/scorecards/{card.id}").text
            paper = PdfReader(io.BytesIO(client.get(f"/scorecards/{card.id}/scorecard.pdf").data))
            assert f"${amount:,.2f}" in "".join(sheet.extract_text() for sheet in paper.pages)
