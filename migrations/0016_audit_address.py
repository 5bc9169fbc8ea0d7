"""Where a change was made from."""
from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column('activity', 'address', CharField(max_length=64, default='')))


def down(migrator, db):
    migrator.migrate(migrator.drop_column('activity', 'address'))
