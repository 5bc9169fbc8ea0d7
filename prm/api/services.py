"""What the API does: lists with a cursor, one record, a new one, a changed one."""
from __future__ import annotations

import base64
import binascii
import json
from decimal import Decimal
from typing import Any

from prm.access import rows
from prm.api.values import Reader, record
from prm.catalogue import keeping
from prm.catalogue.answer import answer, context
from prm.catalogue.fields import Catalogue, Object
from prm.catalogue.question import Filter, Matches, Only, Question
from prm.core.errors import Forbidden, Invalid, Missing
from prm.core.ledger import once
from prm.core.links import digest

USUAL, MOST = 50, 200
RESERVED = ("limit", "cursor", "q")


def object_of(known: Catalogue, key: str) -> Object:
    obj = known.objects.get(key)
    if obj is None:
        raise Missing(f"There is no “{key[:40]}” here.")
    return obj


def listed(viewer, known: Catalogue, obj: Object, args) -> dict[str, Any]:
    """A page of records in the order of their ids; `next` is the cursor of the page after, null at the end."""
    question = Question(obj.key, fields=tuple(obj.by_key), filters=_filters(obj, args), limit=MOST)
    limit, after = _limit(args.get("limit", "")), _after(args.get("cursor", ""))
    source = context(question, viewer, known=known).source
    where, t = source.where(question), source.t
    ids = [id for (id,) in source.select(t.id, where=where).where(t.id > after).order_by(t.id).limit(limit + 1).tuples()]
    page = ids[:limit]
    return {"data": _records(viewer, known, obj, page), "next": _cursor(page[-1]) if len(ids) > limit else None}


def _filters(obj: Object, args) -> tuple:
    """`?stage=won&partner=P001`: a field equals a value; `?q=` searches."""
    found: list = []
    for name, text in args.items(multi=True):
        if name == "q":
            found.append(Matches(text[:200]))
        elif name not in RESERVED:
            field = obj.field(name[:60])
            found.append(Filter(field.key, "is", text[:500]))
    if len(found) > 20:
        raise Invalid("At most 20 conditions fit in one address.")
    return tuple(found)


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise Invalid(f"limit is a whole number from 1 to {MOST}.", field="limit")
    return int(text)


def _cursor(id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{id}".encode()).decode().rstrip("=")


def _after(text: str) -> int:
    if not text:
        return 0
    try:
        kind, _, id = base64.urlsafe_b64decode(text[:60] + "=" * (-len(text) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        kind, id = "", ""
    if kind != "after" or not (id.isascii() and id.isdigit() and len(id) < 11):
        raise Invalid("This cursor leads nowhere. Begin without one.", field="cursor")
    return int(id)


def _records(viewer, known: Catalogue, obj: Object, ids: list[int]) -> list[dict[str, Any]]:
    if not ids:
        return []
    found = answer(Question(obj.key, fields=tuple(obj.by_key), limit=MOST + 1).where(Only(tuple(ids))), viewer, known=known)
    by_id = {row.id: record(found, row, obj) for row in found.rows}
    return [by_id[id] for id in ids if id in by_id]


def one(viewer, known: Catalogue, obj: Object, id) -> dict[str, Any]:
    row = rows.get(obj.table, viewer, id)
    return _records(viewer, known, obj, [row.id])[0]


def version_of(viewer, obj: Object, id) -> int | None:
    return getattr(rows.get(obj.table, viewer, id), "version", None)


def _check(viewer, obj: Object) -> None:
    if not obj.extensible:
        raise Forbidden(f"{obj.plural} are read only.")
    if not keeping.may_edit(viewer, obj):
        raise Forbidden()


def add(viewer, known: Catalogue, obj: Object, sent: Any, key: str) -> tuple[dict[str, Any], bool]:
    """The new record, and whether it was made now: with a key that came before, it is the one made then."""
    _check(viewer, obj)
    values, made = Reader(viewer, obj, known).read(sent), []

    def make() -> str:
        row = keeping.add(viewer, obj.key, values)
        made.append(row.id)
        return str(row.id)

    id = once(f"api:{viewer.id}:{obj.key}:{digest(key)}" if key else None, make)
    return one(viewer, known, obj, id), bool(made)


def change(viewer, known: Catalogue, obj: Object, id, sent: Any, version: int | None) -> dict[str, Any]:
    """Only the fields that were sent; Conflict where `version` is not the one that is stored."""
    row = rows.get(obj.table, viewer, id)
    _check(viewer, obj)
    keeping.change(viewer, obj.key, row, Reader(viewer, obj, known).read(sent, row), version=version)
    return one(viewer, known, obj, id)


def body_of(data: bytes) -> Any:
    """JSON as it came; numbers with decimals stay exact."""
    try:
        return json.loads(data.decode("utf-8"), parse_float=Decimal, parse_constant=_none)
    except (ValueError, RecursionError):
        raise Invalid("The body is no JSON.") from None


def _none(name: str):
    raise ValueError(name)
