"""The periods with results: open or closed, how many partners have a score, and the work under way."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import fn

from prm.access import rows
from prm.core.jobs import Job, enqueue, job
from prm.core.periods import Period, parse_period
from prm.kpis import refreshing
from prm.models import ClosedPeriod, Organisation, Person, Scorecard

KINDS = ("kpis.compute", "kpis.recompute")


@dataclass(frozen=True)
class Line:
    period: Period
    closed: bool
    partners: int
    published: int


def all_periods(viewer) -> list[Line]:
    """Newest first, longer ones after shorter ones."""
    here = Organisation.current()
    closed = set(ClosedPeriod.select(ClosedPeriod.key).scalars())
    found = (
        rows.visible(Scorecard, viewer, Scorecard.period, fn.COUNT(Scorecard.id), fn.COUNT(Scorecard.published_at))
        .group_by(Scorecard.period)
        .tuples()
    )
    lines = [Line(parse_period(key, here.fiscal_month), key in closed, n, published) for key, n, published in found]
    return sorted(lines, key=lambda line: (line.period.length != here.period_length, -line.period.start.toordinal()))


def watched() -> Job | None:
    """The computing under way, to show how far it is."""
    idle = Job.done_at.is_null() & Job.failed_at.is_null()
    return Job.select().where(Job.kind.in_(KINDS) & idle).order_by(Job.id.desc()).first()


def recompute_later(viewer, period: Period) -> Job:
    return enqueue("kpis.recompute", key=period.key, person=viewer, period=period.key)


@job("kpis.recompute", attempts=2, long=True)
def recompute_job(found: Job) -> dict:
    period = parse_period(found.facts["period"], Organisation.current().fiscal_month)
    viewer = Person.get_by_id(found.person_id)
    changed = refreshing.compute_period(viewer, period, lambda at, of, what: found.report(at, of, what))
    return {"results": len(changed)}
