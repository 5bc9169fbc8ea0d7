"""The surveys' work for later: waves at their time, reminders, repetition; what waits in the box of an anonymous survey."""
from __future__ import annotations

from prm.core import clock
from prm.core.jobs import Job, job
from prm.models import Organisation, Survey, SurveyAction, Wave
from prm.surveys import mixing, sending
from prm.surveys.acting import tell


@job("surveys.send", long=True)
def send(job: Job) -> dict:
    """A wave whose time has come, or that is too large for a request."""
    wave = Wave.get_or_none(Wave.id == job.facts["wave"])
    if wave is None or wave.sent_at is not None or (wave.send_at and wave.send_at > clock.now()):
        return {"asked": 0}
    return _remembered(lambda: {"asked": sending.ask(wave, clock.now(), job.report)})


@job("surveys.look")
def look(_job: Job) -> dict:
    """Everything that is due: also what a job that broke off has left."""
    return _remembered(_look)


def _look() -> dict:
    now = clock.now()
    asked = sum(sending.ask(wave, now) for wave in Wave.select().where(Wave.sent_at.is_null() & (Wave.send_at <= now)))
    again = sum(sending.repeat(wave, now) is not None for wave in Wave.select().where(Wave.next_at <= now))
    open_waves = Wave.select().join(Survey).where((Survey.state == "open") & Survey.deleted_at.is_null() & (Wave.remind_times > 0) & Wave.sent_at.is_null(False))
    reminded = sum(sending.remind(wave, now) for wave in open_waves)
    for wave in Wave.select().where(Wave.closes_at <= now):
        mixing.mix(wave, all=True)
    return {"asked": asked, "again": again, "reminded": reminded}


@job("surveys.tell", long=True)
def tell_back(job: Job) -> dict:
    """One line back to all who were asked, about what became of it."""
    action = SurveyAction.get_or_none(SurveyAction.id == job.facts["action"])
    return _remembered(lambda: {"told": tell(action, job.report)}) if action else {"told": 0}


def _remembered(run):
    token = Organisation.remember()
    try:
        return run()
    finally:
        Organisation.forget(token)


__all__ = ["look", "mixing", "send", "tell_back"]
