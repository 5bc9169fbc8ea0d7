"""Writes the SQL of peewee's queries, the same text in less time: a page has hundreds of columns, and peewee needs a dozen
calls for each."""
from __future__ import annotations

from peewee import SCOPE_VALUES, Column, Context, Field, FieldAlias, ModelAlias, Table

# How a column says where it stands and what it is called, by what peewee would call to write it.
PLACES = {
    Field.__sql__: lambda field: (field.model._meta.table, field.column_name),
    FieldAlias.__sql__: lambda field: (field.source, field.field.column_name),
    Column.__sql__: lambda column: (column.source, column.name),
}


class Writer(Context):
    """A column of a table or an alias is written outright; everything else is left to peewee."""

    __slots__ = ()

    def sql(self, obj):
        place = PLACES.get(getattr(type(obj), "__sql__", None))
        if place is None or self.state.scope == SCOPE_VALUES:
            return super().sql(obj)
        source, name = place(obj)
        if type(source) is Table:
            named = source._alias
        elif type(source) is ModelAlias:
            named = source.alias
        else:
            return super().sql(obj)
        known, quotes = self.alias_manager, self.state.quote or '""'
        if named:
            known[source] = named
        self._sql.append(f"{_quoted(known[source], quotes)}.{_quoted(name, quotes)}")
        return self


def _quoted(name: str, quotes: str) -> str:
    return quotes[0] + name.replace(quotes[0], quotes) + quotes[1]
