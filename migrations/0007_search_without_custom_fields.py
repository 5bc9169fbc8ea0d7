"""The search line of a partner had its custom field “city” in it, whoever might know that field."""
from peewee import *

from prm.core.text import searchable


def up(migrator, db):
    class Partner(Model):
        number = CharField()
        name = CharField()
        type = CharField()
        territory = CharField()
        search_text = TextField()

        class Meta:
            database = db
            table_name = 'partner'

    for row in list(Partner.select()):
        plain = searchable(row.number, row.name, row.type, row.territory)
        if plain != row.search_text:
            Partner.update(search_text=plain).where(Partner.id == row.id).execute()


def down(migrator, db):
    pass
