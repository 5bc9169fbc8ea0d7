"""Questions as report builders ask them, over a million deals with twenty custom values each, beside the SQL that one would write
by hand: both must find the same. PRM_BENCHMARK_DEALS makes them fewer."""
from __future__ import annotations

import os
from pathlib import Path

from benchmarks import rows
from benchmarks.figure import Figure, cpu, wall

DEALS, MORE = 10_000, int(os.environ.get("PRM_BENCHMARK_DEALS", "1000000")) // 10_000
WON = [{"field": "outcome", "op": "is", "value": "won"}]
TOTAL, COUNT = {"key": "won", "fn": "sum", "field": "amount"}, {"key": "n", "fn": "count"}
AT_MOST = 1.3  # times the SQL by hand
ROUNDS = 3

QUESTIONS = (
    ("summary by territory and quarter",
     {"object": "deal", "filters": WON, "rows": [{"field": "partner.territory"}, {"field": "closed_on", "by": "quarter"}], "measures": [TOTAL, COUNT]},
     "SELECT p.territory, (CAST(SUBSTR(CAST(d.closed_on AS text), 1, 4) AS integer) * 12 + CAST(SUBSTR(CAST(d.closed_on AS text), 6, 2) AS integer) - 1) / 3 AS q,"
     " SUM(d.amount_base), COUNT(*) FROM deal d JOIN partner p ON p.id = d.partner_id WHERE d.outcome = 'won' GROUP BY 1, 2"),
    ("matrix of territory and stage",
     {"object": "deal", "rows": [{"field": "partner.territory"}], "columns": [{"field": "stage"}], "measures": [TOTAL, COUNT]},
     "SELECT p.territory, d.stage_id, SUM(d.amount_base), COUNT(*) FROM deal d JOIN partner p ON p.id = d.partner_id GROUP BY 1, 2"),
    ("group by a custom field",
     {"object": "deal", "rows": [{"field": "segment"}], "measures": [TOTAL, COUNT]},
     "SELECT NULLIF({segment}, ''), NULL, SUM(d.amount_base), COUNT(*) FROM deal d GROUP BY 1"),
    ("partners without a deal won in 90 days",
     {"object": "partner", "measures": [COUNT], "filters": [{"without": "deal", "filters": [*WON, {"field": "closed_on", "op": "in", "value": "last 90 days"}]}]},
     "SELECT NULL, NULL, NULL, COUNT(*) FROM partner p WHERE p.id NOT IN (SELECT d.partner_id FROM deal d WHERE d.outcome = 'won'"
     " AND d.closed_on >= '{since}' AND d.closed_on < '{until}')"),
)  # fmt: skip
PAGE = {"object": "deal", "fields": ["title", "partner", "stage", "amount", "closed_on"], "sort": [{"key": "closed_on", "desc": True}], "limit": 50}
PAGE_BY_HAND = (
    "SELECT d.id, d.title, p.name, s.name, d.amount, d.closed_on FROM deal d LEFT JOIN partner p ON p.id = d.partner_id LEFT JOIN stage s ON s.id = d.stage_id"
    " ORDER BY d.closed_on DESC NULLS LAST, d.id DESC LIMIT 50"
)  # fmt: skip
SUMS_BY_HAND = "SELECT COUNT(*), SUM(amount_base) FROM deal"


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, deals=DEALS)
    from prm.core.db import db

    with here.app.app_context(), db.connection_context():  # type: ignore[attr-defined]
        _add_custom_values()
        rows.multiply_deals(MORE)
        db.execute_sql("ANALYZE")
        return [*(_question(*each) for each in QUESTIONS), *_page()]


def _add_custom_values() -> None:
    """Twenty to a deal: choices, numbers and texts, as the catalogue keeps them."""
    from prm.core.db import db
    from prm.models import CustomField, Deal

    for at in range(20):
        key, kind = ("segment", "text") if at == 0 else (f"figure{at}", "number") if at % 2 else (f"word{at}", "text")
        CustomField.create(object="deal", key=key, label=key.capitalize(), kind=kind, audience="staff", position=at)
    with db.atomic():
        for id in Deal.select(Deal.id).scalars():
            values = {"segment": f"Segment {id % 12}"} | {f"figure{at}": id * at * 1_000_000 for at in range(1, 20, 2)} | {f"word{at}": f"Word {id % 97}" for at in range(2, 20, 2)}
            Deal.update(custom=values).where(Deal.id == id).execute()


def _question(name: str, question: dict, by_hand: str) -> Figure:
    from prm.access.system import SYSTEM
    from prm.catalogue.answer import answer
    from prm.catalogue.question import Question
    from prm.core.db import db, is_sqlite

    asked, sql = Question.parse(question | {"limit": 100_000}), _written(by_hand, is_sqlite())
    ask, run = lambda: answer(asked, SYSTEM), lambda: db.execute_sql(sql).fetchall()  # noqa: E731
    mine, theirs = ask(), run()
    if sorted((str(r.values.get("won")), r.values["n"]) for r in mine.rows) != sorted((str(None if w is None else int(w)), n) for *_, w, n in theirs):
        raise AssertionError(f"{name}: the answer is not what SQL says")
    clock, unit = (cpu, "ms CPU") if is_sqlite() else (wall, "ms")
    floor = clock(run, ROUNDS)
    return Figure(f"{name}, {DEALS * MORE:,} deals", floor, clock(ask, ROUNDS), round(floor * AT_MOST, 1), unit)


def _written(by_hand: str, sqlite: bool) -> str:
    from datetime import date, timedelta

    until = date.today() + timedelta(days=1)
    segment = "json_extract(d.custom, '$.segment')" if sqlite else "d.custom ->> 'segment'"
    return by_hand.format(segment=segment, since=until - timedelta(days=90), until=until)


def _page() -> list[Figure]:
    """With the count and the sum of amounts over all rows, which every list shows: kept while nothing is committed, and anew."""
    from prm.access.system import SYSTEM
    from prm.catalogue.answer import answer
    from prm.catalogue.question import Question
    from prm.core.db import db, is_sqlite

    asked = Question.parse(PAGE)
    clock, unit = (cpu, "ms CPU") if is_sqlite() else (wall, "ms")
    by_hand = clock(lambda: (db.execute_sql(PAGE_BY_HAND).fetchall(), db.execute_sql(SUMS_BY_HAND).fetchall()), ROUNDS)
    name, ask = f"a page of 50 sorted rows of {DEALS * MORE:,}, with its totals", lambda: answer(asked, SYSTEM)
    kept = clock(ask, ROUNDS)
    commit = lambda: db.execute_sql("UPDATE person SET version = version + 1 WHERE id = 1")  # noqa: E731
    anew = clock(lambda: (commit(), ask()), ROUNDS)
    return [Figure(name, by_hand, kept, 100, unit), Figure(f"{name}, when something was committed since", by_hand, anew, None, unit)]


