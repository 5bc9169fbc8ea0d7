"""prm serve and prm work as real processes: they answer within seconds, end when told to, and say why they cannot start."""
import json
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest

from prm.running import is_running
from tests.cli.portals import Portal

START = 20  # seconds: generous, as the machine is shared; benchmarks measure


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path):
    """`start(portal, "serve")` is a process that has said where it is; ended after the test."""
    begun = []

    def one(portal, *args):
        process = portal.process(*args)
        begun.append(process)
        said = []
        while not any(word in "".join(said) for word in ("Ctrl+C", "Error")):
            line = process.stdout.readline()
            if not line:
                break
            said.append(line)
        process.said = "".join(said)
        return process

    yield one
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def served(tmp_path):
    return Portal(tmp_path / "var", {"PRM_PORT": str(free_port())})


def get(portal, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{portal.env['PRM_PORT']}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def health(portal, wanted):
    until = time.monotonic() + START
    while (found := json.loads(get(portal, "/health")[1]))["state"] != wanted and time.monotonic() < until:
        time.sleep(0.1)
    return found


def end(process, by=signal.SIGTERM):
    began = time.monotonic()
    process.send_signal(by)
    said, words = process.communicate(timeout=15)
    assert time.monotonic() - began < 8
    return process.returncode, words


def test_from_nothing_to_the_first_page_and_a_clean_end(served, start):
    server = start(served, "serve")
    assert f"http://127.0.0.1:{served.env['PRM_PORT']}" in server.said and "Migrated: 0001_initial" in server.said
    status, page = get(served, "/")
    assert status == 200 and "Time zone" in page  # the first visit
    assert health(served, "ok") == {"state": "ok", "database": True, "worker": True}
    assert is_running(served.var)
    code, words = end(server)
    assert code == 0 and "Traceback" not in words and not is_running(served.var)


def test_jobs_are_worked_on_where_the_web_is(served, start, tmp_path):
    served.done("migrate")
    from prm.core.db import db, open_database
    from prm.core.jobs import Job, enqueue
    from tests.cli.portals import as_it_was

    start(served, "serve")
    with as_it_was():
        open_database(f"sqlite:///{served.var / 'prm.db'}")
        with db.connection_context():
            made, until = enqueue("housekeeping"), time.monotonic() + START
            while Job.get_by_id(made.id).state != "done" and time.monotonic() < until:
                time.sleep(0.1)
            assert Job.get_by_id(made.id).state == "done"


def test_web_and_worker_as_two_processes(served, start):
    web = start(served, "serve", "--no-jobs")
    assert health(served, "degraded") == {"state": "degraded", "database": True, "worker": False}
    assert "nobody works on jobs" in served.run("doctor").stdout
    worker = start(served, "work")
    assert health(served, "ok")["worker"] is True
    assert end(worker)[0] == 0 and is_running(served.var)
    assert end(web, signal.SIGINT)[0] == 0 and not is_running(served.var)


def no_start(portal):
    """The words of a server that could not start."""
    process = portal.process("serve")
    _, words = process.communicate(timeout=30)
    assert process.returncode == 1 and words.count("\n") == 1
    return words.strip()


def test_a_port_that_is_taken_is_one_line(served):
    with socket.create_server(("127.0.0.1", int(served.env["PRM_PORT"]))):
        said = no_start(served)
    assert said == f"Error: Port {served.env['PRM_PORT']} on 127.0.0.1: Address already in use. Set PRM_PORT."
    assert not is_running(served.var)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_of_another_machine_is_one_line(served, host):
    served.env["PRM_HOST"] = host
    assert host in no_start(served)


def test_a_killed_server_leaves_nothing_that_hinders_the_next(served, start):
    first = start(served, "serve")
    first.kill()
    first.wait()
    assert not is_running(served.var)
    start(served, "serve")
    assert get(served, "/health")[0] == 200


def test_a_backup_of_a_running_portal_needs_no_pause(served, start, tmp_path):
    start(served, "serve")
    assert "rows" in served.done("backup", tmp_path / "all.tar")
    assert "running" in served.refused("restore", tmp_path / "all.tar")
    served.done("restore", tmp_path / "all.tar", "--replace")
    assert get(served, "/")[0] == 200
