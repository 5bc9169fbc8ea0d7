"""A report: what was won by month, over ten thousand deals and over a million, beside the SQL that one would write by hand."""
from __future__ import annotations

from pathlib import Path

from benchmarks import rows
from benchmarks.figure import Figure, cpu, wall

QUESTION = {
    "object": "deal",
    "filters": [{"field": "outcome", "op": "is", "value": "won"}],
    "rows": [{"field": "closed_on", "by": "month"}],
    "measures": [{"key": "won", "fn": "sum", "field": "amount"}, {"key": "n", "fn": "count"}],
}
BY_HAND = (
    "SELECT substr(CAST(closed_on AS text), 1, 7), SUM(amount_base), COUNT(*) FROM deal WHERE outcome = 'won' GROUP BY 1 ORDER BY 1"
)
MORE = 100


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var)
    from prm.core.db import db

    with here.app.app_context(), db.connection_context():  # type: ignore[attr-defined]
        few = _report("report over 10,000 deals", 9)
        rows.multiply_deals(MORE)
        return [few, _report("the same over 1,000,000", 60)]


def _report(name: str, limit: float) -> Figure:
    from prm.access.system import SYSTEM
    from prm.catalogue.answer import answer
    from prm.catalogue.question import Question
    from prm.core.db import db, is_sqlite

    question, by_hand = Question.parse(QUESTION), lambda: db.execute_sql(BY_HAND).fetchall()
    found = [(row.values["closed_on"], row.values["won"], row.values["n"]) for row in answer(question, SYSTEM).rows]
    if found != [(month, int(won), n) for month, won, n in by_hand()]:
        raise AssertionError("the answer is not what SQL says")
    clock, unit = (cpu, "ms CPU") if is_sqlite() else (wall, "ms")
    return Figure(name, clock(by_hand), clock(lambda: answer(question, SYSTEM)), limit if is_sqlite() else None, unit)
