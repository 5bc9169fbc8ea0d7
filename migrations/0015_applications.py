"""Who wants to become a partner."""
from peewee import *


def up(migrator, db):
    class Partner(Model):
        class Meta:
            database = db
            table_name = 'partner'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Portal(Model):
        class Meta:
            database = db
            table_name = 'portal'

    class Application(Model):
        portal = ForeignKeyField(Portal, null=True, on_delete='SET NULL')
        company = CharField(max_length=200)
        values = JSONField(default=dict)
        contact = CharField(max_length=200)
        email = CharField(index=True, max_length=254)
        message = TextField(default='')
        state = CharField(index=True, max_length=10, default='new')
        reason = TextField(default='')
        partner = ForeignKeyField(Partner, null=True, on_delete='SET NULL')
        decider = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        decided_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'application'
    db.create_tables([Application])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('application'))
