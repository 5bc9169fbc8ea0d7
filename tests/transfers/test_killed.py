"""A real `prm import` that is killed at some moment: all of its rows are there, or none; run again, none is doubled."""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

ROWS, KILLS = 20_000, 5


@pytest.fixture
def portal(tmp_path):
    """A portal of its own, migrated, with a partner."""
    env = {**os.environ, "PRM_VAR": str(tmp_path / "var"), "PYTHONWARNINGS": "default"}
    partners = tmp_path / "partners.csv"
    partners.write_text("Partner no,Name\nP1,Acme\n")
    _prm(env, "import", "partner", str(partners)).wait(60)
    return env


def _prm(env, *arguments) -> subprocess.Popen:
    command = [sys.executable, "-m", "prm", *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _count(env, what: str) -> int:
    with sqlite3.connect(f"{env['PRM_VAR']}/prm.db") as found:
        return found.execute(f"SELECT COUNT(*), COUNT(DISTINCT number) FROM {what}").fetchone()[0]


def test_all_or_none_and_never_twice(portal, tmp_path):
    deals = tmp_path / "deals.csv"
    deals.write_text("Deal no,Partner,Amount\n" + "".join(f"D{n},P1,{n}.50\n" for n in range(ROWS)))
    arguments = ("import", "deal", str(deals), "--set", "stage=won", "--create-fields")
    started = time.monotonic()
    kills = 0
    while kills < KILLS and _count(portal, "deal") == 0 and time.monotonic() - started < 14:
        running = _prm(portal, *arguments)
        time.sleep(random.uniform(0.3, 3) if kills else 0.5)
        os.kill(running.pid, signal.SIGKILL)
        kills += running.wait() == -signal.SIGKILL
        assert _count(portal, "deal") in (0, ROWS)
    assert kills
    for _ in range(2):
        assert _prm(portal, *arguments).wait(60) == 0
        assert _count(portal, "deal") == ROWS
