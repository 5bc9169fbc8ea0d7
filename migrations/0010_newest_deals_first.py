"""PostgreSQL reads a page of the newest or largest deals out of an index, with empty values last, as SQLite does already."""
from prm.core.db import is_sqlite

BY = ("closed_on", "amount_base")


def up(migrator, db):
    for name in BY if not is_sqlite() else ():
        db.execute_sql(f'DROP INDEX "deal_{name}"')
        db.execute_sql(f'CREATE INDEX "deal_{name}" ON "deal" ("{name}" DESC NULLS LAST)')


def down(migrator, db):
    for name in BY if not is_sqlite() else ():
        db.execute_sql(f'DROP INDEX "deal_{name}"')
        db.execute_sql(f'CREATE INDEX "deal_{name}" ON "deal" ("{name}")')
