"""Keys for programs."""
from peewee import *


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class ApiToken(Model):
        person = ForeignKeyField(Person, on_delete='CASCADE')
        name = CharField(max_length=80)
        hash = CharField(unique=True, max_length=64)
        scope = CharField(max_length=5)
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)
        revoked_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'api_token'
    db.create_tables([ApiToken])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('api_token'))
