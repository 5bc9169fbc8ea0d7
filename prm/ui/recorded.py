"""What a list of the portal's own records shows before anybody chose: on its page, and on a tab of a partner."""
from __future__ import annotations

from prm.catalogue.fields import Object

SHOWN, NARROWED = 5, 3  # custom fields as columns, and as filters


def list_columns(obj: Object, with_partner: bool) -> tuple[str, ...]:
    own = [f.key for f in obj.fields if f.custom and f.kind_key != "long_text"][:SHOWN]
    return ("name", *(["partner"] if with_partner else []), *(own or ["number", "created_at"]))


def list_filters(obj: Object, with_partner: bool) -> tuple[str, ...]:
    own = [f.key for f in obj.fields if f.custom and not f.worked_out and (f.options or f.kind_key in ("date", "bool"))][:NARROWED]
    return (*own, *(["partner.tier"] if with_partner else []))
