"""Our writer of SQL says what peewee's own would say, for every shape of a column."""
from peewee import Context, fn

from prm.core.db import db
from prm.core.writer import Writer
from prm.models import Deal, Partner, Person, Tier


def _queries():
    chief, upper = Person.alias(), Partner.alias("upper")
    place = fn.ROW_NUMBER().over(partition_by=[Deal.partner], order_by=[Deal.amount.desc()]).alias("place")
    ranked = Deal.select(Deal.partner, place).where(Deal.outcome == "won").alias("ranked")
    newest = Deal.select(fn.MAX(Deal.id)).where(Deal.partner == Partner.id)
    yield Partner.select().where((Partner.name == "a") | Partner.tier.is_null()).order_by(Partner.name.desc())
    yield Partner.select(Partner, chief.name, upper.name).join_from(Partner, chief, on=Partner.manager == chief.id).join_from(
        Partner, upper, on=Partner.parent == upper.id
    )
    yield ranked.select_from(ranked.c.partner_id).where(ranked.c.place <= 5)
    yield Partner.select(Partner.id, newest.alias("newest")).where(Partner.id.in_(Deal.select(Deal.partner).distinct()))
    yield Partner.select(Partner.custom["motto"].as_text())
    yield Tier.insert(name="a")
    yield Partner.update(name=Partner.number).where(Partner.id == 1)
    yield Partner.delete().where(Partner.id.in_(Deal.select(Deal.partner)))
    yield Tier.insert_many([{"name": "a", "position": 1}]).on_conflict(
        conflict_target=[Tier.name], update={Tier.position: 2}
    ).returning(Tier.id)


def test_every_query_reads_as_peewee_would_write_it(database):
    for query in _queries():
        ours, plain = db.get_sql_context(), Context(**db.get_context_options())
        assert isinstance(ours, Writer)
        assert ours.sql(query.clone()).query() == plain.sql(query.clone()).query()
