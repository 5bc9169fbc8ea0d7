"""Amounts in a file are read in the currency beside them: yen have no decimals, dinars three."""
from prm.catalogue.objects import catalogue
from prm.transfers.checking import Checker
from prm.transfers.plan import Plan

HEADER = ["Order", "Partner", "Amount", "Cur"]
COLUMNS = {"Order": "number", "Partner": "partner", "Amount": "amount", "Cur": "currency"}


def test_each_line_has_the_decimals_of_its_currency(make, acme, sam):
    make.stages()
    deals = catalogue(sam)["deal"]
    checker = Checker(sam, deals, Plan(columns=COLUMNS, fixed={"stage": "won"}), HEADER, {})
    read = {}
    for line, (amount, currency) in enumerate((("1500", "JPY"), ("1.5", "kwd"), ("15.00", "USD"), ("15", "")), 2):
        checked = checker.line(line, [f"O{line}", acme.number, amount, currency])
        assert checked.reasons == []
        read[currency] = checked.values["amount"]
    assert read == {"JPY": 1500, "kwd": 1500, "USD": 1500, "": 1500}
