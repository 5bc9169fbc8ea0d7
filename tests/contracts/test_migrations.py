"""Migrations build exactly the models, once, whoever else starts at the same time and whenever the power goes."""
import os
import signal
import subprocess
import sys

import psycopg
import pytest
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from prm.core.db import db, is_sqlite, open_database
from prm.migrating import FOLDER, migrate
from prm.models import TABLES, Kpi, Stage
from prm.settings import ROOT
from tests.databases import _with_name

# Migrates as every start does, and dies at a statement: the first argument counts down to it.
DYING = """
import os, signal, sys
from prm import create_app
from prm.core.db import db
from prm.migrating import migrate

app = create_app()
left, kind = int(sys.argv[1]), type(db.obj)
plain = kind.execute_sql

def execute_sql(self, *args, **more):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, *args, **more)

kind.execute_sql = execute_sql
migrate(app.extensions["settings"].var)
print(int(sys.argv[1]) - left)
"""


@pytest.fixture(scope="module")
def place(postgres_server):
    """The address of a PostgreSQL database of these tests."""
    name = f"prm_migrations_{os.getpid()}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield _with_name(postgres_server, name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Place:
    """A database with nothing in it, and processes that start on it."""

    def __init__(self, url: str, var):
        self.url, self.var = url, var
        var.mkdir(mode=0o700)

    def start(self, *args: str) -> subprocess.Popen:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PRM_")}
        env |= {"PRM_VAR": str(self.var), "PRM_DATABASE_URL": self.url}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([sys.executable, *args], cwd=ROOT, env=env, **pipes)

    def finish(self) -> list[str]:
        """Migrate in this process, to the end."""
        return self.look(lambda: migrate(self.var))

    def look(self, at):
        """What `at` says of this database."""
        before, database = db.obj, open_database(self.url)
        try:
            with db.connection_context():
                return at()
        finally:
            getattr(database, "close_all", database.close)()
            db.initialize(before)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request, tmp_path):
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'var' / 'prm.db'}", tmp_path / "var")
    url = request.getfixturevalue("place")
    with psycopg.connect(url.replace("postgresql+pool", "postgresql"), autocommit=True) as database:
        database.execute("DROP SCHEMA public CASCADE")
        database.execute("CREATE SCHEMA public")
    return Place(url, tmp_path / "var")


def schema() -> dict[str, list]:
    """Every table with its columns and indexes, as the database tells them."""
    return {
        table: [sorted(map(str, db.get_columns(table))), sorted(map(str, db.get_indexes(table)))]
        for table in db.get_tables()
    }


def applied() -> list[str]:
    return [step.name for step in Runner(db.obj, directory=str(FOLDER)).status() if step.applied]


def whole() -> None:
    """Exactly the models, every migration noted, and the lists and KPIs that a portal starts with."""
    found = diff_models(db.obj, TABLES)
    assert not found, found
    assert applied() == sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
    assert Stage.select().count() == 6 and Kpi.select().count() >= 4


def test_migrations_build_exactly_the_models_and_a_second_run_does_nothing(empty):
    assert empty.finish()
    empty.look(whole)
    before = empty.look(schema)
    assert empty.finish() == [] and empty.look(schema) == before
    empty.look(whole)


def test_what_an_admin_changed_is_left_alone_by_the_next_start(empty):
    empty.finish()
    empty.look(lambda: (Kpi.delete().execute(), Stage.update(name="Signed").where(Stage.name == "Won").execute()))
    assert empty.finish() == []
    assert empty.look(lambda: (Kpi.select().count(), Stage.select().where(Stage.name == "Signed").count())) == (0, 1)


def test_two_processes_that_start_at_once_both_succeed(empty):
    both = [empty.start("-m", "prm", "migrate") for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted("Nothing to do" in out for out, _ in said) == [False, True], said
    empty.look(whole)


def steps() -> list[dict[str, list]]:
    """The schema after no migration, after the first, the second, …; in a database that nobody kills."""
    found, runner = [{}], Runner(db.obj, directory=str(FOLDER))
    for migration in runner.migrations():
        runner.up(migration.name)
        found.append(schema())
    return found


def test_a_kill_in_the_middle_leaves_the_old_schema_or_the_new_and_the_next_start_finishes(empty, tmp_path):
    """Killed at statements from the first to the last: what is there is what some number of whole migrations make."""
    count = int(empty.start("-c", DYING, str(10**6)).communicate(timeout=60)[0])
    empty.look(forget)
    known = empty.look(steps)
    for at in (2, count // 2, count - 1):
        empty.look(forget)
        process = empty.start("-c", DYING, str(at))
        _, said = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, said
        there, noted = empty.look(schema), empty.look(lambda: len(applied()))
        there.pop("schema_migration", None)
        expected = {table: facts for table, facts in known[noted].items() if table != "schema_migration"}
        assert there == expected, (at, noted)
        empty.finish()
        empty.look(whole)


def forget() -> None:
    """Every table gone."""
    if is_sqlite():
        db.pragma("foreign_keys", 0)
    for table in db.get_tables():
        db.execute_sql(f'DROP TABLE "{table}"' + ("" if is_sqlite() else " CASCADE"))
