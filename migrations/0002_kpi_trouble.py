"""A KPI that cannot be worked out says why; marks of changed rows are never of one KPI alone."""
from peewee import *


def up(migrator, db):
    class Partner(Model):
        class Meta:
            database = db
            table_name = 'partner'

    class Stale(Model):
        partner = ForeignKeyField(Partner, on_delete='CASCADE')
        day = DateField(null=True)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'stale'

    migrator.migrate(migrator.add_column('kpi', 'trouble', TextField(default='')))
    db.drop_tables([Stale])
    db.create_tables([Stale])


def down(migrator, db):
    migrator.migrate(migrator.drop_column('kpi', 'trouble'))
