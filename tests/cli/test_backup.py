"""A portal goes into one file and comes back whole, on either database, and nothing is overwritten by mistake."""
import io
import json
import os
import resource
import shutil
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing, contextmanager

import pytest
from peewee import IntegrityError
from playhouse.migrations import Runner

from prm.catalogue import uniqueness
from prm.catalogue.objects import BUILT_IN
from prm.core.db import db, open_database
from prm.migrating import FOLDER
from prm.models import CustomField, Partner
from prm.portable import opened, read_lines, read_table, tables, write_lines
from prm.running import running
from tests.cli.portals import Portal, as_it_was

PASSWORD = "a long enough secret 99"
PARTNERS = 'Partner no,Name,Territory,Note\nA1,"Ünïcode, ""quoted"" & Söhne",DACH,"two\nlines \\ back\tslash"\nA2,漢字 🚲,,\n'
DEALS = "Deal no,Partner no,Amount,Closed on\nD1,A1,1234.50,2012-07-01\nD2,A2,0.05,2012-08-01\n"
QUESTION = json.dumps({"object": "deal", "rows": [{"field": "partner"}], "measures": [{"key": "won", "fn": "sum", "field": "amount"}]})
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def new(tmp_path, request):
    """`new("postgresql")` is another portal, on a new database of that kind."""

    def another(kind="sqlite"):
        env = {"PRM_DATABASE_URL": request.getfixturevalue("new_postgres")()} if kind == "postgresql" else {}
        return Portal(tmp_path / f"var{len(list(tmp_path.iterdir()))}" / "state", env)

    return another


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """An admin, two partners of whom the first belongs to the second, two deals, two kept files."""
    folder = tmp_path_factory.mktemp("model")
    return _filled(Portal(folder / "var"), folder)


def _filled(portal, folder):
    portal.done("admin", "sam@kestrel.example", "--password-stdin", input=PASSWORD)
    for name, text, more in (("partner", PARTNERS, []), ("deal", DEALS, ["--set", "stage=won"])):
        (folder / f"{name}.csv").write_text(text, "utf-8")
        portal.done("import", name, folder / f"{name}.csv", "--create-fields", *more)
    execute(portal, "UPDATE partner SET parent_id = (SELECT MAX(id) FROM partner) WHERE number = 'A1'")
    return portal


@pytest.fixture
def filled(new, model, tmp_path):
    """`filled("postgresql")` is another portal with the same in it."""

    def another(kind="sqlite"):
        portal = new(kind)
        if kind == "postgresql":
            return _filled(portal, tmp_path)
        shutil.copytree(model.var, portal.var)
        return portal

    return another


def url(portal):
    return portal.env.get("PRM_DATABASE_URL") or f"sqlite:///{portal.var / 'prm.db'}"


@contextmanager
def _in(portal):
    with as_it_was():
        open_database(url(portal))
        with db.connection_context():
            yield


def execute(portal, *statements):
    with as_it_was():
        open_database(url(portal))
        with db.connection_context():
            return [db.execute_sql(statement).fetchall() if statement.startswith("SELECT") else db.execute_sql(statement) for statement in statements]


def contents(portal, scratch):
    """Every row of every table, as the same text whichever database it is in."""
    found = {}
    with as_it_was():
        open_database(url(portal))
        with db.connection_context():
            for table in tables():
                if "PRM_DATABASE_URL" in portal.env:
                    with db.atomic():
                        write_lines(table, scratch / "lines")
                    lines = read_lines(scratch / "lines")
                else:
                    lines = read_table(portal.var / "prm.db", table)
                columns = next(lines)
                found[table] = sorted(_as_text(dict(zip(columns, row, strict=True))) for row in lines)
    return {table: rows for table, rows in found.items() if table not in ("schedule", "job")}


def _as_text(row):
    """PostgreSQL knows a boolean from a number, and keeps the keys of JSON in an order of its own."""
    values = {name: int(value) if isinstance(value, bool) else value for name, value in row.items()}
    documents = {name: json.loads(value) for name, value in values.items() if isinstance(value, str) and value[:1] in ("{", "[")}
    return json.dumps(values | documents, sort_keys=True)


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("source", BOTH)
def test_a_portal_moves_whole_from_either_database_to_either(new, filled, tmp_path, source, target):
    old, fresh, file = filled(source), new(target), tmp_path / "all.tar"
    assert "2 files" in old.done("backup", file)
    assert "2 files" in fresh.done("restore", file)
    assert contents(fresh, tmp_path) == contents(old, tmp_path)
    assert fresh.done("ask", "-", "--format", "json", input=QUESTION) == old.done("ask", "-", "--format", "json", input=QUESTION)
    assert (fresh.var / "secret").read_text() == (old.var / "secret").read_text()
    kept = {p.relative_to(old.var): p.read_bytes() for p in (old.var / "files").glob("??/*")}
    assert kept == {p.relative_to(fresh.var): p.read_bytes() for p in (fresh.var / "files").glob("??/*")} and len(kept) == 2
    assert "migration" not in fresh.done("migrate") and "whole" in fresh.run("doctor").stdout
    # new rows are numbered after the restored ones, and links between rows still hold
    fresh.done("admin", "zoe@kestrel.example", "--password-stdin", input=PASSWORD)
    with pytest.raises(Exception, match="(?i)foreign key"):
        execute(fresh, "DELETE FROM stage WHERE name = 'Won'")


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("source", BOTH)
def test_what_two_records_may_not_share_stays_so_in_the_new_place(new, filled, tmp_path, source, target):
    old, fresh, file = filled(source), new(target), tmp_path / "all.tar"
    with _in(old):
        row = CustomField.get(CustomField.object == "partner", CustomField.key == "note")
        row.unique, row.kind = True, "text"
        row.save()
        uniqueness.enforce(row, BUILT_IN["partner"])
    old.done("backup", file)
    fresh.done("restore", file)
    with _in(fresh), pytest.raises(IntegrityError):
        Partner.update(custom={"note": "same"}).execute()


def test_a_backup_is_its_owners_alone_and_replaces_no_file(filled, tmp_path):
    portal, file = filled(), tmp_path / "all.tgz"
    portal.done("backup", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert "exists already" in portal.refused("backup", file) and file.read_bytes() == before
    assert "No such file" in portal.refused("backup", tmp_path / "nowhere" / "all.tar")
    assert not list((portal.var / "files" / "new").iterdir())


@pytest.mark.parametrize("kind", BOTH)
def test_it_is_of_one_moment_while_others_write(new, tmp_path, kind):
    portal = new(kind)
    portal.done("migrate")
    stop = threading.Event()
    writer = threading.Thread(target=_write_pairs, args=(portal, stop))
    writer.start()
    try:
        for number in range(3):
            portal.done("backup", tmp_path / f"{number}.tar")
            counts = _manifest(tmp_path / f"{number}.tar")["tables"]
            assert counts["tier"] - 4 == counts["business_role"] - 7
    finally:
        stop.set()
        writer.join()
    assert counts["tier"] > 4


def _write_pairs(portal, stop):
    """A tier and a role in each transaction, never one without the other."""
    at = 0
    if portal.env:
        import psycopg

        connection = psycopg.connect(url(portal).replace("postgresql+pool", "postgresql"))
    else:
        connection = sqlite3.connect(portal.var / "prm.db", timeout=10)
    with closing(connection):
        while not stop.is_set():
            at += 1
            for table in ("tier", "business_role"):
                connection.execute(f"INSERT INTO {table} (name, position) VALUES ('pair {at}', {at})")
            connection.commit()


def _manifest(file):
    with tarfile.open(file) as tar:
        return json.load(tar.extractfile("manifest.json"))


@pytest.mark.parametrize("kind", BOTH)
def test_a_portal_with_rows_is_overwritten_only_on_purpose(new, filled, tmp_path, kind):
    portal, other, file = filled(kind), new(), tmp_path / "all.tar"
    other.done("admin", "eve@other.example", "--password-stdin", input=PASSWORD)
    other.done("backup", file)
    before = contents(portal, tmp_path)
    assert "--replace" in portal.refused("restore", file)
    assert contents(portal, tmp_path) == before
    portal.done("restore", file, "--replace")
    assert contents(portal, tmp_path) == contents(other, tmp_path)
    if kind == "sqlite":
        with opened(portal.var / "copies" / "before-restore.db") as kept:
            assert kept.execute_sql("SELECT COUNT(*) FROM deal").fetchone() == (2,)


@pytest.mark.parametrize("kind", BOTH)
def test_a_running_portal_is_overwritten_only_on_purpose_and_sees_the_change_at_once(new, filled, tmp_path, kind):
    source, portal, file = filled(), new(kind), tmp_path / "all.tar"
    source.done("backup", file)
    portal.done("migrate")
    with running(portal.var):
        assert "running" in portal.refused("restore", file)
        assert contents(portal, tmp_path)["partner"] == []
        assert "Start the portal again" in portal.done("restore", file, "--replace")
    portal.refused("restore", file)


def test_who_reads_while_it_is_replaced_goes_on_reading(new, filled, tmp_path):
    source, portal, file = filled(), new(), tmp_path / "all.tar"
    source.done("backup", file)
    portal.done("migrate")
    with closing(sqlite3.connect(portal.var / "prm.db")) as reader:
        assert reader.execute("SELECT COUNT(*) FROM partner").fetchone() == (0,)
        portal.done("restore", file, "--replace")
        assert reader.execute("SELECT COUNT(*) FROM partner").fetchone() == (2,)


# ── damage ──


def _rewritten(file, target, change):
    """The same tar with each part run through `change(name, content)`; None leaves it out."""
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def _manifested(change):
    """The manifest changed: `change(manifest)`."""

    def one(name, content):
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        change(manifest)
        return json.dumps(manifest).encode()

    return one


def _flipped(name, content):
    return content[:5000] + bytes([content[5000] ^ 1]) + content[5001:] if name == "prm.db" else content


DAMAGE = {
    "a byte of the database": _flipped,
    "a file is missing": lambda name, content: None if name.startswith("files/") else content,
    "the database is missing": lambda name, content: None if name == "prm.db" else content,
    "the secret is missing": lambda name, content: None if name == "secret" else content,
    "no manifest": lambda name, content: None if name == "manifest.json" else content,
    "a row is missing": _manifested(lambda manifest: manifest["tables"].update(deal=3)),
    "of another format": _manifested(lambda manifest: manifest.update(format=99)),
    "of a newer version": _manifested(lambda manifest: manifest["migrations"].append("9999_future")),
    "a manifest that is none": lambda name, content: b"[]" if name == "manifest.json" else content,
}


@pytest.fixture(scope="module")
def good(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    model.done("backup", folder / "all.tar")
    return folder / "all.tar"


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_backup_is_refused_and_changes_nothing(new, tmp_path, good, name):
    portal = new()
    portal.done("migrate")
    before, secret = contents(portal, tmp_path), (portal.var / "secret").read_text()
    said = portal.refused("restore", _rewritten(good, tmp_path / "bad.tar", DAMAGE[name]), "--replace")
    assert any(word in said for word in ("damaged", "newer version", "no backup")), said
    assert contents(portal, tmp_path) == before and (portal.var / "secret").read_text() == secret
    assert not list((portal.var / "files").glob("??/*"))


@pytest.mark.parametrize("size", [0, 1, 700, 20_000, 300_000])
def test_a_backup_that_broke_off_is_refused(new, tmp_path, good, size):
    (tmp_path / "half.tar").write_bytes(good.read_bytes()[:size])
    assert "half.tar" in new().refused("restore", tmp_path / "half.tar")


def test_no_entry_of_a_tar_leads_out_of_the_portal(new, tmp_path, good):
    with tarfile.open(good) as old, tarfile.open(tmp_path / "evil.tar", "w") as tar:
        for member in old:
            tar.addfile(member, old.extractfile(member))
        for name in ("../../outside", "files/../../outside", "/tmp/outside", "files/ab/" + "a" * 63 + "/"):
            entry = tarfile.TarInfo(name)
            entry.size = 4
            tar.addfile(entry, io.BytesIO(b"evil"))
    portal = new()
    portal.done("restore", tmp_path / "evil.tar")
    assert not list(tmp_path.rglob("*outside*"))


@pytest.mark.parametrize("kind", BOTH)
def test_a_backup_of_an_older_version_is_brought_up_to_date(new, tmp_path, kind):
    old, fresh, file = new(), new(kind), tmp_path / "old.tar"
    old.var.mkdir(parents=True)
    with opened(old.var / "prm.db") as database:
        Runner(database, directory=str(FOLDER)).up("0001_initial")
        database.execute_sql("INSERT INTO tier (name, position) VALUES ('Gold', 0)")
    old.done("backup", file)
    fresh.done("restore", file)
    assert "Nothing to do" in fresh.done("migrate")
    assert execute(fresh, "SELECT name FROM tier")[0] == [("Gold",)]


def test_an_empty_portal_has_nothing_to_back_up(portal, tmp_path):
    assert "no portal here" in portal.refused("backup", tmp_path / "all.tar")
    assert not (tmp_path / "all.tar").exists()


def test_a_damaged_database_is_put_aside_and_the_backup_takes_its_place(new, tmp_path, good):
    portal = new()
    portal.var.mkdir(parents=True)
    (portal.var / "prm.db").write_bytes(os.urandom(10_000))
    assert "damaged" in portal.refused("restore", good)
    portal.done("restore", good, "--replace")
    assert "A1" in portal.done("ask", "-", input='{"object": "partner", "fields": ["number"]}')
    assert len(list((portal.var / "copies").glob("damaged-*"))) == 1


@pytest.mark.parametrize("room", ["not for the copy", "not for the tar"])
def test_a_full_disk_leaves_no_half_file_behind(filled, tmp_path, room):
    portal = filled()
    execute(portal, "VACUUM")
    size = 100_000 if room == "not for the copy" else (portal.var / "prm.db").stat().st_size + 2000
    process = portal.process("backup", tmp_path / "all.tar", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    said, words = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "") and words == "Error: The disk is full. Nothing was stored: make room and try again.\n"
    assert not (tmp_path / "all.tar").exists() and not list((portal.var / "files" / "new").iterdir())


def test_a_full_disk_restores_nothing(new, good, tmp_path):
    portal = new()
    portal.done("migrate")
    before, secret = contents(portal, tmp_path), (portal.var / "secret").read_text()
    size = (portal.var / "prm.db").stat().st_size // 2
    process = portal.process("restore", good, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1 and words == "Error: The disk is full. Nothing was stored: make room and try again.\n"
    assert contents(portal, tmp_path) == before and (portal.var / "secret").read_text() == secret
    assert not list((portal.var / "files" / "new").iterdir())
