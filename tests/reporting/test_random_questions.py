"""Random questions over random deals: the total is the sum of its groups, of the file, and of the rows behind, to the cent; what a
filter finds is what Python finds; and SQLite and PostgreSQL say the same. PRM_EXAMPLES asks more of them."""
import csv
import io
import os
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prm.access.system import SYSTEM
from prm.core.db import db
from prm.core.errors import Invalid
from prm.models import Contact, Deal, Partner, Rate, Stage
from prm.reporting.asking import ask, rows_behind
from prm.reporting.content import Content
from prm.ui.table_files import headings, plain, write_csv
from tests import make

TODAY = date(2026, 11, 25)
EXAMPLES = int(os.environ.get("PRM_EXAMPLES", "60"))
NAMES = ("", "plain", "Plain", "ÄRGER", "ärger", "a%b", "a_b", "O'Neil", '"quoted"', "=1+1", "日本", "x,y;z")
AMOUNTS = (None, 0, 1, -1, 99, 100, 101, 12_345, 10_000_00, 999_999_999_99)
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="PRM_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def book(seed: int, fiscal_month: int) -> list[dict]:
    """Eighty deals of nine partners as plain values, the same in either database."""
    chance = random.Random(seed)
    make.organisation(currency="USD", fiscal_month=fiscal_month)
    make.stages()
    Rate.create(currency="EUR", valid_from=date(2020, 1, 1), rate="1.17")
    Rate.create(currency="JPY", valid_from=date(2025, 6, 1), rate="0.0067")
    make.custom_field("segment", object="deal")
    make.custom_field("seats", "number", object="deal")
    partners = [
        make.partner(f"Partner {at}", number=f"P{at}", territory=chance.choice(("", "North", "north", "South")), tier=chance.choice((None, "Gold", "Silver")))
        for at in range(9)
    ]
    stages = list(Stage.select().order_by(Stage.position))
    for at in range(80):
        custom = {"segment": chance.choice((*NAMES[1:6], "Ends")), "seats": chance.choice((0, 1_500_000, -2_000_000, 30_000_000))}
        make.deal(
            chance.choice(NAMES), number=f"D{at}", partner=chance.choice(partners), stage=chance.choice(stages).name,
            amount=chance.choice(AMOUNTS), currency=chance.choice(("USD", "USD", "EUR", "JPY", "CHF")), source=chance.choice(NAMES),
            closed_on=chance.choice((None, TODAY + timedelta(days=chance.randint(-800, 60)))), custom={k: v for k, v in custom.items() if chance.random() < 0.8},
        )  # fmt: skip
    return [
        {
            "title": deal.title, "source": deal.source, "closed_on": deal.closed_on, "amount": deal.amount_base, "number": deal.number,
            "outcome": deal.outcome, "partner.territory": deal.partner.territory, "segment": deal.custom.get("segment") or "",
        }
        for deal in Deal.select(Deal, Partner).join(Partner)
    ]  # fmt: skip


# ── what Python finds ──

TEXT_TESTS = {
    "is": lambda v, x: v.lower() == x.lower(), "is not": lambda v, x: v.lower() != x.lower(), "contains": lambda v, x: x.lower() in v.lower(),
    "does not contain": lambda v, x: x.lower() not in v.lower(), "starts with": lambda v, x: v.lower().startswith(x.lower()),
    "is empty": lambda v, x: not v, "is not empty": lambda v, x: bool(v),
}  # fmt: skip
NUMBER_TESTS = {
    "is": lambda v, x: v == x, "is not": lambda v, x: v != x, "above": lambda v, x: v is not None and v > x, "at least": lambda v, x: v is not None and v >= x,
    "below": lambda v, x: v is not None and v < x, "at most": lambda v, x: v is not None and v <= x, "is empty": lambda v, x: v is None,
    "is not empty": lambda v, x: v is not None,
}  # fmt: skip
DAY_TESTS = {
    "is": lambda v, x: v == x, "is not": lambda v, x: v != x, "before": lambda v, x: v is not None and v < x, "after": lambda v, x: v is not None and v > x,
    "on or before": lambda v, x: v is not None and v <= x, "on or after": lambda v, x: v is not None and v >= x, "is empty": lambda v, x: v is None,
    "is not empty": lambda v, x: v is not None,
}  # fmt: skip
WORDS = tuple(word.strip() for word in NAMES if word)

texts = st.tuples(st.sampled_from(("title", "source", "partner.territory", "segment")), st.sampled_from(list(TEXT_TESTS)), st.sampled_from((*WORDS, "north", "p", "%", "_")))
figures = st.tuples(st.just("amount"), st.sampled_from(list(NUMBER_TESTS)), st.sampled_from((0, 1, -1, 100, 12_345)))
days = st.tuples(st.just("closed_on"), st.sampled_from(list(DAY_TESTS)), st.integers(-800, 60).map(lambda days: TODAY + timedelta(days=days)))
outcomes = st.tuples(st.just("outcome"), st.sampled_from(("is", "is not")), st.sampled_from(("won", "lost", "open")))
conditions = st.lists(st.one_of(texts, figures, days, outcomes), max_size=3)
LOGICS = {0: [""], 1: ["", "NOT 1"], 2: ["", "1 OR 2", "1 AND NOT 2", "NOT (1 OR 2)"], 3: ["", "1 OR 2 OR 3", "1 AND (2 OR NOT 3)", "(1 OR 2) AND 3", "NOT (1 AND 2) OR 3"]}


def holds(row: dict, condition: tuple) -> bool:
    field, op, value = condition
    tests = {"amount": NUMBER_TESTS, "closed_on": DAY_TESTS}.get(field, TEXT_TESTS)
    return tests[op](row[field].strip() if isinstance(row[field], str) and field != "title" and field != "source" else row[field], value)


def expected(rows: list[dict], found: list[tuple], logic: str) -> set[str]:
    text = logic or " AND ".join(str(at + 1) for at in range(len(found))) or "True"
    names = {f"c{at + 1}": condition for at, condition in enumerate(found)}
    text = "".join(f"c{c}" if c.isdigit() else c for c in text).replace("AND", "and").replace("OR", "or").replace("NOT", "not")
    return {row["number"] for row in rows if eval(text, {}, {name: holds(row, c) for name, c in names.items()})}  # noqa: S307 - a text of ours


def asked(found: list[tuple], logic: str) -> dict:
    """Money in whole units, days as they are written."""
    written = [{"field": f, "op": op, "value": str(v / 100) if f == "amount" else v.isoformat() if isinstance(v, date) else v} for f, op, v in found]
    return {"object": "deal", "filters": written} | ({"logic": logic} if logic else {})


filtered = conditions.flatmap(lambda found: st.tuples(st.just(found), st.sampled_from(LOGICS[len(found)])))

# ── questions with groups ──

BUCKETS = [{"name": "None", "below": "0.01"}, {"name": "Small", "from": "0.01", "below": "1"}, {"name": "Some", "from": "1", "below": "1000"}, {"name": "Much", "from": "1000"}]
GROUPS = (
    {"field": "stage"}, {"field": "outcome"}, {"field": "partner"}, {"field": "partner.tier"}, {"field": "partner.territory"}, {"field": "segment"},
    {"field": "source"}, *({"field": "closed_on", "by": by} for by in ("day", "week", "month", "quarter", "year")), {"field": "amount", "bucket": BUCKETS},
)  # fmt: skip
WON = [{"field": "outcome", "op": "is", "value": "won"}]
MEASURES = [
    {"key": "n", "fn": "count"}, {"key": "sum", "fn": "sum", "field": "amount"}, {"key": "won", "fn": "sum", "field": "amount", "where": WON},
    {"key": "least", "fn": "min", "field": "amount"}, {"key": "most", "fn": "max", "field": "amount"}, {"key": "mean", "fn": "mean", "field": "amount"},
    {"key": "who", "fn": "count distinct", "field": "partner"}, {"key": "seats", "fn": "sum", "field": "seats"}, {"key": "rate", "formula": "won / sum", "kind": "percent"},
]  # fmt: skip
ADDED = ("n", "sum", "won", "seats")  # whose groups add up to the total


@st.composite
def grouped(draw) -> dict:
    found, logic = draw(filtered)
    chosen = draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=4, unique_by=lambda group: group["field"]))
    columns = draw(st.integers(0, min(2, len(chosen) - 1)))
    rows = chosen[: len(chosen) - columns][:3]
    sort = draw(st.sampled_from(([], [{"key": "n", "desc": True}], [{"key": "sum"}])))
    return asked(found, logic) | {"rows": rows, "columns": chosen[len(chosen) - columns :], "measures": MEASURES, "sort": sort if not columns else []}


def table(question: dict, limit: int = 100_000):
    return ask(Content.parse({"parts": [{"question": question}]}), SYSTEM, limit=limit, today=TODAY)


def values(found) -> list[tuple]:
    return [(line.kind, line.depth, *(str(cell.value) for cell in line.cells)) for line in found.lines]


@pytest.fixture(params=[(1, 1), (2, 4), (3, 11)], ids=lambda param: f"book{param[0]}-year-from-{param[1]}")
def books(request, sqlite_database, postgres_database):
    """The same deals in both databases; `books(name)` goes to one of them."""
    from tests.databases import NAMES as TABLE_NAMES
    from tests.databases import TABLES

    known = {}

    def go(name: str) -> list[dict]:
        database = {"sqlite": sqlite_database, "postgresql": postgres_database}[name]
        db.initialize(database)
        database.connect(reuse_if_open=True)
        return known.get(name, [])

    for name in ("sqlite", "postgresql"):
        go(name)
        if name == "sqlite":
            with db.atomic():
                db.execute_sql("PRAGMA defer_foreign_keys = ON")
                for each in TABLES:
                    each.delete().execute()
        else:
            postgres_database.execute_sql(f"TRUNCATE {TABLE_NAMES} RESTART IDENTITY CASCADE")
        known[name] = book(*request.param)
    yield go
    sqlite_database.close()
    postgres_database.close()
    db.initialize(sqlite_database)


@pytest.mark.postgres
@SETTINGS
@given(filtered)
def test_a_filter_finds_what_python_finds_in_both_databases(books, question):
    found, logic = question
    for name in ("sqlite", "postgresql"):
        rows = books(name)
        made = table(asked(found, logic) | {"fields": ["number", "amount"]})
        numbers = [line.cells[0].value for line in made.lines if line.kind == "row"]
        assert len(numbers) == made.count and set(numbers) == expected(rows, found, logic), (name, question)
        total = [line.cells[1].value for line in made.lines if line.kind == "total"]
        known = [row["amount"] for row in rows if row["number"] in set(numbers) and row["amount"] is not None]
        assert total == ([sum(known)] if known else [])


@pytest.mark.postgres
@SETTINGS
@given(grouped())
def test_both_databases_say_the_same_of_any_groups(books, question):
    said = []
    for name in ("sqlite", "postgresql"):
        books(name)
        made = table(question)
        said.append((values(made), [[head.text for head in row] for row in made.heads], made.count, made.notes))
    assert said[0] == said[1]


@pytest.mark.postgres
@SETTINGS
@given(question=grouped(), chance=st.randoms(use_true_random=False))
def test_groups_add_up_to_the_total_the_file_and_the_rows_behind(books, question, chance):
    books(chance.choice(("sqlite", "postgresql")))
    made = table(question)
    parsed = Content.parse({"parts": [{"question": question}]}).question
    lines = [line for line in made.lines if line.kind == "row"]
    totals = next((line for line in made.lines if line.kind == "total"), None)
    for at, head in enumerate(made.columns):
        if head.key in ADDED and totals is not None and at >= made.labels:
            known = [line.cells[at].value for line in lines if line.cells[at].value is not None]
            assert (totals.cells[at].value or 0) == sum(known), head.key
    _equal_to_the_file(made)
    cells = [cell for line in made.lines for cell in line.cells[made.labels :] if cell.value is not None and cell.place is not None and cell.column.key in ("n", "sum", "won")]
    for cell in chance.sample(cells, min(4, len(cells))):
        _equal_to_the_rows_behind(parsed, cell)


def _equal_to_the_file(made) -> None:
    head, *written = csv.reader(io.StringIO(b"".join(write_csv(made)).decode("utf-8-sig")))
    assert head == headings(made) or any(text.startswith(("=", "'")) for text in headings(made))
    assert len(written) == len(made.lines)
    for line, texts_ in zip(made.lines, written, strict=True):
        for cell, text in zip(line.cells[made.labels :], texts_[made.labels :], strict=True):
            value = plain(cell, made)
            assert text == ("" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value))


def _equal_to_the_rows_behind(question, cell) -> None:
    behind = rows_behind(question, cell.place, cell.column.key, SYSTEM)
    data = Content.parse({"parts": [{"question": {"object": "deal", "fields": ["number", "amount"]}}]})
    asked_behind = replace(behind, fields=("number", "amount"))
    part = replace(data.parts[0], question=asked_behind)
    found = ask(replace(data, parts=(part,)), SYSTEM, limit=100_000, today=TODAY)
    if cell.column.key == "n":
        assert found.count == cell.value
    else:
        total = next((line.cells[1].value for line in found.lines if line.kind == "total"), None)
        assert total == cell.value


def test_the_random_questions_are_not_all_empty(database):
    rows = book(1, 1)
    assert len(rows) == 80 and Contact.select().count() == 0
    with pytest.raises(Invalid):
        table({"object": "deal", "rows": [{"field": "nothing"}]})
