"""A portal of a given size with made-up rows: partners, five contacts each, deals over nine quarters, KPIs."""
from __future__ import annotations

import os
import random
from datetime import date, timedelta
from pathlib import Path

QUARTERS = 9
FIRST = date(2024, 10, 1)


def portal(var: Path, *, partners: int = 1000, contacts: int = 5000, deals: int = 10_000):
    """An app over a new SQLite file in `var`, filled; returns (app, key of a session of its admin)."""
    os.environ["PRM_VAR"] = str(var)
    from prm import create_app
    from prm.access import sessions
    from prm.core.db import db
    from prm.migrating import migrate

    app = create_app()
    migrate(app.extensions["settings"].var)
    with app.app_context(), db.connection_context():
        fill(partners, contacts, deals)
        from prm.models import Person

        key = sessions.begin(Person.get(Person.role == "admin"))
    return app, key


def fill(partners: int, contacts: int, deals: int) -> None:
    from prm.core.db import db
    from prm.core.passwords import hash_password
    from prm.models import Contact, Organisation, Partner, Person, Stage, Tier

    chance = random.Random(7)
    with db.atomic():
        for laid in (Stage, Tier, Organisation):  # what migrating lays, in our own sizes and order
            laid.delete().execute()
        Organisation.create(id=1, name="Kestrel")
        stages = [("Registered", 10, "open"), ("Proposal", 50, "open"), ("Won", 100, "won"), ("Lost", 0, "lost")]
        for at, (name, probability, outcome) in enumerate(stages):
            Stage.create(name=name, position=at, probability=probability, outcome=outcome)
        for at, name in enumerate(("Platinum", "Gold", "Silver", "Registered")):
            Tier.create(name=name, position=at)
        Person.create(name="Sam", email="sam@kestrel.example", role="admin", password_hash=hash_password("correct horse battery"))
        rows = [
            {"number": f"P{n:05d}", "name": f"Partner {n:05d}", "tier": n % 4 + 1, "territory": f"Territory {n % 10}",
             "type": f"Type {n % 3}", "search_text": f"p{n:05d} partner {n:05d}"}
            for n in range(partners)
        ]  # fmt: skip
        _insert(Partner, rows)
        rows = [
            {"number": f"C{n:05d}", "name": f"Contact {n:05d}", "email": f"c{n}@example.com", "partner": n % partners + 1,
             "search_text": f"c{n:05d} contact {n:05d}"}
            for n in range(contacts)
        ]  # fmt: skip
        _insert(Contact, rows)
        add_deals(deals, partners, chance)


def add_deals(deals: int, partners: int, chance: random.Random) -> None:
    from prm.models import Deal

    batch = []
    for n in range(deals):
        stage, outcome = ((3, "won"), (3, "won"), (1, "open"), (4, "lost"))[n % 4]
        amount, day = chance.randrange(10_000, 9_000_000), FIRST + timedelta(days=chance.randrange(QUARTERS * 91))
        batch.append(
            {"number": f"D{n:07d}", "title": f"Deal {n:07d}", "partner": chance.randrange(partners) + 1, "stage": stage,
             "outcome": outcome, "amount": amount, "amount_base": amount, "currency": "USD", "created_on": day,
             "closed_on": day if outcome != "open" else None, "search_text": f"d{n:07d} deal {n:07d}"}
        )  # fmt: skip
        if len(batch) == 5000:
            _insert(Deal, batch)
            batch = []
    _insert(Deal, batch)


def _insert(table, rows: list[dict]) -> None:
    for start in range(0, len(rows), 1000):
        table.insert_many(rows[start : start + 1000]).execute()
