"""Two real spreadsheets in, and `prm ask` reproduces their sums to the cent: those worked out here without the portal, and
those that came with the data where they are at hand."""
import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
PLACES = (HERE.parent / "shared" / "data" / "adventureworks", HERE / "prm" / "sample" / "data")
DATA = next((place for place in PLACES if (place / "partners.csv").exists()), None)
TRUTH = PLACES[0] / "truth.json"
MAP = {"Currency": "order_currency"}  # a text of its own: the sums add the amounts as if equal
CATEGORIES = ("Accessories", "Bikes", "Clothing", "Components")
QUARTER = {"field": "closed_on", "by": "quarter"}

pytestmark = pytest.mark.skipif(DATA is None, reason="the spreadsheets are not at hand")


def _lines(name):
    with open(DATA / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def orders():
    """Each order with its partner's columns, and the periods of its date."""
    partners = {line["Partner no"]: line for line in _lines("partners.csv")}
    found = []
    for line in _lines("orders-2010-2012.csv"):
        year, month = line["Order date"][:4], line["Order date"][:7]
        quarter = f"{year}-Q{(int(month[5:]) + 2) // 3}"
        found.append(partners[line["Partner no"]] | line | {"year": year, "month": month, "quarter": quarter})
    return found


def summed(orders, *by, of="Amount"):
    sums, counts = defaultdict(Decimal), defaultdict(int)
    for order in orders:
        key = tuple(order[name] for name in by)
        sums[key] += Decimal(order[of])
        counts[key] += 1
    return {key: (str(value), counts[key]) for key, value in sums.items()}


@pytest.fixture(scope="module")
def filled(lasting):
    lasting.var.mkdir()
    mapping = lasting.var / "map.json"
    mapping.write_text(json.dumps(MAP))
    filled_in = ["--set", "stage=won", "--create-fields", "--map", mapping]
    lasting.done("import", "partner", DATA / "partners.csv", "--create-fields")
    lasting.done("import", "deal", DATA / "orders-2010-2012.csv", *filled_in)
    return lasting


@pytest.fixture(scope="module")
def ask(filled):
    def asked(*rows, measures=None, **more):
        question = {
            "object": "deal", "filters": [{"field": "outcome", "op": "is", "value": "won"}],
            "rows": [{"field": row} if isinstance(row, str) else row for row in rows],
            "measures": measures or [{"key": "won", "fn": "sum", "field": "amount"}, {"key": "n"}],
        }  # fmt: skip
        return json.loads(filled.done("ask", "-", "--format", "json", input=json.dumps(question | more)))

    return asked


def found(answer, *keys):
    return {tuple(row[key] for key in keys): (row["won"], row["n"]) for row in answer["rows"]}


GROUPS = {
    "year": ([{"field": "closed_on", "by": "year"}], ["year"]),
    "quarter": ([QUARTER], ["quarter"]),
    "month": ([{"field": "closed_on", "by": "month"}], ["month"]),
    "territory": (["partner.territory"], ["Territory"]),
    "type": (["partner.type"], ["Type"]),
    "currency": (["order_currency"], ["Currency"]),
    "sales_person": (["sales_person"], ["Sales person"]),
    "partner": (["partner.number"], ["Partner no"]),
    "territory_quarter": (["partner.territory", QUARTER], ["Territory", "quarter"]),
}


@pytest.mark.parametrize("name", GROUPS)
def test_groups_have_the_sums_and_counts_of_the_file(ask, orders, name):
    rows, columns = GROUPS[name]
    answer = ask(*rows)
    keys = [row if isinstance(row, str) else row["field"] for row in rows]
    ours = found(answer, *keys)
    assert ours == summed(orders, *columns)
    assert answer["count"] == len(ours) == len(answer["rows"])
    assert answer["totals"] == {"won": summed(orders)[()][0], "n": 2088}
    if TRUTH.exists():
        truth = json.loads(TRUTH.read_text("utf-8"))
        named = {" | ".join(key): value for key, value in ours.items()}
        assert {key: won for key, (won, _) in named.items()} == truth["amount"][name]
        assert {key: n for key, (_, n) in named.items()} == truth["orders"][name]


def test_a_map_that_names_the_amount_and_no_currency_means_the_base_currency(filled, tmp_path):
    """Columns that it does not name are found by their own names all the same."""
    orders, question = DATA / "orders-2010-2012.csv", json.dumps({"object": "deal", "measures": [{"key": "won", "fn": "sum", "field": "amount"}]})
    mapping = tmp_path / "map.json"
    mapping.write_text(json.dumps({"Amount": "amount"}))
    filled.done("import", "deal", orders, "--set", "stage=won", "--map", mapping)
    assert json.loads(filled.done("ask", "-", "--format", "json", input=question))["totals"] == {"won": "46875763.04"}


def test_the_grand_total_is_that_of_the_file(ask, orders):
    answer = ask()
    assert answer["rows"] == [{"won": "46875763.04", "n": 2088}] and answer["count"] == 1
    assert answer["totals"] == answer["rows"][0] and summed(orders) == {(): ("46875763.04", 2088)}


def test_columns_that_became_fields_add_up_by_quarter(ask, orders):
    measures = [{"key": name, "fn": "sum", "field": name.lower()} for name in (*CATEGORIES, "Cost")]
    answer = ask(QUARTER, measures=measures)
    for name in (*CATEGORIES, "Cost"):
        ours = {(row["closed_on"],): row[name] for row in answer["rows"]}
        assert ours == {key: total for key, (total, _) in summed(orders, "quarter", of=name).items()}
        assert answer["totals"][name] == summed(orders, of=name)[()][0]
    if TRUTH.exists():
        truth = json.loads(TRUTH.read_text("utf-8"))["amount"]
        assert {name: answer["totals"][name] for name in CATEGORIES} == truth["category"]
        cells = {f"{name} | {row['closed_on']}": row[name] for row in answer["rows"] for name in CATEGORIES}
        assert cells == truth["category_quarter"] and answer["totals"]["Cost"] == truth["cost"]["all"]


def test_partners_who_bought_are_counted_once(ask):
    buyers = [{"key": "buyers", "fn": "count distinct", "field": "partner"}]
    ours = {}
    for name, row in (("quarter", QUARTER), ("territory", "partner.territory"), ("year", {"field": "closed_on", "by": "year"})):
        key = "closed_on" if name != "territory" else "partner.territory"
        ours |= {f"{name}:{row[key]}": row["buyers"] for row in ask(row, measures=buyers)["rows"]}
    if TRUTH.exists():
        assert ours == json.loads(TRUTH.read_text("utf-8"))["buying_partners"]
    assert ours["year:2011"] == 251 and ours["territory:Canada"] == 84


def test_the_best_partners_come_first(ask, orders):
    sort = [{"key": "won", "desc": True}]
    answer = ask("partner.number", "partner.name", sort=sort, limit=25)
    best = [[row["partner.number"], row["partner.name"], row["won"]] for row in answer["rows"]]
    sums = summed(orders, "Partner no", "Name")
    wanted = sorted(([*key, won] for key, (won, _) in sums.items()), key=lambda line: -Decimal(line[2]))[:25]
    assert best == wanted and answer["count"] == len(sums) and len(best) == 25
    assert answer["totals"]["won"] == "46875763.04"
    if TRUTH.exists():
        assert best == json.loads(TRUTH.read_text("utf-8"))["top_25_partners"]


def test_the_csv_adds_up_to_the_same(filled, orders):
    question = {"object": "deal", "rows": [{"field": "partner.territory"}], "measures": [{"key": "won", "fn": "sum", "field": "amount"}]}
    text = filled.done("ask", "-", "--format", "csv", input=json.dumps(question)).lstrip("\ufeff")
    lines = list(csv.reader(text.splitlines()))[1:]
    assert {(name,): won for name, won in lines} == {key: won for key, (won, _) in summed(orders, "Territory").items()}


def test_importing_the_same_file_again_changes_nothing(filled, ask):
    mapping = filled.var / "map.json"
    said = filled.done("import", "deal", DATA / "orders-2010-2012.csv", "--set", "stage=won", "--map", mapping)
    assert "made 0, changed 0, unchanged 2088, refused 0" in said
    assert ask()["totals"] == {"won": "46875763.04", "n": 2088}
