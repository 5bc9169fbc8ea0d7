"""Surveys: fifty people handing in at once for a minute, a results page over a hundred thousand answers, and ten thousand
invitations queued in one transaction."""
from __future__ import annotations

import http.client
import resource
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread
from urllib.parse import urlencode

from benchmarks import rows, server
from benchmarks.figure import Figure

PEOPLE, SECONDS, ANSWERS, INVITED = 50, 60, 100_000, 10_000
CONTENT = {
    "title": "How are we doing?", "pages": [{"key": "p1", "questions": [
        {"code": "nps", "kind": "nps", "text": "Recommend?", "required": True}, {"code": "ease", "kind": "scale", "text": "Easy?"},
        {"code": "used", "kind": "choices", "text": "Used?", "choices": [{"code": f"c{at}", "text": f"Benefit {at}"} for at in range(6)]},
        {"code": "like", "kind": "matrix", "text": "Like?", "choices": [{"code": f"a{at}", "text": f"Step {at}"} for at in range(5)],
         "rows": [{"code": f"r{at}", "text": f"Line {at}"} for at in range(5)]},
        {"code": "why", "kind": "long_text", "text": "Why?"},
    ]}],
}  # fmt: skip
GIVEN = {"nps": 9, "ease": 4, "used": ["c1", "c2"], "like": {f"r{at}": f"a{at}" for at in range(5)}, "why": "Because it is so."}
SENT = [("page", "p1"), ("seen", "nps,ease,used,like,why"), ("do", "next"), ("q.nps", "9"), ("q.ease", "4"), ("q.used", "c1"), ("q.used", "c2"), ("q.why", "Because it is so.")]
SENT += [(f"q.like.r{at}", f"a{at}") for at in range(5)]
BODY = urlencode(SENT)


def measure(var: Path) -> list[Figure]:
    here = rows.portal(var, contacts=INVITED, deals=1000)
    queued, memory, keys = _queued(here)
    filled = _filled(here)
    portal = server.ours(var, here.cookie)
    try:
        portal.ask(f"/surveys/{filled}/results", 2)
        fresh = median(_timed(lambda: portal.ask(f"/surveys/{filled}/results"), lambda: _commit(var)) for _ in range(7))
        again = median(_timed(lambda: portal.ask(f"/surveys/{filled}/results")) for _ in range(7))
        times, wrong = _handed_in(portal.port, keys)
    finally:
        portal.stop()
    with closing(sqlite3.connect(var / "prm.db")) as file:
        counted = file.execute("SELECT count(*), count(DISTINCT invitation_id) FROM response WHERE survey_id != ?", (filled,)).fetchone()
        floor = median(_timed(lambda: file.execute("SELECT question_id, choice, number, count(*) FROM answer WHERE survey_id = ? GROUP BY 1, 2, 3", (filled,)).fetchall()) for _ in range(5))
    lost, doubled = len(times) - counted[1], counted[0] - counted[1]
    return [
        Figure(f"{PEOPLE} people handing in at once for {SECONDS} s: a second", None, len(times) / SECONDS, 50 * 0.98, "", True),
        Figure("of these, 95 % are answered within", None, sorted(times)[int(len(times) * 0.95)], 300, "ms"),
        Figure("lost, doubled, or answered with an error", None, abs(lost) + abs(doubled) + wrong, 0),
        Figure(f"results over {ANSWERS:,} answers, when something has changed since", floor, fresh, 500, "ms"),
        Figure("the same, when nothing has", None, again, 500, "ms"),
        Figure(f"{INVITED:,} invitations queued in one transaction", None, queued, 5, "s"),
        Figure("memory that grows meanwhile", None, memory, None, "MiB"),
    ]


def _queued(here) -> tuple[float, float, list[str]]:
    """Seconds, MiB, and the keys of all links."""
    from prm.core import clock
    from prm.core.db import db
    from prm.models import Contact, Organisation, Person, Wave
    from prm.surveys import sending, services, versions
    from prm.surveys.content import Content

    with here.app.app_context(), db.connection_context():
        token = Organisation.remember()
        admin = Person.get(Person.role == "admin")
        survey = versions.publish(admin, services.make(admin, Content.parse(CONTENT)))
        type(survey).update(state="open").execute()
        wave = Wave.create(survey=survey, number=1, label="Wave 1", recipients={"query": ""}, subject="For {name}", text="Hello {name},\n\n{link}\n\nBye", ask="nps", author=admin)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        asked = sending.ask(wave, clock.now())
        took = time.perf_counter() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        if asked < INVITED * 0.9:
            raise RuntimeError(f"only {asked} were asked")
        keys = [sending.key_of(wave, id) for id in Contact.select(Contact.id).scalars()]
        Organisation.forget(token)
    return took, grown, keys


def _filled(here) -> int:
    """A survey with so many answers that were given already."""
    from prm.core.db import db
    from prm.models import Organisation, Person, Survey, Wave
    from prm.surveys import services, storing, versions
    from prm.surveys.content import Content

    with here.app.app_context(), db.connection_context():
        token = Organisation.remember()
        admin = Person.get(Person.role == "admin")
        survey = versions.publish(admin, services.make(admin, Content.parse(CONTENT)))
        wave = Wave.create(survey=survey, number=1, how="file", label="Filled")
        content, known = Content.parse(survey.content), storing.questions_of(survey.id)
        each = len(storing.rows_of(content, GIVEN))
        with db.atomic():
            for at in range(ANSWERS // each):
                given = GIVEN | {"nps": at % 11, "ease": at % 5 + 1, "why": f"Because of {at}."}
                storing.store(wave, 1, "en", given, known=known, content=content)
        Organisation.forget(token)
    return Survey.get_by_id(survey.id).id


def _handed_in(port: int, keys: list[str]) -> tuple[list[float], int]:
    """Milliseconds of each that was taken, and how many answers were neither taken nor a clear no."""
    times: list[float] = []
    wrong: list[int] = []
    share = len(keys) // PEOPLE
    until = time.perf_counter() + SECONDS

    def person(mine: list[str], late: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for at, key in enumerate(mine):
            due = until - SECONDS + at + late  # one a second each, at a moment of their own: fifty a second together
            time.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= until:
                break
            begun = time.perf_counter()
            connection.request("POST", f"/s/{key}", BODY, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 303:
                times.append((time.perf_counter() - begun) * 1000)
            else:
                wrong.append(answer.status)

    chance = Random(7)  # the same moments in each run
    threads = [Thread(target=person, args=(keys[at * share : (at + 1) * share], chance.random())) for at in range(PEOPLE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return times, len(wrong)


def _timed(run, before=None) -> float:
    if before:
        before()
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000


def _commit(var: Path) -> None:
    with closing(sqlite3.connect(var / "prm.db", isolation_level=None)) as file:
        file.execute("UPDATE person SET version = version + 1 WHERE id = 1")
