"""The first admin, the organisation, and what has to be worked out again when it changes."""

from __future__ import annotations

from prm.access import sessions
from prm.access.authority import hold_admins
from prm.catalogue.records import touch
from prm.core import mail, passwords
from prm.core.db import db
from prm.core.errors import Forbidden, Invalid
from prm.core.jobs import Job, enqueue
from prm.models import Activity, Organisation, Partner, Person, Role
from prm.models.derived import rebase
from prm.setup.defaults import lay_defaults

SAMPLE, REBASE = "setup.sample", "setup.rebase"
FIGURES = ("zone", "currency", "fiscal_month", "period_length")  # every result depends on these


def admin_exists() -> bool:
    return Person.select().where(Person.role == Role.ADMIN).exists()


def first_admin(
    *, email: str, password: str, name: str = "", organisation: dict | None = None, sample: bool = False
) -> Person:
    """The first admin, the organisation and its lists: of any number of visitors at once, one gets through."""
    email, hashed = mail.address(email).lower(), hashed_password(password, email, name)
    with db.atomic():
        hold_admins()
        if admin_exists():
            raise Invalid("Somebody has set this portal up in the meantime. Sign in instead.")
        _lay_organisation(organisation or {})
        lay_defaults()
        person = _admin(email, hashed, name)
        if sample:
            enqueue(SAMPLE, key=SAMPLE, person=person)
    return person


def make_admin(*, email: str, password: str, name: str = "") -> Person:
    """The first or a further admin, for the command line. Staff with this address become admin with this password."""
    if not admin_exists():
        return first_admin(email=email, password=password, name=name)
    email, hashed = mail.address(email).lower(), hashed_password(password, email, name)
    with db.atomic():
        return _admin(email, hashed, name)


def hashed_password(password: str, *known: str) -> str:
    problem = passwords.weak(password, *known)
    if problem:
        raise Invalid(problem, field="password")
    return passwords.hash_password(password)


def _admin(email: str, hashed: str, name: str) -> Person:
    person = Person.get_or_none(Person.email == email) or Person(email=email)
    if person.partner_id:
        raise Invalid(f"{email} is a portal user of a partner and cannot become an admin.", field="email")
    person.name, person.password_hash, person.role, person.disabled_at = (
        name.strip() or person.name,
        hashed,
        Role.ADMIN.value,
        None,
    )
    person.save()
    sessions.end_all(person)  # whoever was signed in with the password of before
    Activity.record(person, "person.made_admin", person, title=person.display)
    return person


def _lay_organisation(values: dict) -> None:
    found = Organisation.get_or_none(Organisation.id == 1)
    if found is None:
        Organisation.create(**{"id": 1, "name": "Alongside"} | values)
    elif values:
        Organisation.update(values).where(Organisation.id == 1).execute()


def change_organisation(viewer, values: dict) -> list[str]:
    """Save the settings that differ; returns their names. Figures that depend on them are worked out again by jobs."""
    if viewer.role != Role.ADMIN:
        raise Forbidden()
    with db.atomic():
        here = Organisation.get_or_none(Organisation.id == 1) or Organisation.create(id=1, name="Alongside")
        changed = {key: value for key, value in values.items() if getattr(here, key) != value}
        if not changed:
            return []
        Organisation.update(changed).where(Organisation.id == 1).execute()
        facts = {key: value for key, value in changed.items() if key != "logo"}
        Activity.record(viewer, "organisation.changed", here, title=here.name, values=facts)
        _follow(changed)
    return sorted(changed)


def _follow(changed: dict) -> None:
    if "currency" in changed:
        enqueue(REBASE, key=REBASE)
    elif any(key in changed for key in FIGURES):
        touch_everything()
    elif "grades" in changed:
        enqueue("kpis.compute", key="all")


def touch_everything() -> None:
    """Every open figure of every partner is worked out again."""
    touch({(id, None) for (id,) in Partner.select(Partner.id).tuples()})


def work_out_amounts() -> int:
    """Every deal's amount in the base currency, after rates or that currency changed; returns how many differ."""
    with db.atomic():
        changed = rebase()
        touch_everything()
    return changed


def sample_job() -> Job | None:
    """The newest job that loads (or has loaded) the sample data."""
    return Job.select().where(Job.kind == SAMPLE).order_by(Job.id.desc()).first()
