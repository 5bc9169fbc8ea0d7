"""The mail run: a worker that is killed at random sends through a server that takes, puts off, refuses, hangs, or breaks
off after it has taken. Afterwards what the outbox says is held against what the server has.
"""
from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from playhouse.db_url import connect

from tests.reliability.process import Server, free_port

MODES = {"take": 50, "put off": 18, "refuse": 7, "hang": 5, "break": 12, "break before": 8}
FINAL = ("sent", "refused", "uncertain", "given_up")


class BadServer:
    """An SMTP server in a bad mood: another one with each mail."""

    def __init__(self, seed: int):
        self.chance, self.taken = random.Random(seed), Counter[str]()
        self.moods = Counter[str]()
        self.hangs = 3.0  # seconds; test_mail.py has the one that says nothing until we lose patience

    async def handle_DATA(self, server, session, envelope):
        mood = self.chance.choices(list(MODES), MODES.values())[0]
        self.moods[mood] += 1
        if mood == "hang":
            await asyncio.sleep(self.hangs)
        if mood in ("hang", "break before"):
            server.transport.abort()
        if mood == "put off":
            return "451 Come back later"
        if mood == "refuse":
            return "550 Nobody of that name"
        if mood in ("take", "break"):
            self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
        if mood == "break":
            server.transport.abort()
        return "250 Taken"


@dataclass
class Outcome:
    mails: int
    kills: int = 0
    seconds: float = 0
    states: Counter = field(default_factory=Counter)
    moods: Counter = field(default_factory=Counter)
    copies: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.mails} mails, {self.kills} kills of the worker in {self.seconds:.0f} s; the server: {dict(self.moods)}; "
            f"in the end {dict(self.states)}; copies taken of a mail: {dict(sorted(self.copies.items()))}; wrong: {len(self.wrong)}"
        )


def run(folder: Path, *, mails: int, kills: int, seconds: float, seed: int = 1) -> Outcome:
    outcome, box = Outcome(mails), BadServer(seed)
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    worker = Server(folder / "var", command="work", PRM_SMTP_URL=f"smtp://127.0.0.1:{controller.port}", PRM_MAIL_FROM="us@kestrel.example")
    try:
        worker.prepare(f"""
            from prm.core.mail import post
            for at in range({mails}):
                with db.atomic():
                    post(f"p{{at}}@acme.example", f"Mail {{at}}", "Hello")
        """)
        _work(worker, box, outcome, kills, seconds, random.Random(seed))
        _judge(worker, box, outcome)
    finally:
        worker.kill()
        controller.stop()
    return outcome


def _work(worker: Server, box: BadServer, outcome: Outcome, kills: int, seconds: float, chance: random.Random) -> None:
    """Until every mail has come to an end. Pauses between tries are passed over: it is later at once."""
    begun, over = time.monotonic(), threading.Event()
    clock = threading.Thread(target=_later, args=(worker, over), daemon=True)
    clock.start()
    try:
        while _open(worker) and time.monotonic() - begun < seconds:
            worker.start()
            _await_progress(worker, chance)
            if outcome.kills == kills:
                box.hangs = 0.1  # nobody is left to be killed meanwhile
            while outcome.kills == kills and _open(worker) and time.monotonic() - begun < seconds:
                time.sleep(0.1)
            worker.kill()
            outcome.kills += outcome.kills < kills
    finally:
        over.set()
        clock.join()
    outcome.seconds = time.monotonic() - begun


def _await_progress(worker: Server, chance: random.Random) -> None:
    """A worker that is killed before it did anything proves nothing."""
    before, until = _ask(worker, "SELECT sum(attempts) FROM mail"), time.monotonic() + 30
    while _ask(worker, "SELECT sum(attempts) FROM mail") == before and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 1))


def _later(worker: Server, over: threading.Event) -> None:
    while not over.wait(0.3):
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        _ask(worker, f"UPDATE job SET run_at = '{now}' WHERE run_at > '{now}' AND done_at IS NULL AND kind = 'mail.send'")


def _ask(worker: Server, sql: str) -> list[tuple]:
    database = connect(f"sqlite:///{worker.var / 'prm.db'}", timeout=10)
    try:
        return database.execute_sql(sql).fetchall()
    finally:
        database.close()


def _open(worker: Server) -> int:
    return _ask(worker, f"SELECT count(*) FROM mail WHERE state NOT IN {FINAL}")[0][0]


def _judge(worker: Server, box: BadServer, outcome: Outcome) -> None:
    """Nothing lost silently, at most one extra copy, and a person sees what nobody can know."""
    outcome.moods = box.moods
    for to, id, state, words in _ask(worker, 'SELECT "to", message_id, state, server_words FROM mail'):
        copies = box.taken[id]
        outcome.states[state] += 1
        outcome.copies[copies] += 1
        lost = state == "sent" and copies == 0
        silent = state in ("refused", "uncertain", "given_up") and not words
        if state not in FINAL or copies > 2 or lost or silent:
            outcome.wrong.append(f"{to} is {state} ({words!r}), taken {copies} times")
    unknown = set(box.taken) - {id for (id,) in _ask(worker, "SELECT message_id FROM mail")}
    outcome.wrong += [f"{id} is no mail of ours" for id in unknown]
    if "Traceback" in (log := worker.log.read_text()):
        outcome.wrong.append(f"the log has a traceback: …{log[log.index('Traceback'):][-1500:]}")
