"""Mails say how to end them, and a delivery knows the link that does."""
from peewee import *

def up(migrator, db):
    migrator.migrate(migrator.add_column('mail', 'leave', TextField(default='')))
    migrator.migrate(migrator.add_column('delivery', 'leave_hash', CharField(index=True, max_length=64, default='')))


def down(migrator, db):
    migrator.migrate(migrator.drop_index('delivery', 'delivery_leave_hash'))
    migrator.migrate(migrator.drop_column('delivery', 'leave_hash'))
    migrator.migrate(migrator.drop_column('mail', 'leave'))
