"""prm doctor: what this portal stands on, a line each, and what to do where something is wrong. Changes nothing."""
from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from peewee import DatabaseError, fn

from prm.core import clock, mail, pdf
from prm.core.db import db, is_sqlite
from prm.core.errors import Refusal
from prm.core.jobs import Job
from prm.core.trouble import trouble
from prm.health import worker_seen
from prm.migrating import newer, pending
from prm.models import Activity, Organisation
from prm.opening import open_portal
from prm.portable import tables
from prm.running import is_running
from prm.settings import MB, Settings

ROOM = 500 * MB  # below it a copy before a migration, or an import, may not fit
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)  # no clock can be before this code
SKEW = timedelta(minutes=2)
DOCUMENT = '<!doctype html><html lang="en"><head><title>Doctor</title></head><body><p>Żółw 漢字 €</p></body></html>'
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Finding(NamedTuple):
    """`to_do` is what to do about it; nothing when all is well."""

    name: str
    text: str
    to_do: str = ""

    def __str__(self) -> str:
        mark = "to do" if self.to_do else "ok   "
        return f"{mark}  {' '.join(f'{self.name}: {self.text} {self.to_do}'.split())}"


@click.command("doctor")
def doctor() -> None:
    """Check database, PDF libraries, mail, disk, secret, clock, worker and address, and say what to do."""
    settings = open_portal()
    try:
        found = [finding for check in CHECKS for finding in _looked(check, settings)]
    finally:
        db.close()
    count = sum(bool(finding.to_do) for finding in found)
    if count:
        raise click.ClickException("1 thing to do." if count == 1 else f"{count} things to do.")


def _looked(check: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    """What one check found, said at once: some take a while. One that breaks is a finding too."""
    found = []
    try:
        for finding in check(settings):
            found.append(finding)
            click.echo(str(finding))
    except Exception as error:
        said = error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
        found.append(Finding(check.__name__.capitalize(), said, "Mend it, then run this again."))
        click.echo(str(found[-1]))
    return found


def database(settings: Settings) -> Iterator[Finding]:
    name = "Database"
    if _is_absent():
        yield Finding(name, "there is none yet; `prm serve` makes it.")
        return
    try:
        damage = _damage()
    except DatabaseError as error:
        yield Finding(name, f"it does not answer: {error}.", "Start it, or look at PRM_DATABASE_URL.")
        return
    if damage:
        yield Finding(name, f"it is damaged ({damage}).", "Put the last backup back: prm restore FILE --replace")
        return
    found = tables()
    yield Finding(name, f"{_version()}, {len(found)} tables, whole." if found else "empty; `prm serve` fills it.")
    if found and (ahead := newer()):
        yield Finding(name, f"it belongs to a newer version ({ahead[-1]}).", "Update this copy of the portal.")
    elif found and (waiting := pending()):
        yield Finding(name, f"{len(waiting)} changes are waiting for it.", "Run `prm backup FILE`, then `prm migrate`.")


def _is_absent() -> bool:
    return is_sqlite() and not Path(db.obj.database).exists()


def _has(*names: str) -> bool:
    """Whether the database can be asked about these tables; what is wrong with it has been said."""
    if _is_absent():
        return False
    try:
        db.connect(reuse_if_open=True)
        return set(names) <= set(tables())
    except DatabaseError:
        return False


def _damage() -> str:
    """What is wrong with a SQLite file; DatabaseError when the database does not answer."""
    try:
        db.connect(reuse_if_open=True)
        if not is_sqlite():
            return ""
        found = db.execute_sql("PRAGMA integrity_check(1)").fetchone()[0]
        stray = db.execute_sql("PRAGMA foreign_key_check").fetchone()
    except DatabaseError as error:
        if trouble(error) or not is_sqlite():
            raise
        return str(error)
    return found if found != "ok" else f"a row of {stray[0]} leads nowhere" if stray else ""


def _version() -> str:
    if is_sqlite():
        return f"SQLite {db.execute_sql('SELECT sqlite_version()').fetchone()[0]}"
    return f"PostgreSQL {db.execute_sql('SHOW server_version').fetchone()[0]}"


def pdfs(settings: Settings) -> Iterator[Finding]:
    absent = pdf.available()
    if absent:
        yield Finding("PDFs", "libraries are missing.", absent)
        return
    try:
        made = pdf.render(DOCUMENT)
    except Refusal as refusal:
        yield Finding("PDFs", refusal.message, "Run `make setup` again, and look at the words in brackets.")
        return
    yield Finding("PDFs", f"one was made ({len(made):,} bytes).")


def mails(settings: Settings) -> Iterator[Finding]:
    if settings.smtp is None:
        yield Finding("Mail", "no server is set (PRM_SMTP_URL). Mails and their links wait in Setup › Outbox.")
        return
    server = f"{settings.smtp.host}:{settings.smtp.port}"
    if words := mail.try_server():
        yield Finding("Mail", f"{server} says: {words}.", "Look at PRM_SMTP_URL.")
    else:
        yield Finding("Mail", f"{server} listens to us.")
    if not settings.mail_from:
        yield Finding("Mail", "mails come from alongside@localhost.", "Set PRM_MAIL_FROM to an address of yours.")
    if settings.smtp.password and not settings.smtp.security and settings.smtp.host not in LOOPBACK:
        yield Finding("Mail", "the password travels readable.", "Add ?tls=starttls to PRM_SMTP_URL, or use smtps://.")


def disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.var).free
    needed = ROOM + (2 * os.path.getsize(db.obj.database) if is_sqlite() and Path(db.obj.database).exists() else 0)
    text = f"{free / MB:,.0f} MB are free in {settings.var}."
    yield Finding("Disk", text, "" if free >= needed else f"Make room for {(needed - free) / MB:,.0f} MB more.")


def secret(settings: Settings) -> Iterator[Finding]:
    """The key, the database and the files are nobody else's to read."""
    wrong = [(path, mode) for path, mode in _private(settings) if path.exists() and path.stat().st_mode & 0o077 & ~mode]
    for path, mode in wrong:
        shown = stat.filemode(path.stat().st_mode)
        yield Finding("Secret", f"others may open {path} ({shown}).", f"Run: chmod {mode:o} {path}")
    if not wrong:
        yield Finding("Secret", f"the key is in {settings.var / 'secret'}; only its owner may read it and the data.")


def _private(settings: Settings) -> list[tuple[Path, int]]:
    var = settings.var
    own = [(var, 0o700), (var / "secret", 0o600), (var / "files", 0o700), (var / "copies", 0o700)]
    return own + ([(Path(db.obj.database), 0o600)] if is_sqlite() else [])


def time(settings: Settings) -> Iterator[Finding]:
    now = clock.now()
    latest = _latest()
    if now < RELEASED:
        yield Finding("Clock", f"it says {now:%Y-%m-%d %H:%M} UTC.", "Set it: dates, links and sign-ins depend on it.")
    elif latest and latest > now + SKEW:
        said = f"it says {now:%Y-%m-%d %H:%M} UTC, but something was saved at {latest:%Y-%m-%d %H:%M}."
        yield Finding("Clock", said, "Set the clock, or wait: links and sessions would live longer than they may.")
    else:
        yield Finding("Clock", f"{now:%Y-%m-%d %H:%M} UTC{_zone()}.")


def _latest() -> datetime | None:
    """When something was last saved; on PostgreSQL at least what its own clock says."""
    if not _has("activity", "job"):
        return None
    found = [Activity.select(fn.MAX(Activity.at)).scalar(), Job.select(fn.MAX(Job.created_at)).scalar()]
    if not is_sqlite():
        found.append(db.execute_sql("SELECT now()").fetchone()[0].astimezone(UTC))
    return max((moment for moment in found if moment), default=None)


def _zone() -> str:
    if not _has("organisation"):
        return ""
    zone = Organisation.current().zone
    try:
        return f", {clock.now().astimezone(ZoneInfo(zone)):%H:%M} in {zone}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"; this machine does not know the zone {zone}"


def worker(settings: Settings) -> Iterator[Finding]:
    """Without one nothing is mailed, imported or computed. A portal that is not running needs none."""
    if not _has("schedule", "job"):
        return
    due = Job.done_at.is_null() & Job.failed_at.is_null() & (Job.run_at <= clock.now())
    waiting = f"; jobs that wait: {count:,}" if (count := Job.select().where(due).count()) else ""
    if worker_seen():
        yield Finding("Worker", "it is there.")
    elif is_running(settings.var) or _answers(settings):
        to_do = "Start `prm serve` without --no-jobs, or `prm work`."
        yield Finding("Worker", f"the web is there, but nobody works on jobs{waiting}.", to_do)
    else:
        yield Finding("Worker", f"the portal is not running{waiting}. `prm serve` starts it.")


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    try:
        with socket.create_connection((host, settings.port), timeout=1):
            return True
    except OSError:
        return False


def address(settings: Settings) -> Iterator[Finding]:
    host = settings.hosts[0]
    if settings.secure:
        wrong = "" if settings.behind_proxy else "Set PRM_BEHIND_PROXY=1: else the proxy's address is taken for everybody's."
        yield Finding("Address", f"{settings.base_url}.", wrong)
    elif host in LOOPBACK and settings.host in LOOPBACK:
        yield Finding("Address", f"{settings.base_url}, for this machine only.")
    elif host in LOOPBACK:
        said = f"others may reach {settings.host}:{settings.port}, but links in mails say {settings.base_url}."
        yield Finding("Address", said, "Set PRM_BASE_URL to the address people use.")
    else:
        yield Finding("Address", f"{settings.base_url}: passwords travel readable.", "Put it behind https (README).")


CHECKS = (database, pdfs, mails, disk, secret, time, worker, address)
