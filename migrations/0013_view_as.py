"""As whom staff look at the portal."""
from peewee import *

def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    migrator.migrate(migrator.add_column('session', 'viewing_id', ForeignKeyField(Person, field=Person.id, null=True, on_delete='SET NULL')))


def down(migrator, db):
    migrator.migrate(migrator.drop_index('session', 'session_viewing_id'))
    migrator.migrate(migrator.drop_column('session', 'viewing_id'))
