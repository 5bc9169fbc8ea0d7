"""Finding by a few letters, over rows and fields the viewer may see."""

from __future__ import annotations

from peewee import fn

from prm.access import rows
from prm.access.policy import Do, may
from prm.catalogue.answer import answer
from prm.catalogue.fields import Field, Object
from prm.catalogue.objects import catalogue
from prm.catalogue.question import Matches, Question
from prm.core.text import searchable
from prm.models import Contact, Partner, Person
from prm.ui.cells import Addresses

MOST = 6
MOST_VALUES = 20
PLACES = (
    ("Home", "home.index", "house", Do.SEE_HOME),
    ("Partners", "partners.index", "handshake", Do.SEE_PARTNERS),
    ("Add partner", "partners.new", "plus", Do.EDIT_PARTNERS),
    ("Deals", "deals.index", "briefcase", Do.SEE_DEALS),
    ("Add deal", "deals.new", "plus", Do.EDIT_DEALS),
    ("Contacts", "contacts.index", "users", Do.SEE_CONTACTS),
    ("Enable as partner", "contacts.enable", "send", Do.ENABLE_PARTNERS),
    ("Scorecards", "scorecards.index", "award", Do.SEE_SCORECARDS),
    ("KPIs", "kpis.index", "target", Do.SEE_KPIS),
    ("Import", "transfers.index", "upload", Do.IMPORT),
    ("People", "people.index", "users", Do.SEE_PEOPLE),
    ("Outbox", "setup.outbox", "mail", Do.SEE_OUTBOX),
    ("Profile", "accounts.profile", "settings", Do.KEEP_OWN_PROFILE),
)
OF_ACCOUNT = ("partners.index", "scorecards.index")
OURS = {"Partners": "Your company", "Add deal": "Register a deal", "Enable as partner": "Invite a colleague"}


def places(viewer) -> list[tuple[str, str, str]]:
    """(what it is called, endpoint, icon) of the pages to jump to, in the words of the viewer's side."""
    open = [entry for entry in PLACES if may(viewer, entry[3]) and (entry[1] not in OF_ACCOUNT or rows.sees_account(viewer))]
    return [(_called(viewer, label), endpoint, icon) for label, endpoint, icon, _ in open]


def _called(viewer, label: str) -> str:
    return label if viewer.is_staff else OURS.get(label, label)


def fits(label: str, text: str) -> bool:
    return all(word in searchable(label) for word in searchable(text).split())


def records(viewer, text: str) -> list[tuple[str, list[tuple]]]:
    """Partners, deals and contacts with every word of `text`, a few of each."""
    if len(text.strip()) < 2:
        return []
    addresses, known = Addresses(), catalogue(viewer)
    own = [key for key, obj in known.objects.items() if obj.custom]
    return [(_called(viewer, known[key].plural), _found(viewer, known[key], text, addresses)) for key in ("partner", "deal", "contact", *own)]


def _found(viewer, obj: Object, text: str, addresses: Addresses) -> list[tuple]:
    title = "title" if obj.key == "deal" else "name"
    found = answer(Question(obj.key, fields=(title, "number"), filters=(Matches(text[:200]),), limit=MOST), viewer)
    return [
        (r.values[title] or r.values["number"], addresses.of(obj.key, r.id), obj.icon, r.values["number"])
        for r in found.rows
    ]


def values(viewer, object: str, key: str, typed: str) -> list[tuple[str, str]]:
    """(what to type, what it is called) for a field; nothing for a field the viewer may not know."""
    obj = catalogue(viewer)[object]
    field = obj.field(key)
    if field.link:
        return _linked(viewer, field, typed)
    return _used(viewer, obj, field, typed) if field.kind.textual else []


def _linked(viewer, field: Field, typed: str) -> list[tuple[str, str]]:
    obj = catalogue(viewer)[field.link]
    t = obj.table
    title = obj.title(t)
    line = t.search_text if hasattr(t, "search_text") else fn.LOWER(title)
    found = rows.visible(t, viewer, getattr(t, obj.key_field), title)
    for word in searchable(typed).split()[:5]:
        found = found.where(fn.INSTR(line, word) > 0) if _sqlite() else found.where(fn.STRPOS(line, word) > 0)
    if t is Person:
        found = found.where(Person.partner.is_null())
    if t is Contact:  # two partners may have a Peter each
        found = found.select_extend(Partner.name).join(Partner)
    found = found.order_by(title).limit(MOST_VALUES).tuples()
    return [(number or names[0], ", ".join(names)) for number, *names in found]


def _used(viewer, obj: Object, field: Field, typed: str) -> list[tuple[str, str]]:
    column = field.column(obj.table)
    found = rows.visible(obj.table, viewer, column).where(column != "").distinct().order_by(column).limit(200).tuples()
    return [(v, "") for (v,) in found if searchable(typed) in searchable(str(v))][:MOST_VALUES]


def _sqlite() -> bool:
    from prm.core.db import is_sqlite

    return is_sqlite()
