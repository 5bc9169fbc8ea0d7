"""The sample data: loaded through the import, with good partners and bad ones, and a second time without harm."""
import csv
from collections import Counter
from decimal import Decimal as D

import pytest

from prm.core import files
from prm.kpis.starters import lay_starters
from prm.models import Contact, Deal, Kpi, KpiResult, Partner, Scorecard, Target
from prm.sample.loading import DATA, load
from prm.setup.defaults import lay_defaults


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture
def loaded(sqlite, make, tmp_path, told):
    files.configure(tmp_path)
    lay_defaults()
    lay_starters()
    told.clear()
    load(lambda at, of, what: told.append(what))


def test_it_is_whole_and_its_scorecards_are_good_and_bad(loaded, told):
    with open(DATA / "orders-2010-2012.csv", newline="", encoding="utf-8") as file:
        orders = list(csv.DictReader(file))
    assert (Partner.select().count(), Contact.select().count(), Deal.select().count()) == (701, 753, len(orders) == 2088 and 2088)
    assert sum(Deal.select(Deal.amount).scalars()) == sum(int(D(o["Amount"]) * 100) for o in orders)
    assert [k.name for k in Kpi.select().order_by(Kpi.position)] == [
        "Revenue", "Orders", "Average order value", "Active months", "Margin", "Accessories and clothing",
    ]  # fmt: skip
    grades = Counter(Scorecard.select(Scorecard.grade).where(Scorecard.period == "2012-Q4").scalars())
    assert min(grades[letter] for letter in "ABCDE") >= 40
    assert told[0] == "Partners" and told[-1] == "Done"
    # a second time nothing is doubled
    before = [t.select().count() for t in (Partner, Contact, Deal, Kpi, Target, KpiResult, Scorecard)]
    load()
    assert [t.select().count() for t in (Partner, Contact, Deal, Kpi, Target, KpiResult, Scorecard)] == before


def test_source_and_licence_travel_with_it():
    assert "MIT" in (DATA / "README.md").read_text() and "Microsoft" in (DATA / "LICENSE.txt").read_text()
