"""A server that is killed again and again loses nothing it has acknowledged, and does nothing twice."""
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing

from tests import proof
from tests.reliability.acting import DONE
from tests.reliability.killing import run
from tests.reliability.process import Server
from tests.reliability.web import Browser, filled


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path):
    outcome = run(tmp_path, seconds=proof.seconds(5), kills=5, slowest=20)
    proof.tell(outcome)
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert outcome.kills >= 5 and outcome.ledger.silences >= 5
    assert outcome.ledger.said.count(DONE) >= 12


def test_an_import_that_is_killed_in_the_middle_is_stored_whole_once(tmp_path):
    """After each kill there is nothing of it, or all of it; in the end all of it, and nothing twice."""
    rows, kills = (20_000, 30) if proof.SECONDS else (6000, 3)
    server, chance = Server(tmp_path / "var"), random.Random(2)
    server.prepare("""
        from prm.models import Partner
        Partner.create(number="P1", name="Acme")
    """)
    server.start()
    try:
        browser = Browser(server.port)
        browser.sign_in()
        page = _uploaded(browser, rows)
        _wait(server, "checked")
        _store(browser, page)
        seen = [_stored(server)]
        for kill in range(kills):
            _wait_for_work(server, browser, page)
            time.sleep(chance.uniform(0, 0.4) if kill else 0.1)
            server.kill()
            seen.append(_stored(server))
            server.start()
        _wait_for_work(server, browser, page)
        _wait(server, "done")
        seen.append(_stored(server))
    finally:
        server.kill()
    proof.tell(f"an import of {rows} rows, {kills} kills: {Counter(seen)} stored, distinct")
    assert set(seen) <= {(0, 0), (rows, rows)}
    assert seen[:2] == [(0, 0), (0, 0)], "the first kill has to hit it in the middle"
    assert seen[-1] == (rows, rows)


def _uploaded(browser: Browser, rows: int) -> str:
    """Deals without numbers: nothing but the import itself keeps a second one away."""
    sheet = "Title,Partner,Amount,Closed,Stage\n" + "".join(f"Deal {at},P1,10,2026-05-01,Won\n" for at in range(rows))
    answer = browser.upload("/import/new", filled(browser.form("/import/new"), object="deal"), "many.csv", sheet.encode())
    assert answer.status == 303, answer.text
    return answer.location


def _store(browser: Browser, page: str) -> None:
    assert browser.post(f"{page}/commit", filled(browser.form(page, f"{page}/commit"))).status == 303


def _stored(server: Server) -> tuple[int, int]:
    with closing(sqlite3.connect(server.var / "prm.db")) as database:
        return database.execute("SELECT count(*), count(DISTINCT title) FROM deal").fetchone()


def _wait_for_work(server: Server, browser: Browser, page: str) -> None:
    """Until a worker stores it, or has done so. After a dozen deaths it is given up: the page says so, and has the button
    again."""
    until = time.monotonic() + 60
    newest = "SELECT failed_at, lease_until IS NOT NULL OR done_at IS NOT NULL FROM job WHERE kind = 'import.commit' ORDER BY id DESC"
    with closing(sqlite3.connect(server.var / "prm.db", timeout=20)) as database:
        while not (found := database.execute(newest).fetchone())[1]:
            if found[0]:
                _store(browser, page)
            assert time.monotonic() < until, "nobody took it"
            time.sleep(0.005)


def _wait(server: Server, *states: str) -> None:
    until = time.monotonic() + 60
    with closing(sqlite3.connect(server.var / "prm.db", timeout=20)) as database:
        while database.execute("SELECT state FROM import").fetchone()[0] not in states:
            assert time.monotonic() < until, f"it never was {states}"
            time.sleep(0.02)
