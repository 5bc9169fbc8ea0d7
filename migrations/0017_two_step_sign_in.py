"""A second step of signing in: the secret of an app, codes for the day the phone is lost, roles of which it is asked."""
from peewee import *

LISTS = (('person', 'recovery'), ('organisation', 'two_step_roles'))


def up(migrator, db):
    migrator.migrate(migrator.add_column('person', 'totp', CharField(max_length=64, default='')))
    migrator.migrate(migrator.add_column('person', 'totp_step', IntegerField(default=0)))
    for table, column in LISTS:
        migrator.migrate(migrator.add_column(table, column, JSONField(null=True)))
        _empty(db, table, column)
        migrator.migrate(migrator.add_not_null(table, column))


def _empty(db, name, column):
    """An empty list, where there are rows already."""

    class Rows(Model):
        class Meta:
            database = db
            table_name = name

    Rows._meta.add_field(column, JSONField(null=True))
    Rows.update({column: []}).execute()


def down(migrator, db):
    for table, column in reversed(LISTS):
        migrator.migrate(migrator.drop_column(table, column))
    migrator.migrate(migrator.drop_column('person', 'totp_step'))
    migrator.migrate(migrator.drop_column('person', 'totp'))
