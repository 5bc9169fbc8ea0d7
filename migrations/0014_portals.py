"""Portals, their versions, and the pictures on their pages."""
from peewee import *


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Portal(Model):
        slug = CharField(unique=True, max_length=40)
        host = CharField(unique=True, null=True, max_length=200)
        template = CharField(max_length=20)
        state = CharField(max_length=6, default='draft')
        draft = JSONField(default=dict)
        published = JSONField(null=True)
        number = IntegerField(default=0)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'portal'
    db.create_tables([Portal])

    class PortalPicture(Model):
        portal = ForeignKeyField(Portal, on_delete='CASCADE')
        name = CharField(max_length=120)
        file = CharField(max_length=64)
        kind = CharField(max_length=20)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'portal_picture'
    db.create_tables([PortalPicture])

    class PortalVersion(Model):
        portal = ForeignKeyField(Portal, on_delete='CASCADE', index=False)
        number = IntegerField()
        content = JSONField()
        author = ForeignKeyField(Person, null=True, on_delete='SET NULL')
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'portal_version'
            indexes = ((('portal', 'number'), True),)
    db.create_tables([PortalVersion])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('portal_version'))
    migrator.migrate(migrator.drop_table('portal_picture'))
    migrator.migrate(migrator.drop_table('portal'))
