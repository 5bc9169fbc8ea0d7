"""The sample, loaded as `prm sample` does it, and its orders as plain rows to add up by hand."""
import csv
from decimal import Decimal

import pytest

from prm.core import files
from prm.kpis.starters import lay_starters
from prm.sample.loading import DATA, load
from prm.setup.defaults import lay_defaults


@pytest.fixture
def told():
    return []


@pytest.fixture
def loaded(sqlite, make, tmp_path, told):
    files.configure(tmp_path)
    lay_defaults()
    lay_starters()
    load(lambda at, of, what: told.append(what))


@pytest.fixture(scope="session")
def orders():
    """Each order with its amount, quarter, and its partner's territory."""
    territories = {row["Partner no"]: row["Territory"] for row in _rows("partners.csv")}
    return [
        {
            "amount": Decimal(row["Amount"]), "partner": row["Partner no"], "year": row["Order date"][:4],
            "quarter": f"{row['Order date'][:4]}-Q{(int(row['Order date'][5:7]) + 2) // 3}",
            "territory": territories[row["Partner no"]],
        }
        for row in _rows("orders-2010-2012.csv")
    ]  # fmt: skip


def _rows(name: str) -> list[dict]:
    with open(DATA / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
