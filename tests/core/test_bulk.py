"""Many rows in one statement come out as if they had been saved one by one."""
from datetime import date

from prm.core import bulk, clock
from prm.models import Deal, ImportRow

NAMES = ("number", "title", "partner", "stage", "currency", "amount", "closed_on", "custom", "customer", "outcome",
         "source", "registration", "notes", "search_text", "version", "created_at", "updated_at")  # fmt: skip


def test_every_type_is_kept(database, make, acme):
    now = clock.now()
    won = make.stage()
    rows = [
        [f"D{n}", "It's “q” %s ? :x", acme.id, won.id, "USD", 2**53 + n, date(2026, 7, 1), {"k": ["ü", n, None], "s": f"s{n}"}, "", "won",
         "", "", "", "", 1, now, now]
        for n in range(2000)
    ]  # fmt: skip
    found = dict(bulk.insert(Deal, NAMES, rows, returning=("number", "id")))
    assert len(found) == Deal.select().count() == 2000
    deal = Deal.get_by_id(found["D7"])
    assert (deal.title, deal.amount, deal.closed_on, deal.custom) == ("It's “q” %s ? :x", 2**53 + 7, date(2026, 7, 1), {"k": ["ü", 7, None], "s": "s7"})
    assert deal.created_at == now and Deal.select().where(Deal.custom["s"].as_text() == "s7").get() == deal


def test_nothing_is_nothing(database):
    assert bulk.insert(ImportRow, ("line",), []) == []


def test_batches_have_what_is_left_last():
    assert list(bulk.batches(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
