"""The filled portal as a browser sees it: a client for each of the cast, what every answer says, and its database,
which can be compared with what it was and put back."""
from __future__ import annotations

import io
import sqlite3
import zipfile
from hashlib import sha256
from urllib.parse import unquote

from flask.sessions import SecureCookieSessionInterface

from prm.access import sessions
from prm.models import TABLES, Mail, Person
from tests.contracts.world import FOREIGN, GLOBEX

SEEN = {"session": "seen_at", "person": "last_seen_at"}  # looking moves them on
HTMX = {"HX-Request": "true"}


class Portal:
    def __init__(self, app, path, database):
        self.app, self.database = app, database
        self._file = sqlite3.connect(path)
        self._kept = sqlite3.connect(":memory:")
        self._cookies: dict[str, str] = {}
        self.asked: set[tuple] = set()  # who asked for what and how: the cells of the matrix
        self.worded: list[tuple] = []  # kept by routes.py

    def enter(self, name: str) -> None:
        """Sign one of the cast in; `nobody` needs no session."""
        person = Person.get(Person.email.startswith(f"{name}@"))
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        self._cookies[name] = signer.dumps({sessions.KEY: sessions.begin(person)})

    def client(self, name: str):
        """One more browser of this person, signed in."""
        client = self.app.test_client()
        if name in self._cookies:
            client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._cookies[name])
        return client

    def ask(self, name: str, address: str, method: str = "GET", **more):
        """One request of a new browser of this person, read to its end."""
        self.asked.add((name, method, address, repr(sorted(more.items(), key=str))))
        return self.client(name).open(address, method=method, buffered=True, **more)

    # ── its database ──

    def keep(self) -> None:
        """What `back` returns to from now on."""
        self._file.backup(self._kept)
        self.tables = [name for (name,) in self._file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        self._columns = {table: self._columns_of(table) for table in self.tables}
        self._digest, self._version = self.digest(), self._changes()

    def back(self) -> None:
        if self._changes() != self._version:
            self._kept.backup(self._file)
            self._version = self._changes()

    def changed(self) -> bool:
        """Whether anything in any table differs from what was kept."""
        return self._changes() != self._version and self.digest() != self._digest

    def digest(self) -> str:
        rows = [self.rows(table) for table in self.tables]
        return sha256(repr(rows).encode()).hexdigest()

    def rows(self, table: str) -> list[tuple]:
        return self._file.execute(f'SELECT {self._columns[table]} FROM "{table}" ORDER BY 1').fetchall()

    def _columns_of(self, table: str) -> str:
        names = [row[1] for row in self._file.execute(f'PRAGMA table_info("{table}")')]
        return ", ".join(f'"{name}"' for name in names if name != SEEN.get(table))

    def _changes(self) -> int:
        """SQLite's own count of what others have committed."""
        return self._file.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        self._file.close()
        self._kept.close()


class Belongings:
    """What is Globex's, what leads to it, and what was written to its people, compared with how it was."""

    def __init__(self, portal):
        self.portal = portal
        self.rows, self.led, self.mails = self._rows(), self._led(), Mail.select().count()

    def hurt(self) -> str:
        """In a word, what happened to them; empty while all is well."""
        if not self.portal.changed():
            return ""
        if not self.rows <= self._rows():
            return "changed"
        if self._led() != self.led:
            return "led to"
        written_to = Mail.select().where(Mail.to.contains(GLOBEX) & (Mail.id > FOREIGN))
        return "written to" if written_to.exists() else ""

    def _rows(self) -> set:
        return {(name, *row) for name in self.portal.tables for row in self.portal.rows(name) if row[0] in (FOREIGN, FOREIGN + 1)}

    def _led(self) -> list:
        return [table.select().where(column == FOREIGN).count() for table in TABLES for column in _leading(table)]


def _leading(table) -> list:
    return [f for f in table._meta.sorted_fields if hasattr(f, "rel_model") or f.name in ("partner_id", "person_id")]


def text_of(response) -> str:
    """All that an answer says: headers, page, sheet, PDF, and the members of a workbook or archive."""
    head = unquote(" ".join(f"{name}: {value}" for name, value in response.headers))
    return f"{head}\n{_words(response.data)}"


def _words(data: bytes) -> str:
    if data.startswith(b"%PDF"):
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    if data.startswith(b"PK\3\4"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(f"{name}\n{_words(archive.read(name))}" for name in archive.namelist())
    return data.decode("utf-8", "replace")
