"""The list of partners is read in the order of an index: no sorting of all of them for twenty-five."""
from peewee import *


def up(migrator, db):
    collation = '' if db.param == '?' else ' COLLATE "C"'
    db.execute_sql(f'CREATE INDEX "partner_lower_name" ON "partner" ((LOWER("name"){collation}), "id" DESC)')


def down(migrator, db):
    migrator.migrate(migrator.drop_index('partner', 'partner_lower_name'))
