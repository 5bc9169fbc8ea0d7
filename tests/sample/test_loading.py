"""The sample data: loaded through the import, with good partners and bad ones, and a second time without harm."""
from collections import Counter

from prm.models import Contact, Deal, Kpi, KpiResult, Partner, Scorecard, Target
from prm.sample.loading import DATA, load


def test_it_is_whole_and_its_scorecards_are_good_and_bad(loaded, told, orders):
    assert (Partner.select().count(), Contact.select().count(), Deal.select().count()) == (701, 753, 2088)
    assert sum(Deal.select(Deal.amount).scalars()) == sum(order["amount"] for order in orders) * 100
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
