"""Queries written once give the rows that peewee would, as often as they are asked and on each database."""
from prm.core.prepared import Prepared, given
from prm.models import Organisation, Partner, Person


def test_a_row_is_the_one_that_peewee_would_read(mia):
    by_id = Prepared(lambda: Person.select().where(Person.id == given()), Person)
    for _ in range(2):
        found, known = by_id.first(mia.id), Person.get_by_id(mia.id)
        assert found.__data__ == known.__data__ and not found._dirty and found.partner is None


def test_rows_of_two_tables_come_side_by_side(mia, acme):
    both = Prepared(lambda: Partner.select(Partner, Person).join(Person, on=Partner.manager).where(Partner.id == given()), Partner, Person)
    partner, manager = both.first(acme.id)
    assert partner.__data__ == Partner.get_by_id(acme.id).__data__ and manager.__data__ == Person.get_by_id(mia.id).__data__


def test_what_changed_since_is_read_anew(make):
    the_one = Prepared(lambda: Organisation.select().where(Organisation.id == given()), Organisation)
    before = the_one.first(1)
    Organisation.update(name="Falcon").where(Organisation.id == 1).execute()
    assert (before.name, the_one.first(1).name, the_one.first(2)) == ("Kestrel", "Falcon", None)


def test_one_query_serves_both_databases(sqlite, postgresql, make):
    from prm.core.db import db

    people = Prepared(lambda: Person.select().order_by(Person.id), Person)
    for database in (sqlite, postgresql):
        db.initialize(database)
        Person.create(name="Sam", email="sam@kestrel.example", role="admin")
        assert [person.name for person in people.all()] == ["Sam"]
