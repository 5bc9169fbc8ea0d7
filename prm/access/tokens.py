"""Keys for programs: each is one person's, with a scope and an end, shown once and kept as a hash."""
from __future__ import annotations

from datetime import timedelta

from prm.access import rows
from prm.core import clock, throttle
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.links import digest, mint
from prm.models import Activity, ApiToken, Person

SCOPES = {"read": "Read", "write": "Read and write"}
LASTS = {30: "30 days", 90: "90 days", 365: "A year"}
PREFIX = "prm_"
MOST = 20
TRIES, AN_HOUR = 60, 3600
USED_EVERY = timedelta(minutes=1)


def make(viewer: Person, name: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """The row, and the key itself, which is told this once."""
    name = " ".join((name or "").split())[:80]
    if not name:
        raise Invalid("A name is needed, such as what uses it.", field="name")
    if scope not in SCOPES or days not in LASTS:
        raise Invalid("Choose a scope and how long it lasts.")
    key, _ = mint()
    key = PREFIX + key
    with db.atomic():
        if ApiToken.select().where(_in_force(viewer)).count() >= MOST:
            raise Invalid(f"You have {MOST} tokens. Revoke one that nothing uses any more.")
        row = ApiToken.create(person=viewer.id, name=name, hash=digest(key), scope=scope, expires_at=clock.now() + timedelta(days=days))
        Activity.record(viewer, "api_token.created", row, title=name, scope=scope)
    return row, key


def _in_force(person: Person):
    return (ApiToken.person == person.id) & ApiToken.revoked_at.is_null()


def of(viewer: Person) -> list[ApiToken]:
    """One's own that can still be used."""
    found = rows.visible(ApiToken, viewer).where(_in_force(viewer))
    return list(found.order_by(ApiToken.id.desc()))


def revoke(viewer: Person, id) -> ApiToken:
    row = rows.get(ApiToken, viewer, id)
    with db.atomic():
        ApiToken.update(revoked_at=clock.now()).where((ApiToken.id == row.id) & ApiToken.revoked_at.is_null()).execute()
        Activity.record(viewer, "api_token.revoked", row, title=row.name)
    return row


def revoke_all(person: Person) -> None:
    """With what lets somebody in: a new password, being disabled, being signed out everywhere. In the caller's transaction."""
    ApiToken.update(revoked_at=clock.now()).where(_in_force(person)).execute()


def find(header: str, place: str) -> ApiToken | None:
    """The living token that an Authorization header carries, with its person. Who tries many is slowed down."""
    kind, _, key = header.partition(" ")
    if kind.lower() != "bearer" or not key.startswith(PREFIX) or len(key) > 100:
        return None
    throttle.check(f"api-from:{place}")
    row = ApiToken.select(ApiToken, Person).join(Person).where(ApiToken.hash == digest(key)).first()
    now = clock.now()
    if row is None or row.revoked_at is not None or row.expires_at <= now or not row.person.is_active:
        throttle.hit(f"api-from:{place}", TRIES, AN_HOUR)
        return None
    if row.used_at is None or row.used_at + USED_EVERY <= now:
        ApiToken.update(used_at=now).where(ApiToken.id == row.id).execute()
    return row
