"""Who may let in, change and shut out whom. Each function says no with a sentence, or nothing."""

from __future__ import annotations

from prm.access import rows
from prm.access.policy import Do, may
from prm.core.db import db, is_sqlite
from prm.core.errors import Forbidden, Invalid, Missing
from prm.models import Partner, Person, Role
from prm.models.person import PARTNER_SIDE, STAFF

ADMINS_LOCK = 7_261_150


def check_may_change(viewer, person: Person) -> None:
    """Admins change everybody, managers the portal users of partners they see, executives their colleagues; nobody
    changes themselves. Whom the viewer may not see does not exist."""
    rows.get(Person, viewer, person.id)
    if person.id == viewer.id:
        raise Forbidden("Nobody can change their own access. Ask an admin or a colleague.")
    if may(viewer, Do.MANAGE_PEOPLE):
        return
    if not may(viewer, Do.ENABLE_PARTNERS) or person.is_staff or person.partner_id is None:
        raise Forbidden()
    rows.get(Partner, viewer, person.partner_id)
    if not viewer.is_staff and (person.partner_id != viewer.partner_id or _above(person.role, viewer)):
        raise Forbidden()


def may_change(viewer, person: Person) -> bool:
    """The same as a question, for showing buttons."""
    try:
        check_may_change(viewer, person)
    except (Forbidden, Missing):
        return False
    return True


def check_may_give(viewer, role: Role, *, to_staff: bool) -> None:
    """Roles stay on their side, and the partner side gives none above its own."""
    if role not in (STAFF if to_staff else PARTNER_SIDE):
        raise Invalid("Choose one of the access roles offered.", field="role")
    if to_staff and not may(viewer, Do.MANAGE_PEOPLE):
        raise Forbidden()
    if not viewer.is_staff and _above(role, viewer):
        raise Forbidden("You can give at most the access that you have yourself.")


def roles_to_give(viewer, *, to_staff: bool) -> list[Role]:
    """What a form may offer."""
    if to_staff:
        return list(STAFF) if may(viewer, Do.MANAGE_PEOPLE) else []
    return [role for role in PARTNER_SIDE if viewer.is_staff or not _above(role, viewer)]


def _above(role: str, viewer) -> bool:
    return PARTNER_SIDE.index(Role(role)) < PARTNER_SIDE.index(Role(viewer.role))


def check_admin_remains(person: Person) -> None:
    """To be called in the transaction that takes `person` out of the admins."""
    if person.role != Role.ADMIN:
        return
    hold_admins()
    others = Person.select().where(
        (Person.role == Role.ADMIN) & (Person.id != person.id) & Person.disabled_at.is_null()
    )
    if not others.where(Person.password_hash != "").exists():
        raise Invalid("This is the last admin who can sign in. Make somebody else an admin first.")


def hold_admins() -> None:
    """Until the transaction ends nobody else decides about admins. SQLite has one writer at a time anyway."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (ADMINS_LOCK,))
