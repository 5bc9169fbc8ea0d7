"""prm doctor: all is well with 0, or each thing to do is named and the code is 1."""
import os
import shutil
import socket
import sqlite3
import threading
from collections import namedtuple
from contextlib import closing, contextmanager

import pytest

from prm.core import pdf
from prm.running import running

CHECKED = ("Database", "PDFs", "Mail", "Disk", "Secret", "Clock", "Worker", "Address")


@pytest.fixture
def healthy(portal):
    portal.var.mkdir(mode=0o700)
    portal.done("migrate")
    return portal


def to_do(portal):
    """{what: line} of what has to be done."""
    result = portal.run("doctor")
    lines = [line for line in result.stdout.splitlines() if line.startswith("to do")]
    assert result.exit_code == bool(lines), result.stdout
    assert result.stderr == (f"Error: {len(lines)} thing{'s' * (len(lines) > 1)} to do.\n" if lines else "")
    return {line.split()[2].rstrip(":"): line for line in lines}


@pytest.mark.skipif(pdf.available() is not None, reason="no Pango here")
def test_a_healthy_portal_has_nothing_to_do_and_a_line_for_each_check(healthy):
    said = healthy.done("doctor").splitlines()
    assert [line.split()[1].rstrip(":") for line in said] == list(CHECKED)
    assert all(line.startswith("ok ") for line in said)


def test_a_portal_that_never_started_has_nothing_to_do(portal):
    assert "there is none yet" in portal.run("doctor").stdout and to_do(portal).keys() <= {"PDFs"}
    assert not (portal.var / "prm.db").exists()


def test_a_migration_that_waits(healthy):
    with closing(sqlite3.connect(healthy.var / "prm.db")) as connection:
        connection.execute("DELETE FROM schema_migration WHERE name = (SELECT MAX(name) FROM schema_migration)")
        connection.commit()
    assert "prm migrate" in to_do(healthy)["Database"]


def test_a_database_of_a_newer_version(healthy):
    with closing(sqlite3.connect(healthy.var / "prm.db")) as connection:
        connection.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
        connection.commit()
    assert "9999_future" in to_do(healthy)["Database"]


def test_pages_of_the_database_that_were_overwritten(healthy):
    with open(healthy.var / "prm.db", "r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 20))
    assert "prm restore" in to_do(healthy)["Database"]


def test_a_row_that_leads_nowhere(healthy):
    with closing(sqlite3.connect(healthy.var / "prm.db")) as connection:
        connection.execute("INSERT INTO session (hash, person_id, created_at, seen_at, expires_at, address, agent) VALUES ('x', 7, 0, 0, 0, '', '')")
        connection.commit()
    assert "session" in to_do(healthy)["Database"]


@pytest.mark.parametrize("name", ["secret", "prm.db", "."])
def test_what_others_could_read(healthy, name):
    (healthy.var / name).chmod(0o755)
    assert "chmod" in to_do(healthy)["Secret"]


def test_a_disk_that_is_nearly_full(healthy, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**10, 10**10 - 10**7, 10**7))
    assert "Make room" in to_do(healthy)["Disk"]


def test_a_clock_that_was_set_back(healthy):
    healthy.done("admin", "sam@kestrel.example", "--password-stdin", input="a long enough secret 99")
    with closing(sqlite3.connect(healthy.var / "prm.db")) as connection:
        connection.execute("UPDATE activity SET at = '2099-01-01 00:00:00'")
        connection.commit()
    assert "2099-01-01" in to_do(healthy)["Clock"]


def test_libraries_of_the_pdfs_that_are_missing(healthy, monkeypatch):
    monkeypatch.setattr(pdf, "available", lambda: "PDFs need Pango: run `sudo apt install libpango-1.0-0`, then start again.")
    assert "apt install" in to_do(healthy)["PDFs"]


def test_a_web_without_a_worker(healthy):
    with running(healthy.var):
        assert "prm work" in to_do(healthy)["Worker"]


@pytest.mark.parametrize(("env", "words"), [
    ({"PRM_BASE_URL": "http://portal.example.com"}, "readable"),
    ({"PRM_HOST": "0.0.0.0"}, "PRM_BASE_URL"),
    ({"PRM_BASE_URL": "https://portal.example.com"}, "PRM_BEHIND_PROXY"),
])  # fmt: skip
def test_an_address_that_is_not_safe(healthy, env, words):
    healthy.env |= env
    assert words in to_do(healthy)["Address"]


def test_https_behind_a_proxy_is_well(healthy):
    healthy.env |= {"PRM_BASE_URL": "https://portal.example.com", "PRM_BEHIND_PROXY": "1"}
    assert "Address" not in to_do(healthy)


@contextmanager
def mail_server(*answers):
    """A server that says one line after another; `answers` to the lines it is told, the first when it is called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_speak, args=(server, answers))
        thread.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def _speak(server, answers):
    caller, _ = server.accept()
    with caller, caller.makefile("rwb") as line:
        for at, answer in enumerate(answers):
            if at:
                line.readline()
            line.write(answer + b"\r\n")
            line.flush()


def test_a_mail_server_that_listens(healthy):
    with mail_server(b"220 hello", b"250 nice to meet you", b"250 ok", b"221 bye") as url:
        healthy.env |= {"PRM_SMTP_URL": url, "PRM_MAIL_FROM": "portal@example.com"}
        assert "Mail" not in to_do(healthy)


def test_a_mail_server_that_refuses_the_password(healthy):
    with mail_server(b"220 hello", b"250-hello\r\n250 AUTH PLAIN", b"535 Wrong password", b"221 bye") as url:
        healthy.env |= {"PRM_SMTP_URL": url.replace("//", "//user:secret@"), "PRM_MAIL_FROM": "portal@example.com"}
        said = to_do(healthy)["Mail"]
    assert "535 Wrong password" in said and "secret" not in said


def test_a_mail_server_that_is_not_there(healthy):
    healthy.env |= {"PRM_SMTP_URL": "smtp://127.0.0.1:1", "PRM_MAIL_FROM": "portal@example.com"}
    assert "refused" in to_do(healthy)["Mail"]


def test_mails_without_a_sender_of_ones_own(healthy):
    with mail_server(b"220 hello", b"250 nice to meet you", b"250 ok", b"221 bye") as url:
        healthy.env |= {"PRM_SMTP_URL": url}
        assert "PRM_MAIL_FROM" in to_do(healthy)["Mail"]


def test_a_postgres_that_is_away(portal):
    portal.env["PRM_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    assert "does not answer" in to_do(portal)["Database"]


@pytest.mark.postgres
def test_a_postgres_that_is_well(portal, new_postgres):
    portal.env["PRM_DATABASE_URL"] = new_postgres()
    portal.done("migrate")
    assert "Database" not in to_do(portal) and "Clock" not in to_do(portal)
