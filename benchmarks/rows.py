"""A portal of a given size with made-up rows: partners, contacts, deals over eight quarters, and five KPIs with targets."""
from __future__ import annotations

import os
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

QUARTERS = 8
STAGES = (("Registered", 10, "open"), ("Proposal", 50, "open"), ("Won", 100, "won"), ("Lost", 0, "lost"))
OUTCOMES = ((3, "won"), (3, "won"), (1, "open"), (4, "lost"))  # stage and outcome of every fourth deal
WON = {"object": "deal", "filters": [{"field": "outcome", "op": "is", "value": "won"}]}
SHARE = [
    {"key": "a", "fn": "count", "where": WON["filters"]}, {"key": "b", "fn": "count"}, {"key": "value", "formula": "a / b"},
]  # fmt: skip
KPIS = (
    ("Revenue", "money", WON | {"measures": [{"key": "value", "fn": "sum", "field": "amount"}]}, 300_000),
    ("Deals won", "number", WON | {"measures": [{"key": "value", "fn": "count"}]}, 5),
    ("Average deal value", "money", WON | {"measures": [{"key": "value", "fn": "mean", "field": "amount"}]}, 40_000),
    ("Active months", "number",
     WON | {"measures": [{"key": "value", "fn": "count distinct", "field": "closed_on", "by": "month"}]}, 3),
    ("Share won", "percent", {"object": "deal", "measures": SHARE}, "0.5"),
)  # fmt: skip


@dataclass
class Portal:
    """`key` is that of a session of its admin, `cookie` what a browser sends for it."""

    app: object
    key: str
    cookie: str


def portal(var: Path, *, partners: int = 1000, contacts: int = 5000, deals: int = 10_000, kpis: bool = False) -> Portal:
    """A portal over a new database in `var` (or at PRM_DATABASE_URL), filled."""
    from flask.sessions import SecureCookieSessionInterface

    os.environ["PRM_VAR"] = str(var)
    from prm import create_app
    from prm.access import sessions
    from prm.core.db import db
    from prm.migrating import migrate
    from prm.models import Person

    app = create_app()
    with db.connection_context():
        migrate(app.extensions["settings"].var)
    with app.app_context(), db.connection_context():
        fill(partners, contacts, deals)
        if kpis:
            from prm.kpis.refreshing import compute_all

            compute_all()
        key = sessions.begin(Person.get(Person.role == "admin"))
    signed = SecureCookieSessionInterface().get_signing_serializer(app).dumps({"key": key})
    return Portal(app, key, f"{app.config['SESSION_COOKIE_NAME']}={signed}")


def made_elsewhere(var: Path, **sizes: int):
    """The app of such a portal that another process has filled, so that the memory of this one is small."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        other.submit(_make, var, sizes).result()
    os.environ["PRM_VAR"] = str(var)
    from prm import create_app

    return create_app()


def _make(var: Path, sizes: dict[str, int]) -> None:
    portal(var, **sizes)


def fill(partners: int, contacts: int, deals: int) -> None:
    from prm.core.db import db

    with db.atomic():
        _lists()
        _people(partners, contacts)
        add_deals(deals, partners)


def _lists() -> None:
    """What a new portal has is replaced by our own sizes and order."""
    from prm.core.passwords import hash_password
    from prm.models import Kpi, KpiVersion, Organisation, Person, Stage, Target, Tier

    for laid in (Kpi, Stage, Tier, Organisation):
        laid.delete().execute()
    Organisation.create(id=1, name="Kestrel")
    for at, (name, probability, outcome) in enumerate(STAGES):
        Stage.create(id=at + 1, name=name, position=at, probability=probability, outcome=outcome)
    for at, name in enumerate(("Platinum", "Gold", "Silver", "Registered")):
        Tier.create(id=at + 1, name=name, position=at)
    Person.create(name="Sam", email="sam@kestrel.example", role="admin", password_hash=hash_password("correct horse battery"))
    for at, (name, unit, question, target) in enumerate(KPIS):
        kpi = Kpi.create(name=name, state="active", position=at)
        since = date(1900, 1, 1)
        KpiVersion.create(kpi=kpi, number=1, question=question, date_field="closed_on", unit=unit, valid_from=since)
        Target.create(kpi=kpi, valid_from=since, value=target)


def _people(partners: int, contacts: int) -> None:
    from prm.models import Contact, Partner

    insert(Partner, [
        {"number": f"P{n:05d}", "name": f"Partner {n:05d}", "tier": n % 4 + 1, "territory": f"Territory {n % 10}",
         "type": f"Type {n % 3}", "search_text": f"p{n:05d} partner {n:05d}"}
        for n in range(partners)
    ])  # fmt: skip
    insert(Contact, [
        {"number": f"C{n:05d}", "name": f"Contact {n:05d}", "email": f"c{n}@example.com", "partner": n % partners + 1,
         "search_text": f"c{n:05d} contact {n:05d}"}
        for n in range(contacts)
    ])  # fmt: skip


def days() -> tuple[date, int]:
    """The first day of eight quarters that end with the current one, and how many days there are up to today."""
    from prm.core.periods import last_periods, period_of

    first = last_periods(period_of(date.today(), "quarter"), QUARTERS)[0].start
    return first, (date.today() - first).days + 1


def add_deals(deals: int, partners: int, start: int = 0) -> None:
    from prm.models import Deal

    chance, batch = random.Random(7), []
    first, many = days()
    for n in range(start, start + deals):
        stage, outcome = OUTCOMES[n % 4]
        amount, day = chance.randrange(10_000, 9_000_000), first + timedelta(days=chance.randrange(many))
        batch.append(
            {"number": f"D{n:07d}", "title": f"Deal {n:07d}", "partner": chance.randrange(partners) + 1, "stage": stage,
             "outcome": outcome, "amount": amount, "amount_base": amount, "currency": "USD", "created_on": day,
             "closed_on": day if outcome != "open" else None, "search_text": f"d{n:07d} deal {n:07d}"}
        )  # fmt: skip
        if len(batch) == 5000:
            insert(Deal, batch)
            batch = []
    insert(Deal, batch)


def multiply_deals(times: int) -> None:
    """As many copies of every deal, made by the database itself: a million rows in seconds."""
    from prm.core.db import db

    columns = [c.name for c in db.get_columns("deal") if c.name not in ("id", "number")]
    listed = ", ".join(columns)
    db.execute_sql(
        f"INSERT INTO deal (number, {listed}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times - 1}) "
        f"SELECT number || '-' || i, {listed} FROM deal CROSS JOIN n"
    )


def insert(table, rows: list[dict]) -> None:
    for start in range(0, len(rows), 1000):
        table.insert_many(rows[start : start + 1000]).execute()
