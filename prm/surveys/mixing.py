"""The box of an anonymous survey: what was handed in becomes answers together with others, in a random order, so that
neither a row's place nor its time tells whose it is, and nobody can watch a total change as somebody answers.

Staff see who has answered. Were each answer counted at once, they could see what it was as well.
"""
from __future__ import annotations

from secrets import SystemRandom

from prm.core.db import db, is_sqlite
from prm.core.jobs import Job, enqueue, job
from prm.models import Answer, Ballot, Response, Survey, Wave
from prm.models.survey import ENOUGH
from prm.surveys.storing import questions_of, store

random = SystemRandom()


def mix(wave: Wave, *, all: bool = False) -> int:
    """Turn what waits in the box into responses, once there is enough, or `all` of it at the end; returns how many."""
    with db.atomic():
        waiting = list(Ballot.select().where(Ballot.wave == wave.id))
        if not waiting or (len(waiting) < ENOUGH and not all):
            return 0
        kept = _last(wave) if len(waiting) < ENOUGH else []
        known = questions_of(wave.survey_id)
        makers = [lambda each=each: _from(wave, each, known) for each in waiting] + [lambda each=each: _again(*each) for each in kept]
        random.shuffle(makers)
        for make in makers:
            make()
        Ballot.delete().where(Ballot.wave == wave.id).execute()
        enqueue("surveys.scrub", key="surveys.scrub")
    return len(waiting)


def _from(wave: Wave, ballot: Ballot, known: dict) -> None:
    store(wave, ballot.version, ballot.language, ballot.answers, known=known, sealed=True)


def _last(wave: Wave) -> list[tuple[Response, list[Answer]]]:
    """The few before them, taken out to be mixed with too few new ones."""
    found = list(Response.select().where((Response.wave == wave.id) & (Response.sealed == True)).order_by(Response.id.desc()).limit(ENOUGH))  # noqa: E712
    taken = [(each, list(Answer.select().where(Answer.response == each.id).order_by(Answer.id))) for each in found]
    Response.delete().where(Response.id.in_([each.id for each in found] or [0])).execute()
    return taken


def _again(response: Response, answers: list[Answer]) -> None:
    made = Response.create(**{k: v for k, v in response.__data__.items() if k != "id"})
    for each in answers:
        Answer.create(**{k: v for k, v in each.__data__.items() if k not in ("id", "response")} | {"response": made})


@job("surveys.scrub")
def scrub(_job: Job) -> None:
    """What was deleted from the box is not to be found in the files either: SQLite overwrites it (secure_delete) and the log
    of its changes is emptied, PostgreSQL throws dead rows away."""
    if is_sqlite():
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    connection = db.connection()
    before, connection.autocommit = connection.autocommit, True
    try:
        db.execute_sql("VACUUM ballot")
    finally:
        connection.autocommit = before


@job("surveys.mix")
def mix_what_waits(_job: Job) -> dict:
    """Whatever became of the jobs that should have done it."""
    mixed = 0
    for wave in Wave.select().where(Wave.id.in_(Ballot.select(Ballot.wave).distinct())):
        mixed += mix(wave, all=Survey.get_by_id(wave.survey_id).state == "closed")
    return {"mixed": mixed}


