"""Every command: 0, or another code and one clear line; also as `flask --app app …`; each folder a portal of its own."""
import fcntl
import os
import resource
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import click
import pytest

import prm.core.db
from prm.cli import COMMANDS, OUTSIDE, main
from prm.core.errors import Invalid
from prm.plainly import plain
from tests.cli.portals import ROOT, Portal

ALL = sorted({*COMMANDS, *OUTSIDE, "serve", "work", "migrate"})


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself(portal, name):
    assert f"prm {name}" in portal.done(name, "--help").replace("main", "prm") or "Usage:" in portal.done(name, "--help")
    assert not portal.var.exists()


def test_the_help_lists_every_command(portal):
    said = portal.done("--help")
    assert all(f"  {name} " in said for name in ALL)


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_option_is_one_line(portal, name):
    said = portal.refused(name, "--sesame")
    assert "--sesame" in said and "--help" in said


def test_an_unknown_command_is_one_line(portal):
    assert "sesame" in portal.refused("sesame")


@pytest.mark.parametrize("name", ["admin", "ask", "backup", "import", "restore"])
def test_a_missing_argument_is_one_line(portal, name):
    assert "Missing argument" in portal.refused(name)


def test_a_file_that_is_missing_or_none_of_ours_is_one_line(portal, tmp_path):
    (tmp_path / "text.txt").write_text("hello")
    for args in (["import", "partner"], ["ask"], ["restore"]):
        assert "nowhere" in portal.refused(*args, tmp_path / "nowhere")
    for args in (["ask"], ["restore"]):
        assert "text.txt" in portal.refused(*args, tmp_path / "text.txt")


def test_a_database_of_a_newer_version_is_left_alone(portal):
    portal.done("migrate")
    with closing(sqlite3.connect(portal.var / "prm.db")) as connection:
        connection.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
        connection.commit()
    for args in (["migrate"], ["ask", "-"], ["serve"]):
        assert "newer version (9999_future)" in portal.refused(*args)


@pytest.mark.parametrize("name", ["migrate", "serve", "work", "compute", "doctor"])
def test_a_damaged_database_is_told_as_such(portal, name):
    portal.var.mkdir(mode=0o700)
    (portal.var / "prm.db").write_bytes(os.urandom(20_000))
    result = portal.run(name)
    assert result.exit_code == 1 and result.stderr.count("\n") == 1 and "Traceback" not in result.output
    assert "damaged" in result.output or "not a database" in result.output


def test_a_database_that_is_away_is_one_line(portal):
    portal.env["PRM_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    for args in (["migrate"], ["ask", "-"], ["backup", portal.var.parent / "b.tar"]):
        assert "refused" in portal.refused(*args)


def test_a_database_that_somebody_holds_is_one_line(portal, monkeypatch):
    portal.done("migrate")
    connect = prm.core.db.connect
    monkeypatch.setattr(prm.core.db, "connect", lambda url, **more: connect(url, **more | {"timeout": 0.2}))
    with closing(sqlite3.connect(portal.var / "prm.db")) as holder:
        holder.execute("BEGIN IMMEDIATE")
        said = portal.refused("admin", "sam@kestrel.example", "--password-stdin", input="a long enough secret 99")
    assert "locked" in said and "somebody else holds it" in said


def test_a_full_disk_is_one_line_and_stores_nothing(portal, tmp_path):
    portal.done("migrate")
    rows = "".join(f"P{n},Partner number {n} with quite a long name\n" for n in range(5000))
    (tmp_path / "partners.csv").write_text(f"Partner no,Name\n{rows}")
    size = (portal.var / "prm.db").stat().st_size + 100_000
    process = portal.process(
        "import", "partner", tmp_path / "partners.csv",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    said, words = process.communicate(timeout=60)
    assert process.returncode == 1 and words.count("\n") == 1 and "disk is full" in words
    assert "0" in portal.done("ask", "-", input='{"object": "partner", "measures": [{"key": "n"}]}')


def test_an_accident_is_one_line_that_says_how_to_see_more(monkeypatch):
    @plain
    @click.command
    def stumble():
        raise KeyError("boat")

    from click.testing import CliRunner

    result = CliRunner().invoke(stumble)
    assert (result.exit_code, result.stderr) == (1, "Error: Something broke: KeyError: 'boat'. With PRM_DEBUG=1 it says where.\n")
    monkeypatch.setenv("PRM_DEBUG", "1")
    assert isinstance(CliRunner().invoke(stumble).exception, KeyError)


def test_words_of_several_lines_become_one():
    @plain
    @click.command
    def refuse():
        raise Invalid("First.\n\tThen\x00 second.")

    from click.testing import CliRunner

    assert CliRunner().invoke(refuse).stderr.count("\n") == 1


def test_the_same_commands_are_those_of_flask(portal, tmp_path):
    flask = [sys.executable, "-m", "flask", "--app", "app"]

    def run(*args, input=""):
        return subprocess.run([*flask, *args], cwd=ROOT, env=portal.environment, input=input, capture_output=True, text=True, timeout=60)

    assert run("admin", "sam@kestrel.example", "--password-stdin", input="a long enough secret 99").returncode == 0
    asked = run("ask", "-", "--format", "json", input='{"object": "partner", "measures": [{"key": "n"}]}')
    assert '"n": 0' in asked.stdout
    no = run("ask", str(tmp_path / "nowhere.json"))
    assert no.returncode == 1 and no.stderr == f"Error: {tmp_path}/nowhere.json: No such file or directory\n"
    assert stat.S_IMODE((portal.var / "prm.db").stat().st_mode) == 0o600


def test_two_folders_are_two_portals(tmp_path):
    one, two = Portal(tmp_path / "one"), Portal(tmp_path / "two")
    (tmp_path / "partners.csv").write_text("Partner no,Name\nA1,Acme\n")
    one.done("import", "partner", tmp_path / "partners.csv")
    two.done("migrate")
    count = '{"object": "partner", "measures": [{"key": "n"}]}'
    assert '"n": 1' in one.done("ask", "-", "--format", "json", input=count)
    assert '"n": 0' in two.done("ask", "-", "--format", "json", input=count)
    assert (one.var / "secret").read_text() != (two.var / "secret").read_text()
    assert list((one.var / "files").glob("??/*")) and not list((two.var / "files").glob("??/*"))


def test_only_the_owner_can_read_what_a_command_leaves(portal, tmp_path):
    (tmp_path / "partners.csv").write_text("Partner no,Name\nA1,Acme\n")
    portal.done("import", "partner", tmp_path / "partners.csv")
    left = [path for path in [portal.var, *portal.var.rglob("*")] if path.stat().st_mode & 0o077]
    assert left == []


def test_migrating_twice_at_once_is_done_once(portal):
    portal.var.mkdir()
    with open(portal.var / "migrate.lock", "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        both = [portal.process("migrate") for _ in range(2)]
        fcntl.flock(gate, fcntl.LOCK_UN)
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said[1] == "Nothing to do.\n" and "Migrated: 0001_initial" in said[0]


def test_nothing_is_imported_twice_to_list_the_commands():
    context = click.Context(main)
    assert main.get_command(context, "ask") is main.get_command(context, "ask")
